// The decision page before there is a decision: the frontier as it fills, and the steps of the run.

import { el, put } from "./dom.js";
import { cents, number } from "./format.js";
import { liveChart } from "./live_chart.js";
import { isEnded, leftWords, nowWords, reasonWords, rowsWords, runningOf, secondsWords, shareOf, stepWords } from "./progress.js";
import { announce } from "./run_bar.js";
import { t } from "./words.js";

const ORDER = ["search", "recommend"];
const view = { drawn: "", known: new Set(), open: new Set(), parts: null, began: "", most: 0 };

/** Puts the run into `node`, or brings what is there up to date: only what has changed is drawn anew. */
export function drawLive(node, run, { isAfresh = false } = {}) {
  if (isAfresh || !view.parts || !node.contains(view.parts.title)) build(node);
  drawHead(run);
  drawCharts(run.progress);
  drawSteps(run.progress);
}

function build(node) {
  const parts = {
    title: el("h1"), now: el("p", { class: "live-now" }), rows: el("p", { class: "quiet live-rows" }), bar: el("progress", { max: 1, "aria-label": t("building") }),
    said: el("span", { class: "hidden", role: "status", "aria-live": "polite" }),
    charts: el("div", { class: "live-charts" }), steps: el("section", { class: "box live-steps", "aria-label": t("steps") }),
  };
  put(node, el("section", { class: "live-head" }, el("div", { class: "live-title" }, parts.title, parts.now, parts.rows), parts.bar, parts.said), el("div", { class: "live" }, parts.charts, parts.steps));
  Object.assign(view, { parts, drawn: "" });
}

/** Title, and what is being done or has come of it. */
function headTexts({ progress, isStale, isOver }) {
  if (progress.failure) return [t("run_failed"), progress.failure];
  if (progress.is_done) return [t("run_done"), t(isOver ? "no_decision_do" : "decision_coming")];
  if (isStale) return [t("run_silent"), t("run_silent_do")];
  return [t("weighing_for", { name: progress.shop || "Steelyard" }), nowWords(progress).join("") || t("building")];
}

function drawHead(run) {
  const { progress } = run;
  const { title, now, rows, bar, said } = view.parts;
  const share = shareOf(progress), texts = headTexts(run);
  if (progress.started_at !== view.began) Object.assign(view, { began: progress.started_at, most: 0 });
  view.most = Math.max(view.most, share ?? 0);
  [title.textContent, now.textContent] = texts;
  const isGoing = !progress.is_done && !run.isStale;
  const counted = isGoing && runningOf(progress) ? rowsWords(runningOf(progress)) : "";
  put(rows, counted ? `${counted} · ` : "", el("span", { class: "live-left", text: isGoing ? leftWords(progress) : "" }));
  if (share === null && !view.most) bar.removeAttribute("value");
  else bar.value = view.most;
  announce(said, [...texts, rows.textContent], { isLast: progress.is_done });
}

function drawCharts(progress) {
  const wanted = JSON.stringify([progress.points, progress.currency]);
  if (wanted === view.drawn) return;
  view.drawn = wanted;
  const found = ORDER.filter((surface) => progress.points.some((point) => point.surface === surface));
  const scrolled = [...view.parts.charts.querySelectorAll(".scroll")].map((each) => each.scrollLeft);
  put(view.parts.charts, found.length ? found.map((surface) => surfacePart(surface, progress)) : el("div", { class: "chart live-empty" }, el("h2", { text: t("frontier") }), el("p", { class: "quiet", text: t("live_first") })));
  [...view.parts.charts.querySelectorAll(".scroll")].forEach((each, i) => { each.scrollLeft = scrolled[i] || 0; });
  view.known = new Set(progress.points.map((point) => `${point.surface} ${point.name}`));
}

function surfacePart(surface, progress) {
  const points = progress.points.filter((point) => point.surface === surface);
  const known = new Set([...view.known].filter((key) => key.startsWith(`${surface} `)).map((key) => key.slice(surface.length + 1)));
  return el("section", { class: "live-surface", id: surface },
    el("h2", {}, t(`${surface}_surface`), el("span", { class: "quiet", text: t("measured_so_far", { n: points.length, metric: points[0].metric }) })),
    liveChart(points, { currency: progress.currency, known }), pointsTable(points, progress.currency));
}

