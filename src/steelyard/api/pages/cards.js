// What one item looks like in a list and on its own, and why it is there.

import { el, hash, marked, pictureAddress } from "./dom.js";
import { money } from "./format.js";
import { state } from "./state.js";
import { language, t } from "./words.js";

const TONES = 8;

/** A picture of the item, or its category's initial on a colour that is always the same for the category. */
export function picture(item) {
  const category = (item.category || []).at(-1) || item.brand || item.title || "?";
  const initial = (category.match(/[\p{L}\p{N}]/u) || ["?"])[0].toUpperCase();
  const frame = el("span", { class: `picture tone-${hash(category) % TONES}`, "aria-hidden": "true" }, el("span", { class: "initial", text: initial }));
  const address = pictureAddress(item.image);
  if (address) {
    const image = el("img", { alt: "", loading: "lazy", decoding: "async", referrerpolicy: "no-referrer", on: { error: () => image.remove() } });
    frame.append(image);
    image.src = address;
  }
  return frame;
}

export function price(item) {
  if (item.price === null || item.price === undefined) return el("span", { class: "price unknown", text: t("price_unknown") });
  return el("span", { class: "price", text: money(item.price, state.shop.currency) });
}

/** Why an item is shown, as one sentence; empty when the server gave no reason. */
export function reasonSentence(item, surface) {
  const reason = (item.reasons || [])[0];
  if (!reason) return "";
  const title = reason.title || "";
  if (reason.kind === "popular") return t("popular_now");
  if (reason.kind === "matches_words") {
    const quoted = (reason.words || []).join(language() === "zh" ? "、" : ", ");
    const isSeen = (reason.words || []).every((word) => `${item.title} ${item.brand}`.toLowerCase().includes(word.toLowerCase()));
    return quoted && !isSeen ? t("matches", { words: quoted }) : "";
  }
  if (reason.kind === "similar_meaning") return t("meaning");
  if (reason.kind === "similar_content") return title && surface !== "similar" ? t("like_item", { title }) : t("content");
  if (reason.kind === "bought_together") return title ? t(surface === "similar" ? "goes_with" : "because", { title }) : t("taste_plain");
  return title ? t("taste", { title }) : t("taste_plain");
}

/** Words of the query that led to the item. */
export const matchedWords = (item) => (item.reasons || []).flatMap((reason) => reason.words || []);

/** One item of a list. `act(kind, item)` is called for the buttons. */
export function card(item, { surface, act, isNew = false, query = "" }) {
  const words = surface === "search" ? [...new Set([...matchedWords(item), ...query.split(/\s+/)])] : [];
  const sentence = reasonSentence(item, surface);
  const category = (item.category || []).at(-1) || "";
  const detail = [item.brand, category].filter(Boolean).join(" · ");
  return el("li", { class: isNew ? "card is-new" : "card", data: { item: item.id } },
    el("a", { class: "card-link", href: `#item=${encodeURIComponent(item.id)}` },
      picture(item),
      isNew ? el("span", { class: "badge", text: t("new_badge") }) : null,
      el("span", { class: "title" }, marked(item.title, words))),
    el("span", { class: "detail" }, marked(detail, words)),
    sentence ? el("span", { class: "reason", text: sentence }) : null,
    el("span", { class: "card-foot" },
      price(item),
      el("button", { type: "button", class: "small", "aria-label": `${t("add_to_cart")}: ${item.title}`, text: t("add_to_cart"), on: { click: () => act("add_to_cart", item) } })));
}

export const skeletons = (n) => el("ul", { class: "grid", "aria-hidden": "true" }, Array.from({ length: n }, () => el("li", { class: "card skeleton" }, el("span", { class: "picture" }), el("span", { class: "line" }), el("span", { class: "line short" }))));
