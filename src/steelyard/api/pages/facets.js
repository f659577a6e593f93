// Filters: the column of facets (on a phone a sheet), and what is filtered by now as chips that can be taken off.

import { by, el, put } from "./dom.js";
import { money, nice } from "./format.js";
import { state } from "./state.js";
import { t } from "./words.js";

const N_FIRST = 7;
const N_OPEN = 4;
const SIZE = /^(?:\d{0,1}x{0,4}[sml]|\d+(?:[.,]\d+)?(?:\s?\p{L}{1,3})?)$/iu;
const opened = new Set();
/** Facets that the shopper opened or closed. */
const folds = new Map();

const bare = (field) => field.replace(/^attributes\./, "");
const title = (field) => (field === "category" || field === "brand" || field === "price" ? t(`field_${field}`) : capital(nice(bare(field))));
const capital = (text) => text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
/** An amount without the cents where there are none. */
const amount = (value) => money(value, state.shop.currency).replace(/\.00(?!\d)/, "");
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const leaf = (path) => nice(path.split(" > ").at(-1));

/** A range of prices in words. */
function rangeWords({ min = null, max = null, below = null }) {
  const most = max ?? below;
  if (min === null) return t("price_under", { to: amount(most) });
  return most === null ? t("price_from", { from: amount(min) }) : t("price_between", { from: amount(min), to: amount(most) });
}

const words = (field, value) => (typeof value === "object" ? rangeWords(value) : field === "category" ? leaf(value) : field === "brand" ? value : nice(String(value)));

/** The filters with one value of a field put in or taken out. */
function toggled(filters, field, value) {
  const before = filters[field] || [];
  const has = before.some((each) => same(each, value));
  const after = has ? before.filter((each) => !same(each, value)) : field === "category" ? [value] : [...before, value];
  return withValues(filters, field, after);
}

const withValues = (filters, field, values) => Object.fromEntries([...Object.entries(filters).filter(([name]) => name !== field), ...(values.length ? [[field, values]] : [])]);

/** What is filtered by, each with its way off. */
export function drawActive(filters, change) {
  const chips = Object.entries(filters).flatMap(([field, values]) => values.map((value) => {
    const text = words(field, value);
    return el("button", { type: "button", class: "chip", "aria-label": t("remove_filter", { what: `${title(field)}: ${text}` }), on: { click: () => change(toggled(filters, field, value)) } },
      field === "category" || field === "brand" || field === "price" ? null : el("span", { class: "count", text: `${title(field)} ` }), text, el("span", { class: "cross", "aria-hidden": "true", text: "✕" }));
  }));
  const all = chips.length > 1 ? el("button", { type: "button", class: "plain small", text: t("clear_filters"), on: { click: () => change({}) } }) : null;
  put(by("active"), chips, all);
}

/** The facets into a node. `change(filters)` is called when something is chosen. */
export function drawFacets(node, { facets, all }, filters, change) {
  const focused = node.contains(document.activeElement) ? document.activeElement.id : "";
  const useful = facets.filter((facet) => filters[facet.field] || facet.ranges.length || facet.values.some(({ n }) => n < all));
  put(node, useful.map((facet, at) => el("details", { class: "facet", data: { field: facet.field }, open: folds.get(facet.field) ?? (at < N_OPEN || Boolean(filters[facet.field])) },
    el("summary", { text: title(facet.field), on: { click: (event) => folds.set(facet.field, !event.target.closest("details").open) } }),
    facet.field === "price" ? priceFacet(node, facet, filters, change) : valueFacet(node, facet, filters, change))));
  if (focused) document.getElementById(focused)?.focus();
}

function choice(node, facet, { key, text, n, isChosen, depth = 0, pick }) {
  const id = `${node.id}-${facet.field}-${key}`;
  const box = el("input", { type: "checkbox", id, checked: isChosen, on: { change: pick } });
  return el("li", { class: depth ? `depth-${Math.min(depth, 4)}` : null }, el("label", { class: "choice", for: id }, box, el("span", { class: "choice-text", text }), el("span", { class: "count", text: new Intl.NumberFormat().format(n) })));
}

