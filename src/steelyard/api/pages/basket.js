// The basket: kept by the browser, so it needs no account. What goes in or is bought is told to the shop as an event.

import { get } from "./api.js";
import { card } from "./cards.js";
import { by, el, put } from "./dom.js";
import { money, nice } from "./format.js";
import { noteAnswer, serves } from "./shown.js";
import { read, state, write } from "./state.js";
import { t } from "./words.js";

const KEY = "steelyard.basket";
const MOST = 99;
const K_WITH = 6;

let lines = restored();
let act = () => {};
let drawn = 0;

function restored() {
  try {
    const found = JSON.parse(read(KEY) || "[]");
    return Array.isArray(found) ? found.filter((line) => typeof line.id === "string" && typeof line.title === "string" && line.n >= 1 && line.n <= MOST) : [];
  } catch {
    return [];
  }
}

const count = () => lines.reduce((sum, line) => sum + line.n, 0);
const lineOf = (id) => lines.find((line) => line.id === id);
export const inBasket = (id) => lineOf(id)?.n || 0;

/** Sum of what has a price, in whole units of a ten-thousandth: no rounding error, however long the basket. */
export function total(found = lines) {
  const known = found.filter((line) => line.price !== null && line.price !== undefined);
  const sum = known.reduce((all, line) => all + BigInt(Math.round(Number(line.price) * 10000)) * BigInt(line.n), 0n);
  return { amount: Number(sum) / 10000, isWhole: known.length === found.length, isKnown: known.length > 0 };
}

function set(changed) {
  lines = changed;
  write(KEY, JSON.stringify(lines));
  draw();
}

function drawCount() {
  by("basket-count").textContent = count() ? String(count()) : "";
  by("open-basket").setAttribute("aria-label", t("basket_n", { n: count() }));
}

/** Puts one more in; the caller tells the shop. Gives the way back. */
export function putIn(item) {
  const before = lines;
  const line = lineOf(item.id);
  if (line) set(lines.map((each) => (each === line ? { ...each, n: Math.min(each.n + 1, MOST) } : each)));
  else set([...lines, { id: item.id, title: item.title, price: item.price ?? null, n: 1 }]);
  return () => set(before);
}

function change(id, n) {
  const before = lines;
  set(n < 1 ? lines.filter((line) => line.id !== id) : lines.map((line) => (line.id === id ? { ...line, n: Math.min(n, MOST) } : line)));
  if (n < 1) act.say(t("taken_out", { title: nice(before.find((line) => line.id === id).title) }), { undo: () => set(before) });
}

async function buy() {
  const bought = lines;
  if (await act.buy(bought)) {
    set([]);
    by("basket").close();
  }
}

function row(line) {
  const step = (by_, label, text) => el("button", { type: "button", class: "small step", "aria-label": `${label}: ${nice(line.title)}`, text, on: { click: () => change(line.id, line.n + by_) } });
  return el("li", {},
    el("a", { class: "basket-title", href: `#item=${encodeURIComponent(line.id)}`, text: nice(line.title), on: { click: () => by("basket").close() } }),
    el("span", { class: "steps" }, step(-1, t("one_less"), "−"), el("span", { class: "quantity", text: String(line.n) }), step(1, t("one_more"), "+")),
    el("span", { class: "price", text: line.price === null ? "–" : money(total([line]).amount, state.shop.currency) }),
    el("button", { type: "button", class: "plain small", "aria-label": `${t("take_out")}: ${nice(line.title)}`, text: t("take_out"), on: { click: () => change(line.id, 0) } }));
}

export function draw() {
  drawCount();
  const sum = total();
  const close = el("form", { method: "dialog", class: "close" }, el("button", { class: "plain", "aria-label": t("close"), text: "✕" }));
  const head = el("h2", { id: "basket-title", text: count() ? t("basket_n", { n: count() }) : t("basket") });
  if (!lines.length) {
    put(by("basket"), close, head, el("p", { class: "quiet", text: t("basket_empty") }));
    return;
  }
  put(by("basket"), close, head, el("ul", { class: "basket-lines" }, lines.map(row)),
    el("p", { class: "basket-total" }, el("span", { text: t(sum.isWhole ? "basket_total" : "basket_total_known") }), el("strong", { text: sum.isKnown ? money(sum.amount, state.shop.currency) : "–" })),
    el("div", { class: "buttons" }, el("button", { type: "button", class: "primary", text: t("purchase"), on: { click: buy } })),
    el("div", { id: "goes-with" }));
  goesWith();
}

/** What goes with all that is in the basket; nothing where the shop does not know, or is asked in vain. */
async function goesWith() {
  const mine = ++drawn;
  if (!by("basket").open || !serves("bought_with")) return;
  const answer = await get("/v1/bought-with", { basket: JSON.stringify(lines.map((line) => line.id)), k: K_WITH }).catch(() => null);
  if (mine !== drawn || !by("goes-with") || !answer || answer.degraded || !answer.items.length) return;
  noteAnswer(answer);
  const cards = answer.items.map((item) => card(item, { surface: "bought_with", act: act.act }));
  put(by("goes-with"), el("h3", { text: t("goes_with") }), el("ul", { class: "grid" }, cards));
}

/** `actions`: `act(kind, item)` is called for the buttons of the cards; `buy(lines)` tells the shop and gives whether it took it; `say(text, {undo})` tells the shopper. */
export function openBasketWith(actions) {
  act = actions;
  by("open-basket").addEventListener("click", () => { by("basket").showModal(); draw(); });
  draw();
}
