// Pure geometry of the chart: scales, ticks, the frontier, and where labels fit. No document, no words.

/** Round numbers for a logarithmic axis between `low` and `high`: at least two, about `wanted`. */
export function logTicks(low, high, wanted = 6) {
  const sets = [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7], [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9]];
  let best = [];
  for (const set of sets) {
    const found = [];
    for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.ceil(Math.log10(high)); exponent++) {
      for (const digit of set) {
        const value = Number((digit * 10 ** exponent).toPrecision(3));
        if (value >= low * 0.9999 && value <= high * 1.0001) found.push(value);
      }
    }
    if (found.length >= 2 && (best.length < 2 || Math.abs(found.length - wanted) < Math.abs(best.length - wanted))) best = found;
  }
  return best.length >= 2 ? best : linearTicks(low, high, wanted);
}

/** Round numbers for a linear axis. */
export function linearTicks(low, high, wanted = 5) {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((digit) => digit * power).find((each) => each >= rough * 0.999);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) found.push(Number((i * step).toPrecision(8)));
  return found;
}

/** Those points nothing else beats: sorted by cost, each better than all cheaper ones. Points have `cost`, `quality`. */
export function frontier(points) {
  const found = [];
  for (const point of [...points].sort((a, b) => a.cost - b.cost || b.quality - a.quality)) {
    if (!found.length || point.quality > found.at(-1).quality) found.push(point);
  }
  return found;
}

/** Range of values with room at both ends. */
export function padded(values, share, least = 0) {
  const low = Math.min(...values), high = Math.max(...values);
  const room = Math.max((high - low) * share, least);
  return [low - room, high + room];
}

const OFFSETS = [[1, 0], [1, -1], [1, 1], [-1, 0], [-1, -1], [-1, 1], [0, -1], [0, 1]];

/**
 * Places a label near each point so that none covers another label, a point or its whisker.
 * `points`: `{x, y, top, bottom, width, must}` by weight; `frame`: `{left, right, top, bottom}`.
 * Gives for each point `{x, y, anchor, far}` (baseline position), or null where nothing fits and it need not be named.
 */
export function placeLabels(points, frame, { height = 14, gap = 9, lines = [] } = {}) {
  const taken = points.flatMap((p) => [
    { left: p.x - 6, right: p.x + 6, top: p.y - 6, bottom: p.y + 6 },
    { left: p.x - 2, right: p.x + 2, top: p.top, bottom: p.bottom },
  ]).concat(lines);
  return points.map((point) => {
    for (const reach of [1, 1.8, 2.8, 4, 5.5, 7]) {
      for (const [dx, dy] of OFFSETS) {
        const place = boxOf(point, { dx, dy, reach, height, gap });
        if (!inside(place.box, frame) || taken.some((other) => overlaps(place.box, other))) continue;
        taken.push(place.box);
        return { x: place.x, y: place.y, anchor: place.anchor, far: reach > 1.8, box: place.box };
      }
      if (!point.must && reach > 2.5) return null;
    }
    return null;
  });
}

function boxOf(point, { dx, dy, reach, height, gap }) {
  const x = point.x + dx * gap * (dy ? Math.max(1, reach * 0.8) : reach);
  const middle = point.y + dy * (height * 0.75) * reach + (dx ? 0 : dy * 4);
  const left = dx > 0 ? x : dx < 0 ? x - point.width : x - point.width / 2;
  const box = { left: left - 2, right: left + point.width + 2, top: middle - height / 2, bottom: middle + height / 2 };
  return { x, y: middle + height * 0.3, anchor: dx > 0 ? "start" : dx < 0 ? "end" : "middle", box };
}

const inside = (box, frame) => box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;
const overlaps = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
