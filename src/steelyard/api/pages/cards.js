// What one item looks like in a list and on its own, and why it is there.

import { el, marked, pictureAddress, unmarked } from "./dom.js";
import { money, nice } from "./format.js";
import { glyph, toneOf } from "./glyphs.js";
import { doneWith, state } from "./state.js";
import { language, t } from "./words.js";

/** A picture of the item, or a drawing of what kind of thing it is, on a colour that is always the same for its category. */
export function picture(item) {
  const category = item.category || [];
  const frame = el("span", { class: `picture tone-${toneOf(category, item.title)}`, "aria-hidden": "true" }, glyph(category, item.title));
  const address = pictureAddress(item.image, { base: state.shop.pictures, sources: state.shop.picture_sources });
  if (address) {
    const image = el("img", { alt: "", loading: "lazy", decoding: "async", referrerpolicy: "no-referrer", on: { error: () => image.remove() } });
    frame.append(image);
    image.src = address;
  }
  return frame;
}

export function price(item) {
  if (item.price === null || item.price === undefined) return el("span", { class: "price unknown", title: t("price_unknown"), "aria-label": t("price_unknown"), text: "–" });
  return el("span", { class: "price", text: money(item.price, state.shop.currency) });
}

/** Why an item is shown, as one sentence; empty when the server gave no reason. */
export function reasonSentence(item, surface) {
  const reason = (item.reasons || [])[0];
  if (!reason) return "";
  const title = nice(reason.title || "");
  const done = reason.item_id ? doneWith(reason.item_id) : "";
  if (surface === "bought_with" || surface === "similar") return "";  // the shelf's heading says it
  if (reason.text) return language() === "zh" ? reason.text_zh || reason.text : reason.text;
  if (reason.kind === "popular") return t("popular_now");
  if (reason.kind === "matches_words") {
    const quoted = (reason.words || []).join(language() === "zh" ? "、" : ", ");
    const isSeen = (reason.words || []).every((word) => `${item.title} ${item.brand}`.toLowerCase().includes(word.toLowerCase()));
    return quoted && !isSeen ? t("matches", { words: quoted }) : "";
  }
  if (reason.kind === "item_number") return t("item_number", { id: (reason.words || [])[0] || item.id });
  if (reason.kind === "bought_before") return t("bought_before");
  if (reason.kind === "like_what_you_looked_at") return t("like_looked_at", { title });
  if (reason.kind === "similar_meaning") return t("meaning");
  if (reason.kind === "similar_content") return surface === "similar" ? "" : title ? t("like_item", { title }) : t("content");
  if (reason.kind === "bought_together") return title ? t(done ? `because_${done}` : "because", { title }) : t("taste_plain");
  return title ? t(done === "purchase" ? "taste_purchase" : "taste", { title }) : t("taste_plain");
}

/** Words of the query that led to the item. */
export const matchedWords = (item) => (item.reasons || []).flatMap((reason) => reason.words || []);

/** One item of a list. `act(kind, item)` is called for the buttons. */
export function card(item, { surface, act, isNew = false, query = "" }) {
  const words = surface === "search" ? [...new Set([...matchedWords(item), ...query.split(/\s+/)])] : [];
  const sentence = reasonSentence(item, surface);
  const category = nice((item.category || []).at(-1) || "");
  const detail = [item.brand, category].filter(Boolean).join(" · ");
  const title = nice(item.title);
  const n = (item.options || []).length;
  return el("li", { class: isNew ? "card is-new" : "card", data: { item: item.id } },
    el("a", { class: "card-link", href: `#item=${encodeURIComponent(item.id)}` },
      picture(item),
      isNew ? el("span", { class: "badge", text: t("new_badge") }) : null,
      el("span", { class: "title" }, item.highlight ? unmarked(item.highlight, nice, item.title) : marked(title, words))),
    el("span", { class: "detail" }, marked(detail, words)),
    n > 1 ? el("span", { class: "sizes", text: t("n_sizes", { n }) }) : null,
    sentence ? el("span", { class: "reason", text: sentence }) : null,
    el("span", { class: "card-foot" },
      price(item),
      el("button", { type: "button", class: "small", "aria-label": `${t("add_to_cart")}: ${title}`, text: t("add_to_cart"), on: { click: () => act("add_to_cart", item) } })));
}

export const skeletons = (n) => el("ul", { class: "grid", "aria-hidden": "true" }, Array.from({ length: n }, () => el("li", { class: "card skeleton" }, el("span", { class: "picture" }), el("span", { class: "line" }), el("span", { class: "line short" }))));