function pointsTable(points, currency) {
  const priced = points.some((point) => point.monthly !== null);
  const head = ["c_name", "c_quality", "c_cpu", "c_p99", ...(priced ? ["c_monthly"] : [])];
  const half = (point) => (point.low === null || point.high === null ? "" : ` ±${number((point.high - point.low) / 2, 3)}`);
  const row = (point) => el("tr", { class: point.is_chosen ? "chosen" : null },
    el("th", { scope: "row", class: "stuck" }, el("span", { class: "name", text: point.name }), point.is_on_frontier ? el("span", { class: "front-mark", role: "img", title: t("on_frontier"), "aria-label": t("on_frontier"), text: "◢" }) : null),
    el("td", { class: "num" }, number(point.quality, 4), el("span", { class: "quiet", text: half(point) })),
    el("td", { class: "num", text: number(point.cpu_ms, 2) }), el("td", { class: "num", text: number(point.p99_ms, 1) }),
    priced ? el("td", { class: "num", text: cents(point.monthly, currency) }) : null);
  const sorted = [...points].sort((a, b) => (b.quality ?? -1) - (a.quality ?? -1));
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("candidates") }, el("table", { class: "candidates live-points" },
    el("thead", {}, el("tr", {}, head.map((key, i) => el("th", { scope: "col", class: i ? "num" : "stuck", text: t(key) })))), el("tbody", {}, sorted.map(row))));
}

// ---- steps, those that do the same together

function drawSteps(progress) {
  const actions = [...new Set(progress.steps.map((step) => step.action))];
  const focused = document.activeElement?.dataset?.action;
  put(view.parts.steps, el("h2", { text: t("steps") }), el("ol", { class: "live-list" }, actions.map((action) => group(action, progress.steps.filter((step) => step.action === action)))));
  if (focused) view.parts.steps.querySelector(`[data-action="${focused}"]`)?.focus();
}

function group(action, steps) {
  const n = steps.filter(isEnded).length;
  const running = steps.find((step) => step.state === "running");
  const state = running ? "running" : n === steps.length ? (steps.every((step) => step.state === "skipped") ? "skipped" : "done") : "waiting";
  const seconds = steps.reduce((sum, step) => sum + (step.seconds ?? 0), 0);
  const side = steps.length > 1 ? t("n_of_total", { n, total: steps.length }) : steps[0].state === "skipped" ? reasonWords(steps[0].reason) : seconds ? secondsWords(seconds) : "";
  const head = [el("span", { class: `step-mark ${state}`, role: "img", "aria-label": t(`step_${state}`) }), el("span", { class: "step-name", text: t(`step_${action}`) }), el("span", { class: "quiet step-side", text: side })];
  const now = running && steps.length > 1 ? el("p", { class: "quiet step-now", text: [running.name || running.key, rowsWords(running)].filter(Boolean).join(" · ") }) : running && rowsWords(running) ? el("p", { class: "quiet step-now", text: rowsWords(running) }) : null;
  if (steps.length === 1) return el("li", { class: state }, el("div", { class: "step-head" }, head), now);
  const details = el("details", { open: view.open.has(action), on: { toggle: () => (details.open ? view.open.add(action) : view.open.delete(action)) } },
    el("summary", { class: "step-head", data: { action } }, head), el("ul", { class: "step-each" }, steps.map(one)));
  return el("li", { class: state }, details, now);
}

function one(step) {
  const side = step.state === "skipped" ? reasonWords(step.reason) : step.state === "running" ? rowsWords(step) || t("step_running") : step.seconds === null ? "" : secondsWords(step.seconds);
  return el("li", { class: step.state }, el("span", { class: `step-mark ${step.state}`, role: "img", "aria-label": t(`step_${step.state}`) }), el("span", { class: "step-name", text: step.name || stepWords(step) }), el("span", { class: "quiet step-side", text: side }));
}
