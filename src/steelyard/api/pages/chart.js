// The frontier as a drawing: quality upwards, cost along the beam, the chosen configuration hanging from it like the weight of a steelyard.

import { el, put, svg } from "./dom.js";
import { cents, money, number, perMillion } from "./format.js";
import { frontier, linearTicks, logTicks, padded, placeLabels } from "./scale.js";
import { t } from "./words.js";

const MARGIN = { left: 58, right: 18, top: 18, bottom: 74 };

/** Quality that a mean must reach: of the floors of a surface the higher one, or null. */
export function floorQuality(surface) {
  if (surface.floor.quality !== null && surface.floor.quality !== undefined) return surface.floor.quality;
  const reference = surface.candidates.find((each) => each.name === surface.reference);
  const share = surface.floor.min_quality_share;
  const found = [surface.floor.min_quality, share !== null && share !== undefined && reference ? share * reference.quality.mean : null];
  const known = found.filter((value) => value !== null && value !== undefined);
  return known.length ? Math.max(...known) : null;
}

function costOf(candidate, mode) {
  const text = mode === "monthly" ? candidate.monthly : candidate.per_1000 && candidate.per_1000.at_capacity;
  const value = text === null || text === undefined ? NaN : Number(text);
  return value > 0 ? (mode === "monthly" ? value : value * 1000) : null;
}

/** The chart of one surface with its switch between the two cost axes. `choose(name)` is called when a point is taken. */
export function chart(surface, { currency, mode, what, selected, choose, setMode }) {
  const figure = el("figure", { class: "chart" });
  const modes = [["monthly", t("by_month")], ["at_capacity", t("by_capacity")]];
  const buttons = modes.map(([name, text]) => el("button", { type: "button", "aria-pressed": String(mode === name), text, on: { click: () => setMode(name) } }));
  const head = el("div", { class: "chart-head" }, el("h3", { text: t("frontier") }),
    el("div", { class: "switch", role: "group", "aria-label": t("cost_axis") }, buttons));
  const box = el("div", { class: "chart-box" });
  const draw = () => {
    const width = Math.max(300, Math.round(box.clientWidth || 760));
    put(box, drawing(surface, { currency, mode, what, selected, choose, width, tip }));
    box.append(tip);
  };
  const tip = el("div", { class: "tip", role: "tooltip", id: `tip-${surface.surface}`, hidden: true });
  const floor = floorQuality(surface);
  const priced = surface.candidates.filter((each) => costOf(each, mode) !== null && each.quality.mean !== null).map((each) => ({ quality: each.quality.mean, name: each.name }));
  const near = new Set(nearFloor(priced, floor).map((each) => each.name));
  const low = priced.filter((each) => !near.has(each.name)).map((each) => each.name);
  const missing = surface.candidates.filter((each) => costOf(each, mode) === null).map((each) => each.name);
  put(figure, head, box, legend(), el("figcaption", { class: "quiet" }, t("judged_by"), low.length ? ` ${t("below_chart", { names: low.join(", ") })}` : "", missing.length ? ` ${t("not_on_chart", { names: missing.join(", ") })}` : ""));
  let last = 0;
  new ResizeObserver(() => {
    if (Math.abs(box.clientWidth - last) > 4) { last = box.clientWidth; requestAnimationFrame(draw); }
  }).observe(box);
  return figure;
}

function legend() {
  const entry = (kind, text) => {
    const mark = svg("svg", { width: 22, height: 14, viewBox: "0 0 22 14", "aria-hidden": "true" });
    if (kind === "frontier") mark.append(svg("path", { class: "front", d: "M2 11H11V4H20" }));
    else if (kind === "whisker") mark.append(svg("path", { class: "whisker", d: "M11 1V13M8 1h6M8 13h6" }));
    else if (kind === "floor") mark.append(svg("path", { class: "floor", d: "M1 7H21" }));
    else mark.append(svg("circle", { class: `dot ${kind}`, cx: 11, cy: 7, r: kind === "chosen" ? 6 : 4.5 }));
    return el("li", {}, mark, text);
  };
  return el("ul", { class: "legend" }, ["chosen", "feasible", "loses", "frontier", "whisker"].map((kind) => entry(kind, t(`legend_${kind}`))), entry("floor", t("floor_line")));
}

