// The record of promises: what was said of each configuration before it was served, and what was measured then.

import { get } from "./api.js";
import { by, el, put } from "./dom.js";
import { cents, day, given, ms, percent, short, whole } from "./format.js";
import { setShopLanguage, switchLanguage, t, translate } from "./words.js";

const FIGURES = ["cpu", "p99", "machines"];
let shop = null;
let record = null;

/** A signed difference; nothing where one of the two is not known. */
function difference(share) {
  if (share === null || share === undefined) return "";
  return `${share > 0 ? "+" : share < 0 ? "−" : ""}${percent(Math.abs(share), 1)}`;
}

function summaryCard(figure) {
  const found = record.summary[figure];
  if (!found || !found.n) return el("div", { class: "box" }, el("h3", { text: t(`promised_${figure}`) }), el("p", { class: "quiet", text: t("promises_none_of_it") }));
  return el("div", { class: "box" }, el("h3", { text: t(`promised_${figure}`) }),
    el("p", { class: "within" }, el("strong", { text: t("n_of_n", { k: whole(found.n_within), n: whole(found.n) }) }), " ", t("within", { share: percent(found.tolerance, 0) })),
    el("p", { class: "quiet", text: t("how_far", { median: percent(found.median), largest: percent(found.largest) }) }));
}

/** A promised and a found figure, and how far apart they are; marked where that is more than the tolerance. */
function pair(figure, row, show) {
  const [promised, found, error] = [row[`${figure}_promised`] ?? row[`${figure}_promised_ms`], row[`${figure}_metered`] ?? row[`${figure}_measured_ms`], row[`${figure}_error`]];
  const isFar = error !== null && error !== undefined && Math.abs(error) > (record.summary[figure]?.tolerance ?? Infinity);
  const text = found === null || found === undefined ? `${show(promised)} → ${figure === "p99" && !row.is_valid ? t("too_busy", { share: percent(row.busy_share, 0) }) : t("unknown")}` : `${show(promised)} → ${show(found)}`;
  return el("td", { class: "num", data: { label: t(`promised_${figure}`) } }, el("span", { text }), el("span", { class: isFar ? "far" : "near", text: difference(error) }));
}

function line(row) {
  return el("tr", {},
    el("th", { scope: "row" }, row.configuration, el("span", { class: "quiet", text: t(`${row.surface}_surface`) })),
    el("td", { data: { label: t("checked_at") }, text: day(row.at) }),
    el("td", { class: "num", data: { label: t("asked_at") }, text: t("rps", { n: given(row.rate_rps, 1) }) }),
    el("td", { class: "num", data: { label: t("asked_errors") }, text: `${whole(row.requests)} / ${whole(row.errors)}` }),
    pair("cpu", row, (value) => (value === null || value === undefined ? t("unknown") : `${short(value)} ms`)),
    pair("p99", row, ms),
    pair("machines", row, (value) => (value === null || value === undefined ? t("no_price") : cents(value, record.currency))));
}

function draw() {
  document.title = t("promises_title", { name: shop?.name || "Steelyard" });
  const head = el("div", {}, el("h1", { text: t("promises_of", { name: shop?.name || "Steelyard" }) }), el("p", { class: "quiet", text: t("promises_says") }));
  if (!record.rows.length) {
    put(by("main"), head, el("div", { class: "notice" }, el("strong", { text: t("promises_none") }), el("p", { text: t("promises_none_do") })));
    return;
  }
  const names = ["promised_of", "checked_at", "asked_at", "asked_errors", ...FIGURES.map((figure) => `promised_${figure}`)];
  put(by("main"), head, el("div", { class: "promise-cards" }, FIGURES.map(summaryCard)),
    el("table", { class: "record" },
      el("thead", {}, el("tr", {}, names.map((name, at) => el("th", { scope: "col", class: at > 1 ? "num" : null, text: t(name) })))),
      el("tbody", {}, [...record.rows].reverse().map(line))),
    el("p", { class: "quiet marks", text: t("promises_marks") }));
}

async function start() {
  translate();
  switchLanguage(() => record && draw());
  try {
    [record, shop] = await Promise.all([get("/v1/promises"), get("/v1/shop")]);
  } catch (error) {
    const key = error.code === "unreachable" || error.code === "timeout" ? `e_${error.code}` : "e_refused";
    put(by("main"), el("div", { class: "notice trouble", role: "alert" }, el("strong", { text: t(key, { code: error.code }) }), el("p", { text: error.message || t(`${key}_do`) }), el("button", { type: "button", text: t("retry"), on: { click: () => location.reload() } })));
    return;
  }
  setShopLanguage(shop?.language);
  translate();
  draw();
}

start();
