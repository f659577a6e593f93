// The frontier while it fills: quality upwards, monthly cost (before prices: processor time) along the beam.

import { el, put, svg } from "./dom.js";
import { cents, number } from "./format.js";
import { frontier, linearTicks, logTicks, padded, placeLabels } from "./scale.js";
import { t } from "./words.js";

const MARGIN = { left: 52, right: 18, top: 22, bottom: 52 };

/** Whether every measured configuration has its price: only then are they compared by it. */
export const isPriced = (points) => points.length > 0 && points.every((point) => point.monthly !== null);

const costOf = (point, priced) => {
  const value = priced ? Number(point.monthly) : point.cpu_ms;
  return value === null || !(value > 0) ? null : value;
};

/** The chart of one surface; `known` holds the names that were there before, so that new ones are seen to arrive. */
export function liveChart(points, { currency, known }) {
  const priced = isPriced(points);
  const drawn = points.filter((point) => point.quality !== null && costOf(point, priced) !== null).map((point) => ({ ...point, cost: costOf(point, priced) }));
  const missing = points.filter((point) => !drawn.some((each) => each.name === point.name)).map((point) => point.name);
  const box = el("div", { class: "chart-box live-box" });
  const figure = el("figure", { class: "chart" }, el("div", { class: "chart-head" }, el("h3", { text: t(priced ? "frontier" : "frontier_cpu") })), box,
    el("figcaption", { class: "quiet" }, priced ? t("live_says") : t("live_says_cpu"), missing.length ? ` ${t("not_drawn_yet", { names: missing.join(", ") })}` : ""));
  let last = 0, shown = known;
  new ResizeObserver(() => {
    if (Math.abs(box.clientWidth - last) <= 4) return;
    last = box.clientWidth;
    requestAnimationFrame(() => {
      put(box, drawing(drawn, { priced, currency, known: shown, width: Math.max(280, Math.round(box.clientWidth)) }));
      shown = new Set(drawn.map((point) => point.name));  // drawn again in another width: nothing of it is new
    });
  }).observe(box);
  return figure;
}

function drawing(points, { priced, currency, known, width }) {
  const height = Math.round(Math.min(400, Math.max(300, width * 0.5)));
  const frame = { left: MARGIN.left, right: width - MARGIN.right, top: MARGIN.top, bottom: height - MARGIN.bottom };
  const root = svg("svg", { class: "plot", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": t("live_label", { n: points.length }) });
  const scales = points.length ? scalesOf(points, frame) : null;
  root.append(beam(scales, frame, t(priced ? "axis_monthly" : "axis_cpu", { currency })));
  if (!scales) return put(root, root.firstChild, svg("text", { x: (frame.left + frame.right) / 2, y: (frame.top + frame.bottom) / 2, "text-anchor": "middle", text: t("live_none") }));
  const placed = place(points, scales, frame);
  root.append(grid(scales, frame), front(points, scales, frame), ...placed.map((point) => mark(point, { priced, currency, isNew: !known.has(point.name) })));
  return root;
}

function scalesOf(points, frame) {
  const [bottom, top] = padded(points.flatMap((point) => [point.low ?? point.quality, point.high ?? point.quality]), 0.08, 0.002);
  const [left, right] = padded(points.map((point) => Math.log10(point.cost)), 0.1, 0.06);
  return {
    x: (cost) => frame.left + ((Math.log10(cost) - left) / (right - left)) * (frame.right - frame.left),
    y: (quality) => frame.bottom - ((quality - bottom) / (top - bottom)) * (frame.bottom - frame.top),
    xTicks: logTicks(10 ** left, 10 ** right, (frame.right - frame.left) / 90),
    yTicks: linearTicks(Math.max(bottom, 0), top, (frame.bottom - frame.top) / 52),
  };
}

function beam(scales, frame, name) {
  const at = frame.bottom + 8;
  const short = (value) => number(value, value >= 10 ? 0 : value >= 1 ? 1 : 2).replace(/\.0+$/, "");
  return svg("g", { class: "beam" }, svg("path", { d: `M${frame.left} ${at}H${frame.right}` }),
    scales ? scales.xTicks.map((tick) => [svg("circle", { cx: scales.x(tick), cy: at, r: 2.6 }), svg("text", { x: scales.x(tick), y: at + 17, "text-anchor": "middle", text: short(tick) })]) : [],
    svg("text", { class: "axis-name", x: frame.right, y: at + 38, "text-anchor": "end", text: name }));
}

function grid({ y, yTicks }, frame) {
  const digits = yTicks.length > 1 && yTicks[1] - yTicks[0] < 0.01 ? 3 : 2;
  return svg("g", { class: "grid-lines" }, yTicks.map((tick) => [
    svg("path", { d: `M${frame.left} ${y(tick)}H${frame.right}` }),
    svg("text", { x: frame.left - 8, y: y(tick) + 4, "text-anchor": "end", text: number(tick, digits) }),
  ]), svg("text", { class: "axis-name", x: 4, y: frame.top - 9, text: t("quality") }));
}

function front(points, { x, y }, frame) {
  const steps = frontier(points).map((point, i) => (i ? `H${x(point.cost)}V${y(point.quality)}` : `M${x(point.cost)} ${y(point.quality)}`));
  return svg("path", { class: "front", d: `${steps.join("")}H${frame.right}` });
}

function place(points, { x, y }, frame) {
  const best = new Set(frontier(points).map((point) => point.name));
  const rank = (point) => (point.is_chosen ? 0 : best.has(point.name) ? 1 : 2);
  const drawn = points.map((point) => ({
    ...point, isBest: best.has(point.name), x: x(point.cost), y: y(point.quality), top: y(point.high ?? point.quality), bottom: y(point.low ?? point.quality),
    width: point.name.length * 6.8, must: rank(point) < (frame.right - frame.left < 460 ? 1 : 2),
  })).sort((a, b) => rank(a) - rank(b) || a.x - b.x);
  const found = placeLabels(drawn, { left: frame.left + 2, right: frame.right + 14, top: frame.top - 12, bottom: frame.bottom + 2 }, { lines: lineBoxes(points, { x, y }, frame) });
  return drawn.map((point, i) => ({ ...point, label: found[i] })).reverse();
}

/** The frontier as boxes that no label may cover. */
function lineBoxes(points, { x, y }, frame) {
  const steps = frontier(points);
  return steps.flatMap((point, i) => {
    const next = steps[i + 1], left = x(point.cost), at = y(point.quality);
    const level = { left, right: next ? x(next.cost) : frame.right, top: at - 1, bottom: at + 1 };
    return next ? [level, { left: x(next.cost) - 1, right: x(next.cost) + 1, top: y(next.quality), bottom: at }] : [level];
  });
}

function mark(point, { priced, currency, isNew }) {
  const { x, y, top, bottom, label } = point;
  const kind = point.is_chosen ? "chosen" : point.isBest ? "feasible" : "loses";
  const text = `${point.name}: ${t("quality")} ${number(point.quality, 4)}, ${priced ? cents(point.monthly, currency) : `${number(point.cpu_ms, 2)} ms`}`;
  return svg("g", { class: isNew ? "point is-new" : "point" }, svg("title", { text }),
    svg("path", { class: "whisker", d: `M${x} ${top}V${bottom}M${x - 3} ${top}h6M${x - 3} ${bottom}h6` }),
    svg("circle", { class: `dot ${kind}`, cx: x, cy: y, r: point.is_chosen ? 7.5 : 5 }),
    label ? svg("text", { class: `label ${kind}`, x: label.x, y: label.y, "text-anchor": label.anchor, text: point.name }) : null);
}