function drawing(surface, { currency, mode, what, selected, choose, width, tip }) {
  const height = Math.round(Math.min(460, Math.max(320, width * 0.56)));
  const points = surface.candidates
    .filter((each) => costOf(each, mode) !== null && each.quality.mean !== null)
    .map((each) => ({ candidate: each, name: each.name, cost: costOf(each, mode), quality: each.quality.mean }));
  const root = svg("svg", { class: "plot", width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": t("chart_label", { n: points.length, chosen: surface.chosen || "?" }) });
  if (!points.length) return root;
  const frame = { left: MARGIN.left, right: width - MARGIN.right, top: MARGIN.top, bottom: height - MARGIN.bottom };
  const scales = makeScales(surface, points, frame);
  const chosen = points.find((point) => point.name === surface.chosen);
  const isLeft = chosen !== undefined && scales.x(chosen.cost) > (frame.left + frame.right) / 2;
  root.append(grid(scales, frame), floorLine(surface, points, scales, frame), frontLine(surface, points, scales, frame), beam(scales, frame, { currency, mode, what, isLeft }));
  if (chosen) root.append(weight(chosen, scales, frame, currency));
  const placed = place(points, surface, scales, frame);
  root.append(svg("g", {}, placed.map((each) => leader(each))), svg("g", {}, placed.map((each) => mark(each, { surface, selected, choose, tip, currency, mode, frame }))), svg("g", { class: "labels" }, placed.map((each) => label(each, surface, selected))));
  return root;
}

/** The points around the floor, where the choice is made: those far below stand on the lower edge, as they would press the others together. */
function nearFloor(points, floor) {
  if (floor === null) return points;
  const least = floor - Math.max(3 * Math.abs(Math.max(...points.map((point) => point.quality)) - floor), 0.06 * Math.abs(floor));
  const near = points.filter((point) => point.quality >= least);
  return near.length > 1 ? near : points;
}

function makeScales(surface, points, frame) {
  const floor = floorQuality(surface);
  const near = nearFloor(points, floor);
  const ends = near.flatMap((point) => [point.candidate.quality.low ?? point.quality, point.candidate.quality.high ?? point.quality]);
  const [bottom, top] = padded(floor === null ? ends : [...ends, floor], 0.06, 0.002);
  const [left, right] = padded(points.map((point) => Math.log10(point.cost)), 0.09, 0.02);
  return {
    x: (cost) => frame.left + ((Math.log10(cost) - left) / (right - left)) * (frame.right - frame.left),
    isBelow: (quality) => quality < bottom,
    y: (quality) => frame.bottom - ((Math.min(Math.max(quality, bottom), top) - bottom) / (top - bottom)) * (frame.bottom - frame.top),
    xTicks: logTicks(10 ** left, 10 ** right, (frame.right - frame.left) / 95),
    yTicks: linearTicks(Math.max(bottom, 0), top, (frame.bottom - frame.top) / 52),
  };
}

function grid({ y, yTicks }, frame) {
  const digits = yTicks.length > 1 && yTicks[1] - yTicks[0] < 0.01 ? 3 : 2;
  return svg("g", { class: "grid-lines" }, yTicks.map((tick) => [
    svg("path", { d: `M${frame.left} ${y(tick)}H${frame.right}` }),
    svg("text", { x: frame.left - 8, y: y(tick) + 4, "text-anchor": "end", text: number(tick, digits) }),
  ]), svg("text", { class: "axis-name", x: 4, y: frame.top - 5, text: t("quality") }));
}

/** Where the floor's name covers no point: below or above the line, from the left end to the right one. */
function floorName(surface, points, { x, y }, frame) {
  const at = y(floorQuality(surface));
  const boxes = [frame.left + 4, frame.right - 76, ...[0.5, 0.2, 0.35, 0.65, 0.8, 0.12, 0.28, 0.42, 0.58, 0.72, 0.88].map((share) => frame.left + share * (frame.right - frame.left) - 36)].flatMap((left) => [[left, at + 2], [left, at - 17]]).map(([left, top]) => ({ left, right: left + 72, top, bottom: top + 15 }));
  const isFree = (box) => box.top > frame.top - 10 && points.every((p) => x(p.cost) + 8 < box.left || x(p.cost) - 8 > box.right || y(p.candidate.quality.low ?? p.quality) < box.top || y(p.candidate.quality.high ?? p.quality) > box.bottom);
  return boxes.find(isFree) || boxes[0];
}

function floorLine(surface, points, scales, frame) {
  const floor = floorQuality(surface);
  if (floor === null) return svg("g");
  const at = scales.y(floor);
  const text = `${t("floor_line")} ${number(floor, 3)}`;
  const name = floorName(surface, points, scales, frame);
  return svg("g", {}, svg("rect", { class: "below", x: frame.left, y: at, width: frame.right - frame.left, height: Math.max(0, frame.bottom - at) }),
    svg("path", { class: "floor", d: `M${frame.left} ${at}H${frame.right}` }),
    svg("text", { class: "floor-text", x: name.left, y: name.bottom - 4, text }));
}

/** The line at the means corrected for choosing the best: the points stand where they were measured. */
function frontLine(surface, points, { x, y }, frame) {
  const corrected = new Map((surface.selection?.frontier || []).map((each) => [each.name, each.corrected_mean]));
  const at = (point) => y(corrected.get(point.name) ?? point.quality);
  const steps = frontier(points).map((point, i) => (i ? `H${x(point.cost)}V${at(point)}` : `M${x(point.cost)} ${at(point)}`));
  return svg("path", { class: "front", d: `${steps.join("")}H${frame.right}` });
}

function beam({ x, xTicks }, frame, { currency, mode, what, isLeft }) {
  const at = frame.bottom + 10;
  const name = t(mode === "monthly" ? "axis_monthly" : "axis_capacity", { currency, what });
  return svg("g", { class: "beam" }, svg("path", { d: `M${frame.left} ${at}H${frame.right}` }),
    xTicks.map((tick) => [svg("circle", { cx: x(tick), cy: at, r: 2.6 }), svg("text", { x: x(tick), y: at + 18, "text-anchor": "middle", text: tickText(tick) })]),
    svg("text", { class: "axis-name", x: isLeft ? frame.left : frame.right, y: frame.bottom + 56, "text-anchor": isLeft ? "start" : "end", text: name }));
}

/** A round number with the digits it needs and no more. */
function tickText(value) {
  const digits = value >= 1 ? 2 : Math.min(9, 2 - Math.floor(Math.log10(value)));
  return new Intl.NumberFormat("en-US", { maximumFractionDigits: digits }).format(value);
}

function weight(chosen, { x, y }, frame, currency) {
  const at = x(chosen.cost), beamAt = frame.bottom + 10;
  return svg("g", { class: "weight" },
    svg("path", { class: "string", d: `M${at} ${y(chosen.quality)}V${beamAt + 27}` }),
    svg("path", { class: "poise", d: `M${at - 6} ${beamAt + 27}h12l4 17a2 2 0 0 1-2 2h-16a2 2 0 0 1-2-2z` }),
    svg("text", { x: at > frame.right - 120 ? at - 16 : at + 16, y: beamAt + 41, "text-anchor": at > frame.right - 120 ? "end" : "start", text: money(chosen.cost, currency) }));
}

function place(points, surface, { x, y, isBelow }, frame) {
  const rank = (point) => (point.name === surface.chosen ? 0 : point.candidate.verdict === "feasible" ? 1 : point.name === surface.reference ? 2 : point.candidate.is_on_frontier ? 3 : 4);
  const drawn = points.map((point) => ({
    ...point, x: x(point.cost), y: y(point.quality), top: y(point.candidate.quality.high ?? point.quality), bottom: y(point.candidate.quality.low ?? point.quality),
    width: point.name.length * (point.name === surface.chosen ? 7.6 : 6.7), isBelow: isBelow(point.quality), must: !isBelow(point.quality) && rank(point) < (frame.right - frame.left < 460 ? 1 : 4),
  })).sort((a, b) => rank(a) - rank(b) || a.x - b.x);
  const found = placeLabels(drawn.map((point) => (point.isBelow ? { ...point, width: 9999 } : point)), { left: frame.left + 2, right: frame.right + 14, top: frame.top - 12, bottom: frame.bottom + 2 }, { lines: obstacles(points, surface, { x, y }, frame) });
  return drawn.map((point, i) => ({ ...point, label: found[i] })).reverse();
}

/** What no label may cover: the frontier, the floor with its name, the string of the weight. */
function obstacles(points, surface, { x, y }, frame) {
  const found = [];
  const steps = frontier(points);
  steps.forEach((point, i) => {
    const left = x(point.cost), at = y(point.quality), next = steps[i + 1];
    found.push({ left, right: next ? x(next.cost) : frame.right, top: at - 1, bottom: at + 1 });
    if (next) found.push({ left: x(next.cost) - 1, right: x(next.cost) + 1, top: y(next.quality), bottom: at });
  });
  const floor = floorQuality(surface);
  if (floor !== null) found.push({ left: frame.left, right: frame.right, top: y(floor) - 1, bottom: y(floor) + 1 }, floorName(surface, points, { x, y }, frame));
  const chosen = points.find((point) => point.name === surface.chosen);
  if (chosen) found.push({ left: x(chosen.cost) - 1, right: x(chosen.cost) + 1, top: y(chosen.quality), bottom: frame.bottom });
  return found;
}

function leader({ x, y, label: found }) {
  if (!found || !found.far) return svg("g");
  const end = found.anchor === "start" ? found.box.left : found.anchor === "end" ? found.box.right : (found.box.left + found.box.right) / 2;
  return svg("path", { class: "leader", d: `M${x} ${y}L${end} ${(found.box.top + found.box.bottom) / 2}` });
}

function label({ name, candidate, label: found }, surface, selected) {
  if (!found) return svg("g");
  return svg("text", { class: `label ${candidate.verdict}${name === selected ? " selected" : ""}`, x: found.x, y: found.y, "text-anchor": found.anchor, text: name });
}

function mark(point, { surface, selected, choose, tip, currency, mode, frame }) {
  const { candidate, name, x, y, top, bottom } = point;
  const show = () => showTip(tip, point, { currency, mode, frame });
  const hide = () => { tip.hidden = true; };
  const take = () => choose(name);
  const onKey = (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); take(); }
    if (event.key === "Escape") hide();
  };
  const isChosen = name === surface.chosen;
  return svg("g", {
    class: `point${name === selected ? " selected" : ""}`, tabindex: 0, role: "button", data: { name }, "aria-describedby": tip.id,
    "aria-label": `${name}: ${t("quality")} ${number(point.quality, 4)}, ${money(point.cost, currency)}, ${t(`v_${candidate.verdict}`)}`,
    on: { mouseenter: show, mouseleave: hide, focus: show, blur: hide, click: take, keydown: onKey },
  }, svg("path", { class: "whisker", d: `M${x} ${top}V${bottom}M${x - 3} ${top}h6M${x - 3} ${bottom}h6` }),
  svg("circle", { class: "hit", cx: x, cy: y, r: 12 }),
  svg("circle", { class: `dot ${isChosen ? "chosen" : candidate.verdict}${point.isBelow ? " is-below" : ""}`, cx: x, cy: y, r: isChosen ? 7.5 : 5 }));
}

function showTip(tip, { candidate, name, x, y }, { currency, frame }) {
  const row = (text, value) => [el("dt", { text }), el("dd", { text: value })];
  const q = candidate.quality;
  put(tip, el("strong", { text: name }), el("dl", {},
    row(t("quality"), `${number(q.mean, 4)}  [${number(q.low, 4)}, ${number(q.high, 4)}]`),
    row(t("c_monthly"), cents(candidate.monthly, currency)),
    row(t("by_capacity"), money(perMillion(candidate.per_1000.at_capacity), currency)),
    row("p99", candidate.p99_ms === null ? t("unknown") : `${number(candidate.p99_ms, 1)} ms`),
    row(t("c_verdict"), t(`v_${candidate.verdict}`))));
  tip.hidden = false;
  const width = tip.offsetWidth, height = tip.offsetHeight;
  tip.style.left = `${Math.max(4, Math.min(x + 14, frame.right + 14 - width))}px`;
  tip.style.top = `${y - height - 14 > 0 ? y - height - 14 : y + 14}px`;
}
