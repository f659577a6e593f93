// All configurations of a surface in one table: sorted by any column, a row opens its account.

import { el } from "./dom.js";
import { apart, cents, money, number, perMillion, percent } from "./format.js";
import { t } from "./words.js";

const ORDER = ["chosen", "feasible", "loses", "set_aside"];
const text = (value) => (value === null || value === undefined ? null : Number(value));

/** Columns: key of the words, value to sort by, content of the cell. */
function columns(surface, currency) {
  const small = (value) => (value === null || value === undefined ? t("no_price") : money(Number(value).toPrecision(3), currency));
  return [
    { key: "c_quality", value: (c) => c.quality.mean, show: quality },
    { key: "c_versus", value: (c) => c.share_of_reference, show: (c) => (c.name === surface.reference ? t("reference_mark") : el("span", { title: versus(c), text: percent(c.share_of_reference) })) },
    { key: "c_cpu", value: (c) => c.cpu_ms.mean, show: (c) => number(c.cpu_ms.mean, 2) },
    { key: "c_p99", value: (c) => c.p99_ms, show: (c) => (c.p99_ms === null ? "–" : `${c.p99_basis === "measured" ? "" : "~"}${number(c.p99_ms, 1)}${c.is_quiet ? "" : "*"}`) },
    { key: "c_rss", value: (c) => c.rss_mb, show: (c) => number(c.rss_mb, 0) },
    { key: "c_disk", value: (c) => c.disk_mb, show: (c) => number(c.disk_mb, c.disk_mb < 10 ? 1 : 0) },
    { key: "c_machines", value: (c) => c.replicas, show: (c) => (c.instance === null ? "–" : `${c.replicas} × ${c.instance.split("/").at(-1)}`) },
    { key: "c_monthly", value: (c) => text(c.monthly), show: (c) => cents(c.monthly, currency) },
    { key: "c_marginal", value: (c) => text(c.per_1000.marginal), show: (c) => small(perMillion(c.per_1000.marginal)) },
    { key: "c_capacity", value: (c) => text(c.per_1000.at_capacity), show: (c) => small(perMillion(c.per_1000.at_capacity)) },
    { key: "c_loaded", value: (c) => text(c.per_1000.fully_loaded), show: (c) => small(perMillion(c.per_1000.fully_loaded)) },
  ];
}

function quality(c) {
  const q = c.quality;
  if (q.mean === null) return t("unknown");
  const half = q.low === null || q.high === null ? "" : ` ±${number((q.high - q.low) / 2, 3)}`;
  return [number(q.mean, 4), el("span", { class: "quiet", text: half })];
}

function versus(c) {
  const d = c.versus_reference;
  return d && d.mean !== null ? `${number(d.mean, 4)} [${number(d.low, 4)}, ${number(d.high, 4)}]` : "";
}

/** Sorted copies; what is unknown comes last whichever way it is sorted. */
export function sorted(candidates, column, isDown) {
  const value = column === null ? (c) => ORDER.indexOf(c.verdict) : column.value;
  return candidates.map((c, i) => [c, i]).sort(([a, i], [b, j]) => {
    const x = value(a), y = value(b);
    if (x === null || y === null || x === undefined || y === undefined) return (x === null || x === undefined) - (y === null || y === undefined) || i - j;
    const order = typeof x === "string" ? x.localeCompare(y) : x - y;
    return (isDown ? -order : order) || i - j;
  }).map(([c]) => c);
}

/** The table. `view` holds `sort` (key of a column or null), `isDown`, `selected`. */
export function candidatesTable(surface, { currency, view, choose, sortBy }) {
  const shown = columns(surface, currency);
  const name = { key: "c_name", value: (c) => c.name };
  const verdict = { key: "c_verdict", value: (c) => ORDER.indexOf(c.verdict) };
  const all = [name, ...shown, verdict];
  const header = (column, extra = {}) => el("th", { scope: "col", ...extra, "aria-sort": view.sort === column.key ? (view.isDown ? "descending" : "ascending") : null },
    el("button", { type: "button", class: "sort", text: t(column.key), on: { click: () => sortBy(column.key) } }));
  const per = shown.length - 3;
  const head = el("thead", {},
    el("tr", {}, header(name, { rowspan: 2, class: "stuck" }), shown.slice(0, per).map((column) => header(column, { rowspan: 2, class: "num" })), el("th", { colspan: 3, scope: "colgroup", class: "group", text: t("c_per_million", { currency }) }), header(verdict, { rowspan: 2 })),
    el("tr", {}, shown.slice(per).map((column) => header(column, { class: "num" }))));
  const rows = sorted(surface.candidates, all.find((column) => column.key === view.sort) || null, view.isDown).map((c) => row(c, shown, { surface, view, choose }));
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("candidates") }, el("table", { class: "candidates" }, head, el("tbody", {}, rows)));
}

function row(c, shown, { surface, view, choose }) {
  const isSelected = view.selected === c.name;
  return el("tr", { class: [c.verdict, isSelected ? "selected" : ""].join(" ").trim(), data: { name: c.name }, on: { click: () => choose(c.name) } },
    el("th", { scope: "row", class: "stuck" }, el("button", { type: "button", class: "name", "aria-pressed": String(isSelected), text: c.name }), c.is_on_frontier ? el("span", { class: "front-mark", title: t("on_frontier"), "aria-label": t("on_frontier"), role: "img", text: "◢" }) : null),
    shown.map((column) => el("td", { class: "num" }, column.show(c))),
    el("td", {}, el("span", { class: `verdict ${c.verdict}`, text: t(`v_${c.verdict}`) }), shortReason(c)));
}

const SHOW = {
  quality: (x, digits) => number(x, digits + 1), quality_share: (x, digits) => percent(x, digits),
  p99: (x, digits) => `${number(x, digits)} ms`, memory: (x, digits) => `${number(x, digits)} GB`,
};

/** Why a configuration is out, as two figures: 98.7 % < 99 %. */
export function shortReason(c) {
  const worst = [...(c.violations || [])].sort((a, b) => (b.relative ?? 0) - (a.relative ?? 0))[0];
  if (!worst || c.verdict === "chosen" || c.verdict === "feasible" || !SHOW[worst.what]) return null;
  const [found, wanted] = apart(worst.found, worst.wanted, SHOW[worst.what]);
  return el("span", { class: "short-reason", text: `${found} ${worst.found < worst.wanted ? "<" : ">"} ${wanted}` });
}
