// Bills: by stage as one bar, and line by line, each figure with the letter of where it comes from.

import { el, svg } from "./dom.js";
import { cents, day, money, number, percent } from "./format.js";
import { has, said, stage, t, unit } from "./words.js";

/** The letter of a kind of figure: measured, invoiced, quoted, assumed, derived. */
export function kindTag(kind, title = "") {
  if (!kind || !has(`k_${kind}`)) return el("span", { class: "tag none", title, text: "?" });
  const name = t(`k_${kind}`);
  return el("abbr", { class: `tag ${kind}`, title: title ? `${name}. ${title}` : name, text: t(`l_${kind}`) });
}

export function kindLegend() {
  return el("ul", { class: "kinds" }, ["measured", "invoiced", "quoted", "assumed", "derived"].map((kind) => el("li", {}, kindTag(kind), t(`k_${kind}`))));
}

/** One bar of shares with a list beneath it. `parts`: `{key, name, share, cost}`; those under half a percent are listed only. */
export function sharesBar(parts, { label, of }) {
  const known = parts.filter((part) => part.share > 0).sort((a, b) => b.share - a.share);
  const bar = svg("svg", { class: "shares", viewBox: "0 0 1000 26", preserveAspectRatio: "none", role: "img", "aria-label": label });
  let at = 0;
  known.forEach((part, i) => {
    const width = part.share * 1000;
    bar.append(svg("rect", { class: of === "kind" ? `kind-${part.key}` : `step-${Math.min(i, 6)}`, x: at, y: 0, width: Math.max(width - (width > 6 ? 2 : 0), 0.5), height: 26 }, svg("title", { text: `${part.name} ${percent(part.share)}` })));
    at += width;
  });
  const list = el("ul", { class: "shares-list" }, known.map((part, i) => el("li", {},
    svg("svg", { width: 10, height: 10, "aria-hidden": "true" }, svg("rect", { class: of === "kind" ? `kind-${part.key}` : `step-${Math.min(i, 6)}`, width: 10, height: 10, rx: 2 })),
    el("span", { text: part.name }), part.cost ? el("span", { class: "figure", text: part.cost }) : null,
    el("span", { class: "figure quiet", text: part.share < 0.001 ? `< ${percent(0.001)}` : percent(part.share) }))));
  return el("div", { class: "shares-box" }, bar, list);
}

/** Sums of a bill's lines by stage; null where a line has no price. */
export function stageParts(lines, currency) {
  if (!lines.length || lines.some((line) => line.cost === null)) return null;
  const sums = new Map();
  for (const line of lines) sums.set(line.stage, (sums.get(line.stage) || 0) + Number(line.cost));
  const total = [...sums.values()].reduce((a, b) => a + b, 0);
  return total > 0 ? [...sums].map(([key, cost]) => ({ key, name: stage(key), share: cost / total, cost: cents(cost, currency) })) : null;
}

/** A bill, line by line. Sources are beneath each line once they are asked for. */
export function billTable(candidate, { currency, view, toggle }) {
  const { showSources, showAll } = view;
  if (!candidate.bill.length) return el("p", { class: "notice", text: t("no_bill") });
  const parts = stageParts(candidate.bill, currency);
  const head = el("tr", {}, [["b_stage"], ["b_item"], ["b_quantity", "num"], ["b_price", "num"], ["b_cost", "num"]].map(([key, kind]) => el("th", { scope: "col", class: kind, text: t(key) })));
  const lines = [...candidate.bill].sort((a, b) => Number(b.cost ?? Infinity) - Number(a.cost ?? Infinity));
  const small = smallLines(lines);
  const rows = lines.flatMap((line) => lineRows(line, { currency, isSmall: small.has(line) }));
  const total = el("tr", { class: "total" }, el("th", { scope: "row", colspan: 4, text: t("bill") }), el("td", { class: "num", text: cents(candidate.monthly, currency) }));
  return el("div", { class: "bill" },
    candidate.unpriced.length ? el("p", { class: "notice", text: t("missing_prices", { names: said(candidate, "unpriced").join(", ") }) }) : null,
    parts ? sharesBar(parts, { label: t("by_stage"), of: "stage" }) : null,
    el("div", { class: "bill-tools" }, kindLegend(), el("button", { type: "button", class: "small no-print", "aria-expanded": String(showSources), text: t(showSources ? "hide_sources" : "show_sources"), on: { click: () => toggle("showSources", ".bill-tools button") } })),
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("bill") }, el("table", { class: ["lines", showSources ? "with-sources" : "", showAll ? "with-all" : ""].join(" ") }, el("thead", {}, head), el("tbody", {}, rows), moreRow(small, { currency, showAll, toggle }), el("tfoot", {}, total))));
}

/** Lines that are less than a thousandth of the bill each, where there are several of them. */
function smallLines(lines) {
  const total = lines.reduce((sum, line) => sum + Number(line.cost ?? 0), 0);
  const found = lines.filter((line) => line.cost !== null && Number(line.cost) < total / 1000);
  return new Set(found.length > 2 ? found : []);
}

function moreRow(small, { currency, showAll, toggle }) {
  if (!small.size) return null;
  const cost = cents([...small].reduce((sum, line) => sum + Number(line.cost), 0), currency);
  const text = showAll ? t("fewer_lines") : t("more_lines", { n: small.size, cost });
  return el("tbody", { class: "no-print" }, el("tr", {}, el("td", { colspan: 5 }, el("button", { type: "button", class: "small more", "aria-expanded": String(showAll), text, on: { click: () => toggle("showAll", ".more") } }))));
}

function lineRows(line, { currency, isSmall }) {
  const source = line.unit_price === null ? t("why_no_price", { source: line.source }) : t("price_source", { source: line.source, day: day(line.as_of) });
  const quantity = said(line, "quantity_source");
  const first = el("tr", { class: isSmall ? "minor" : null },
    el("td", { text: stage(line.stage) }),
    el("td", {}, said(line, "item"), line.is_one_off ? el("span", { class: "quiet one-off", text: t("one_off") }) : null),
    el("td", { class: "num" }, quantityText(line.quantity), " ", el("span", { class: "quiet", text: unit(line.unit) }), " ", kindTag(line.quantity_kind, quantity || "")),
    el("td", { class: "num" }, line.unit_price === null ? t("no_price") : money(Number(line.unit_price).toPrecision(4), currency), " ", line.unit_price === null ? null : kindTag(line.kind, source)),
    el("td", { class: "num", text: cents(line.cost, currency) }));
  const second = el("tr", { class: isSmall ? "source minor" : "source" }, el("td"), el("td", { colspan: 4 }, source, quantity ? [el("br"), t("quantity_source", { source: quantity })] : null));
  return [first, second];
}

function quantityText(text) {
  const value = Number(text);
  if (!Number.isFinite(value)) return text;
  return Math.abs(value) >= 100 || Number.isInteger(value) ? number(value, Number.isInteger(value) ? 0 : 1) : String(Number(value.toPrecision(3)));
}
