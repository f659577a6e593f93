// The decision: for each surface what to run and why, the frontier, every configuration with its bill, and the check of the promise.

import { get } from "./api.js";
import { billTable, sharesBar } from "./bill.js";
import { chart } from "./chart.js";
import { by, el, put } from "./dom.js";
import { cents, day, given, money, ms, number, perMillion, percent, short, whole } from "./format.js";
import { drawLive } from "./live.js";
import { watch } from "./progress.js";
import { redrawRun, showRun } from "./run_bar.js";
import { candidatesTable } from "./table.js";
import { has, language, said, setShopLanguage, stage, switchLanguage, t, translate } from "./words.js";

let decision = null;
const views = new Map();

const currencyOf = () => decision.book?.currency || decision.shop?.currency || "USD";
const whatOf = (surface) => t(surface.surface === "search" ? "searches" : "recommendations");

function viewOf(surface) {
  if (!views.has(surface.surface)) views.set(surface.surface, { selected: surface.chosen || surface.candidates[0]?.name, sort: null, isDown: false, mode: "monthly", showSources: false, showAll: false });
  return views.get(surface.surface);
}

// ---- header

function floorWords(surface) {
  const { min_quality: value, min_quality_share: share } = surface.floor;
  const parts = [];
  if (share !== null && share !== undefined) {
    parts.push(surface.floor.is_of_best ? t("floor_best", { share: percent(share) }) : t("floor_share", { share: percent(share), name: surface.reference }));
  }
  if (value !== null && value !== undefined) parts.push(t("floor_value", { value: number(value, 3) }));
  return parts.length ? parts.join(t("and")) : t("floor_none");
}

const yearly = (monthly) => (monthly === null || monthly === undefined ? t("no_price") : cents(Number(monthly) * 12, currencyOf()));

/** What to do, in one sentence, and what it costs. */
function verdict(surface) {
  const chosen = surface.candidates.find((each) => each.name === surface.chosen);
  if (!chosen) return el("p", { class: "verdict-line", text: t("nothing_priced") });
  const cost = t("run_cost", { monthly: cents(chosen.monthly, currencyOf()), yearly: yearly(chosen.monthly), per: money(perMillion(chosen.per_1000.fully_loaded), currencyOf()), what: whatOf(surface) });
  if (!surface.is_feasible) return el("div", {}, el("p", { class: "verdict-line" }, el("strong", { class: "bad", text: t("nothing_keeps") }), " ", t("nearest_is", { name: chosen.name })), el("p", { text: said(surface, "why") }), el("p", { class: "cost-line", text: cost }));
  const n = surface.candidates.filter((each) => each.verdict === "chosen" || each.verdict === "feasible").length;
  const rest = t(n === 1 ? "run_only" : "run_rest", { n, floor: floorWords(surface), p99: `${given(surface.max_p99_ms)} ms`, rps: given(surface.peak_rps) });
  return el("div", {}, el("p", { class: "verdict-line" }, t("run"), " ", el("strong", { class: "chosen-name", text: chosen.name }), rest), el("p", { class: "cost-line", text: cost }));
}

function masthead() {
  const { shop, book, machine, total } = decision;
  const facts = [t("decided_on", { day: day(decision.made_at) }), t("prices_of", { book: book.name, day: day(book.as_of) })];
  if (machine.cpu_model) facts.push(t("measured_on", { cpu: machine.cpu_model }));
  return el("section", { class: "masthead" },
    el("div", {}, el("h1", { text: t("weighed_for", { name: shop.name || "Steelyard" }) }), el("p", { class: "quiet", text: facts.join(" · ") })),
    el("div", { class: "grand" }, el("span", { class: "quiet", text: t("all_surfaces") }),
      el("span", { class: "grand-figure", text: total.monthly === null ? t("no_total") : cents(total.monthly, currencyOf()) }), total.monthly === null ? null : el("span", { class: "quiet", text: t("a_month_a_year", { yearly: yearly(total.monthly) }) }),
      assumedLine(total)));
}

/** How much of the first figure nobody measured or was billed for. */
function assumedLine(total) {
  const text = said(total, "assumed_says");
  const share = total.assumed_share ?? total.shares_by_kind?.assumed;
  if (total.monthly === null || !share) return null;
  return el("span", { class: "quiet assumed-line", text: text ? t("sentence", { text }) : t("assumed_line", { share: percent(share, 0) }) });
}

// ---- a surface

function surfaceSection(surface) {
  const section = el("section", { class: "surface", id: surface.surface, tabindex: -1 });
  drawSurface(section, surface);
  return section;
}