function valueFacet(node, facet, filters, change) {
  const isPath = facet.field === "category";
  const values = isPath ? inTree(facet.values) : inOrder(facet.values);
  const isLong = values.length > N_FIRST + 2;
  const shown = isLong && !opened.has(facet.field) ? values.slice(0, N_FIRST) : values;
  const rows = shown.map(({ value, n, is_chosen: isChosen }) => choice(node, facet, {
    key: value, n, isChosen, depth: isPath ? value.split(" > ").length - 1 : 0, text: words(facet.field, value), pick: () => change(toggled(filters, facet.field, isChosen ? chosenAs(filters, facet.field, value) : value)),
  }));
  const more = () => { opened[opened.has(facet.field) ? "delete" : "add"](facet.field); drawFacets(node, node.found, node.filters, change); };
  return [el("ul", { class: "choices" }, rows), isLong ? el("button", { type: "button", class: "plain small", text: opened.has(facet.field) ? t("show_fewer") : t("show_all", { n: values.length }), on: { click: more } }) : null];
}

/** The value as the filter has it, which may differ from the catalogue's in capitals. */
const chosenAs = (filters, field, value) => (filters[field] || []).find((each) => typeof each === "string" && each.toLowerCase() === value.toLowerCase()) ?? value;

/** Sizes from the smallest on; of everything else what is chosen first, then what most results have. */
function inOrder(values) {
  if (values.length > 1 && values.every(({ value }) => SIZE.test(value))) return [...values].sort((a, b) => sizeOf(a.value) - sizeOf(b.value));
  return [...values].sort((a, b) => b.is_chosen - a.is_chosen);
}

/** S before M before XL, 9 before 10. */
function sizeOf(value) {
  const [, times, x, end] = value.match(/^(\d?)(x*)([sml])$/i) || [];
  if (!end) return parseFloat(value.replace(",", "."));
  const n = Number(times) || x.length;
  return { s: -n, m: 1, l: 2 + n }[end.toLowerCase()] - 100;
}

/** Categories, each below the one that holds it, the fullest first. */
function inTree(values) {
  const below = (parent) => values.filter(({ value }) => value.split(" > ").slice(0, -1).join(" > ") === parent).flatMap((each) => [each, ...below(each.value)]);
  return below("");
}

function priceFacet(node, facet, filters, change) {
  const chosen = filters.price || [];
  const rows = facet.ranges.map(({ min, below, n }) => {
    const range = { ...(min === null ? {} : { min }), ...(below === null ? {} : { below }) };
    return choice(node, facet, { key: `${min}-${below}`, n, text: rangeWords(range), isChosen: chosen.some((each) => same(each, range)), pick: () => change(toggled(filters, "price", range)) });
  });
  const field = (name, value) => el("input", { type: "number", name, min: "0", step: "any", inputmode: "decimal", "aria-label": t(`price_${name}`), placeholder: value === null ? "" : String(name === "least" ? Math.floor(value) : Math.ceil(value)) });
  const form = el("form", { class: "bounds", on: { submit: (event) => {
    event.preventDefault();
    const [least, most] = ["least", "most"].map((name) => form.elements[name].value);
    const range = { ...(least === "" ? {} : { min: Number(least) }), ...(most === "" ? {} : { max: Number(most) }) };
    change(withValues(filters, "price", Object.keys(range).length ? [range] : []));
  } } }, field("least", facet.least), el("span", { "aria-hidden": "true", text: "–" }), field("most", facet.most), el("button", { class: "small", text: t("apply") }));
  return [el("ul", { class: "choices" }, rows), form];
}

/** The facets wherever they are seen: beside the list, and in the sheet while it is open. */
export function drawAllFacets(found, filters, change) {
  for (const node of [by("facets"), by("sheet-facets")]) {
    Object.assign(node, { found, filters });
    drawFacets(node, found, filters, change);
  }
}
