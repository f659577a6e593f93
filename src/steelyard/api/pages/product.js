// One item: what is known of it, its sizes, similar items and what is bought with it.

import { get } from "./api.js";
import { card, picture, price } from "./cards.js";
import { by, el, put } from "./dom.js";
import { act, viewed } from "./events.js";
import { money, nice } from "./format.js";
import { footLine, troubleNotice } from "./notices.js";
import { noteAnswer, serves, shown, sizesOf, turn } from "./shown.js";
import { state } from "./state.js";
import { t } from "./words.js";

const K_SIMILAR = 8;

export async function product(id, { isOpened = false } = {}) {
  const mine = ++turn.product;
  const dialog = by("product");
  shown.product = id;
  put(dialog, closeButton(), el("h2", { id: "product-title", class: "quiet", text: t("loading") }));
  if (!dialog.open) dialog.showModal();
  try {
    const shelf = (name, path) => (serves(name) ? get(path, { item: id, k: K_SIMILAR }).catch((error) => error) : null);
    const [item, similar, together] = await Promise.all([get(`/v1/items/${encodeURIComponent(id)}`), shelf("similar", "/v1/similar"), shelf("bought_with", "/v1/bought-with")]);
    if (mine !== turn.product) return;
    for (const answer of [similar, together]) if (answer?.items) noteAnswer(answer);
    drawProduct(id, { ...item, id: item.item_id || id }, { similar, bought_with: together });
    if (isOpened) viewed(id);
  } catch (error) {
    if (mine === turn.product) put(dialog, closeButton(), el("h2", { id: "product-title", class: "hidden", text: id }), troubleNotice(error, () => product(id)));
  }
}

const closeButton = () => el("form", { method: "dialog", class: "close" }, el("button", { class: "plain", "aria-label": t("close"), text: "✕" }));

function drawProduct(id, item, shelves) {
  const stock = item.stock === null || item.stock === undefined ? null : item.stock > 0 ? t("in_stock", { n: item.stock }) : t("out_of_stock");
  const facts = Object.entries(item.attributes || {}).slice(0, 16);
  const buttons = ["add_to_cart"].map((kind) => el("button", { type: "button", class: "primary", text: t(kind), on: { click: () => act(kind, item) } }));
  put(by("product"), closeButton(),
    el("div", { class: "product" },
      picture(item),
      el("div", { class: "product-text" },
        el("p", { class: "quiet", text: (item.category || []).map(nice).join(" › ") }),
        el("h2", { id: "product-title", text: nice(item.title) }),
        item.brand ? el("p", { text: item.brand }) : null,
        el("p", { class: "product-price" }, price(item), stock ? el("span", { class: "quiet", text: stock }) : null),
        sizes(id),
        el("div", { class: "buttons" }, buttons),
        item.description ? el("p", { class: "description", text: item.description }) : null,
        facts.length ? el("dl", { class: "facts" }, facts.map(([name, value]) => [el("dt", { text: name }), el("dd", { text: value })])) : null,
        el("p", { class: "quiet", text: t("item_number", { id }) }))),
    itemShelf(id, shelves.similar, "similar"),
    itemShelf(id, shelves.bought_with, "bought_with"));
  by("product").scrollTop = 0;
}

/** Sizes of the product as links, the one shown marked. */
function sizes(id) {
  const options = sizesOf.get(id) || [];
  if (options.length < 2) return null;
  return el("div", { class: "chips sizes-choice", role: "group", "aria-label": t("sizes") }, options.map((option) => el("a", {
    class: "chip", href: `#item=${encodeURIComponent(option.id)}`, "aria-current": option.id === id ? "true" : null,
  }, nice(option.size) || t("size_plain"), el("span", { class: "count", text: option.price === null ? "" : ` ${money(option.price, state.shop.currency)}` }))));
}

function itemShelf(id, answer, name) {
  if (answer === null) return null;
  const head = el("h3", { text: t(`${name}_items`) });
  if (answer instanceof Error) return [head, troubleNotice(answer, () => product(id))];
  if (!answer.items.length || answer.degraded) return name === "similar" ? [head, el("p", { class: "quiet", text: t("similar_none") })] : null;
  const foot = el("p", { class: "foot" });
  footLine(foot, answer, name);
  return [head, el("ul", { class: "grid" }, answer.items.map((each) => card(each, { surface: name, act }))), foot];
}