function drawSurface(section, surface) {
  const view = viewOf(surface);
  const redraw = (focus) => {
    drawSurface(section, surface);
    if (focus) section.querySelector(focus)?.focus();
  };
  const choose = (name) => {
    view.selected = name;
    redraw();
    const detail = section.querySelector(".detail");
    detail.focus({ preventScroll: true });
    detail.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  };
  const sortBy = (key) => {
    view.isDown = view.sort === key ? !view.isDown : false;
    view.sort = key;
    const before = section.querySelector(".scroll")?.scrollLeft || 0;
    redraw("th[aria-sort] button");
    section.querySelector(".scroll").scrollLeft = before;
  };
  const setMode = (mode) => { view.mode = mode; redraw(".switch [aria-pressed=true]"); };
  const currency = currencyOf();
  const selected = surface.candidates.find((each) => each.name === view.selected);
  put(section,
    el("h2", {}, t(`${surface.surface}_surface`), el("span", { class: "quiet", text: t("metric", { metric: surface.metric, n: whole(surface.n_requests) }) }), surface.is_synthetic ? el("span", { class: "badge-synthetic", title: t("synthetic_says"), text: t("synthetic") }) : null, surface.judged_by ? el("span", { class: "quiet", text: t("graded_by", { name: surface.judged_by }) }) : null),
    verdict(surface), certainty(surface),
    el("div", { class: "balance" }, chart(surface, { currency, mode: view.mode, what: whatOf(surface), selected: view.selected, choose, setMode }), el("div", { class: "side" }, promise(surface), against(surface), threeWays())),
    el("div", { class: "table-head" }, el("h3", { text: t("candidates") }), el("p", { class: "quiet", text: t("candidates_hint", { n: surface.candidates.length }) })),
    candidatesTable(surface, { currency, view, choose, sortBy }),
    el("p", { class: "quiet marks", text: [t("predicted_mark"), surface.candidates.some((c) => !c.is_quiet) ? t("busy_mark") : null, `◢ ${t("on_frontier")}`].filter(Boolean).join(" · ") }),
    selected ? account(surface, selected, view, redraw) : null);
}

function promise(surface) {
  const p = surface.promise;
  const box = el("div", { class: "box" }, el("h3", { text: t("promise") }));
  const all = () => el("p", { class: "quiet no-print" }, el("a", { href: "/promises", text: t("all_promises") }));
  if (!p) return put(box, box.firstChild, el("p", { class: "quiet", text: t("no_promise") }));
  if (!p.is_valid) {
    box.append(el("p", {}, el("span", { class: "stamp warn", text: t("not_valid") })), el("p", { text: t("not_valid_do") }),
      el("p", { class: "quiet", text: [t("promised_only", { p99: ms(p.promised_p99_ms), limit: `${given(surface.max_p99_ms)} ms` }), p.note ? t("sentence", { text: said(p, "note").replace(/[.。]$/, "") }) : ""].join(" ") }), all());
    return box;
  }
  const state = !p.is_valid ? ["not_valid", "warn"] : p.is_kept ? ["kept", "good"] : ["broken", "bad"];
  const pair = (name, promised, found) => el("tr", {}, el("th", { scope: "row", text: name }), el("td", { class: "num", text: ms(promised) }), el("td", { class: "num", text: ms(found) }));
  box.append(el("p", {}, el("span", { class: `stamp ${state[1]}`, text: t(state[0]) })),
    el("table", { class: "pairs" }, el("thead", {}, el("tr", {}, el("td"), el("th", { scope: "col", class: "num", text: t("promised") }), el("th", { scope: "col", class: "num", text: t("measured") }))),
      el("tbody", {}, pair("p99", p.promised_p99_ms, p.measured_p99_ms), pair(t("cpu_each"), p.promised_cpu_ms, p.measured_cpu_ms))),
    el("p", { class: "quiet", text: `${t("promise_line", { rps: given(p.rate_rps, 1), n: whole(p.requests), errors: whole(p.errors), limit: `${given(surface.max_p99_ms)} ms` })}${p.is_valid || !p.note ? "" : ` ${p.note}`}` }), all());
  return box;
}

function against(surface) {
  if (!surface.baseline) return null;
  return el("div", { class: "box" }, el("h3", { text: t("against_plain") }), el("p", { text: t("sentence", { text: sentence(said(surface.baseline, "says").replace(/[.。]$/, "")) }) }));
}

function threeWays() {
  return el("details", { class: "box" }, el("summary", { text: t("three_ways") }), ["marginal_says", "capacity_says", "loaded_says"].map((key) => el("p", { text: t(key) })));
}

/** Why one configuration won or lost, what it is made of, and its bill. */
function account(surface, c, view, redraw) {
  const isChosen = c.name === surface.chosen;
  const reasons = isChosen ? [said(surface, "why")] : said(c, "reasons") || [];
  const runs = c.instance === null ? t("runs_nowhere") : t("runs_on", { n: c.replicas, instance: c.instance, rate: short(c.rate_per_replica_rps), busy: percent(c.utilisation) });
  const toggle = (what, focus) => { view[what] = !view[what]; redraw(focus); };
  return el("article", { class: "detail", tabindex: -1, "aria-label": c.name },
    el("div", { class: "detail-head" }, el("h3", { text: c.name }), el("span", { class: `verdict ${c.verdict}`, text: t(`v_${c.verdict}`) })),
    el("div", { class: "detail-body" },
      el("div", {}, el("h4", { text: t(isChosen ? "why_won" : "why_lost") }), el("ul", { class: "reasons" }, reasons.map((reason) => el("li", { text: sentence(reason) }))),
        c.verdict === "set_aside" && c.violations.length ? el("ul", { class: "reasons quiet" }, c.violations.map((v) => el("li", { text: violationWords(v) }))) : null,
        el("p", { text: runs }),
        el("h4", { text: t("made_of") }), el("dl", { class: "facts" }, Object.entries(c.parts).map(([role, part]) => [el("dt", { text: role }), el("dd", {}, el("code", { text: part }))]))),
      el("div", {}, el("h4", { text: `${t("bill")} · ${cents(c.monthly, currencyOf())}` }), billTable(c, { currency: currencyOf(), view, toggle }))));
}

function violationWords(v) {
  const show = { quality: (x) => number(x, 4), quality_share: (x) => percent(x), p99: ms, memory: (x) => `${short(x)} GB` }[v.what] || short;
  return t("found_wanted", { what: has(`w_${v.what}`) ? t(`w_${v.what}`) : v.what, found: show(v.found), wanted: `${v.what === "p99" || v.what === "memory" ? "≤" : "≥"} ${show(v.wanted)}` });
}

// ---- foot

function totalSection() {
  const { total } = decision;
  const note = said(total, "note");
  const head = el("h2", { text: `${t("total_bill")} · ${total.monthly === null ? t("no_total") : `${cents(total.monthly, currencyOf())} ${t("a_month")}`}` });
  if (total.monthly === null) return el("section", { class: "surface" }, head, el("p", { text: note }));
  const stages = total.stages.map((each) => ({ key: each.stage, name: stage(each.stage), share: each.share, cost: cents(each.cost, currencyOf()) }));
  const kinds = Object.entries(total.shares_by_kind).map(([kind, share]) => ({ key: kind, name: t(`k_${kind}`), share }));
  return el("section", { class: "surface" }, head, note ? el("p", { text: sentence(note) }) : null, leftOut(total),
    el("div", { class: "two" },
      el("div", {}, el("h3", { text: t("by_stage") }), sharesBar(stages, { label: t("by_stage"), of: "stage" })),
      el("div", {}, el("h3", { text: t("by_kind") }), sharesBar(kinds, { label: t("by_kind"), of: "kind" }), el("p", { class: "quiet", text: t("by_kind_says") }))));
}

/** What the bill does not hold, and what it would be asked for by. */
function leftOut(total) {
  const found = (total.left_out || []).map((each) => (typeof each === "string" ? each : said(each, "text"))).filter(Boolean);
  return found.length ? el("div", { class: "left-out" }, el("h3", { text: t("left_out") }), el("ul", {}, found.map((text) => el("li", { text: sentence(text) })))) : null;
}

/** A text of the decision as a sentence: with a capital, unless a configuration's name begins it, and its percentages as the language writes them. */
function sentence(text) {
  const first = text.split(/[ :,]/, 1)[0];
  const isName = decision.surfaces.some((surface) => surface.candidates.some((each) => each.name === first));
  const whole = isName ? text : text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
  return language() === "zh" ? whole.replace(/(\d)\s+%/g, "$1%") : whole.replace(/(\d)%/g, "$1 %");
}

const FIRST_WARNINGS = 3;

/** The document gives them in the order of the money they move: three are read, the others are there to be opened. */
function warningsSection() {
  const found = (said(decision, "warnings") || []).map((text) => el("li", { text: sentence(text) }));
  if (!found.length) return null;
  const rest = found.slice(FIRST_WARNINGS);
  return el("section", { class: "surface" }, el("h2", { text: t("warnings") }), el("ul", { class: "warnings" }, found.slice(0, FIRST_WARNINGS)),
    rest.length ? el("details", { class: "more-warnings" }, el("summary", { text: t("more_warnings", { n: rest.length }) }), el("ul", { class: "warnings" }, rest)) : null);
}

/** Configurations that were passed over since they could not beat the choice: one sentence for those that one beats. */
function notBuilt(surface) {
  const rows = (decision.not_built || []).filter((row) => row.surface === surface);
  const dear = rows.filter((row) => row.why === "too_dear");
  const beating = [...new Set(dear.map((row) => row.by))];
  const grouped = beating.map((by) => {
    const group = dear.filter((row) => row.by === by);
    const least = group.reduce((low, row) => (Number(row.least) < Number(low.least) ? row : low));
    return t("not_built", { names: group.map((row) => row.name).join(t("and_so")), least: least.least, currency: least.currency, by, bill: least.bill });
  });
  return [...grouped, ...rows.filter((row) => row.why !== "too_dear").map((row) => said(row, "says"))];
}

/** What nobody could judge, and models that the shop cannot have. */
function unjudgedSection() {
  const texts = [...(decision.not_judged || []), ...(decision.not_built || []).filter((row) => !row.surface)].map((row) => said(row, "says"));
  return texts.length ? el("section", { class: "surface" }, el("h2", { text: t("not_judged") }), el("ul", { class: "certainty" }, texts.map((text) => el("li", { text: sentence(text) })))) : null;
}

/** What the choice rests on: how likely it stays, which assumed figure would turn it, what nobody judged. */
function certainty(surface) {
  const texts = [...[said(surface, "why_assumptions") || []].flat(), said(surface.stays_chosen || {}, "says"), ...notBuilt(surface.surface)].filter((text) => typeof text === "string" && text);
  return texts.length ? el("ul", { class: "certainty" }, texts.map((text) => el("li", { text: sentence(text) }))) : null;
}

function machineSection() {
  const rows = Object.entries(decision.machine || {}).filter(([name, value]) => has(`m_${name}`) && value !== null && value !== "");
  if (!rows.length) return null;
  return el("section", { class: "surface" }, el("h2", { text: t("machine") }), el("dl", { class: "facts wide" }, rows.map(([name, value]) => [el("dt", { text: t(`m_${name}`) }), el("dd", { text: machineValue(name, value) })])));
}

function machineValue(name, value) {
  if (name === "memory_bytes") return `${number(value / 1e9, 1)} GB`;
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "object") return Object.entries(value).map(([key, each]) => `${key} ${each}`).join(", ");
  return String(value);
}

// ---- the page

function draw() {
  document.title = t("decision_title", { name: decision.shop?.name || "Steelyard" });
  put(by("main"), masthead(), decision.surfaces.map(surfaceSection), totalSection(), unjudgedSection(), warningsSection(), machineSection(),
    el("p", { class: "no-print" }, el("button", { type: "button", text: t("print"), on: { click: () => window.print() } })));
}

/** Where a run goes on: its steps and its frontier until there is a decision; afterwards a bar that says when there is another. */
async function follow(run) {
  const isOther = run.bundle !== live.run?.bundle;
  live.run = run;
  if (isOther) await lookAgain();
  if (hasDecision()) showRun(run, { action: live.next ? { text: t("new_decision"), act: () => show(live.next) } : null });
  else drawLive(by("main"), run);
}

const live = { run: null, next: null };
const hasDecision = () => Boolean(decision?.surfaces?.length);

/** The decision of the bundle that is served by now: shown at once where there was none, else offered. */
async function lookAgain() {
  const found = await get("/v1/decision").catch(() => null);
  if (!found?.surfaces?.length || (hasDecision() && found.made_at === decision.made_at)) return;
  if (hasDecision()) live.next = found;
  else show(found);
}

function show(found) {
  decision = found;
  live.next = null;
  views.clear();
  setShopLanguage(decision.shop?.language);
  translate();
  draw();
  if (live.run) showRun(live.run);
  by("main").focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
}

function redraw() {
  if (hasDecision()) draw();
  else if (live.run) drawLive(by("main"), live.run, { isAfresh: true });
  redrawRun();
}

async function start() {
  translate();
  window.addEventListener("beforeprint", () => { for (const node of document.querySelectorAll("details")) node.open = true; });
  switchLanguage(redraw);
  try {
    decision = await get("/v1/decision");
  } catch (error) {
    const key = error.code === "unreachable" || error.code === "timeout" ? `e_${error.code}` : "e_refused";
    by("main").classList.remove("is-starting");
    put(by("main"), el("div", { class: "notice trouble", role: "alert" }, el("strong", { text: t(key, { code: error.code }) }), el("p", { text: error.message || t(`${key}_do`) }), el("button", { type: "button", text: t("retry"), on: { click: () => location.reload() } })));
    return;
  }
  setShopLanguage(decision?.shop?.language);
  translate();
  const shop = await get("/v1/shop").catch(() => null);
  const isRunning = Boolean(shop?.has_run) && await watch(follow);
  by("main").classList.remove("is-starting");
  if (hasDecision()) {
    draw();
    const wanted = location.hash.slice(1);
    if (decision.surfaces.some((surface) => surface.surface === wanted)) by(wanted)?.scrollIntoView();
  } else if (!isRunning) put(by("main"), el("div", { class: "notice" }, el("strong", { text: t("no_decision") }), el("p", { text: t("no_decision_do") })));
}

start();
