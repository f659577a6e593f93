// What stands around a list: what went wrong, how the answer was made, and that it is less than it should be.

import { Trouble } from "./api.js";
import { by, el, put } from "./dom.js";
import { money, ms, perMillion } from "./format.js";
import { again, shown } from "./shown.js";
import { state } from "./state.js";
import { has, t } from "./words.js";

/** What went wrong, what to do, and a button to try again. */
export function troubleNotice(error, retry) {
  const kind = error instanceof Trouble ? error : new Trouble(0, "unreachable", "");
  const known = { not_served: "not_served", read_only: "e_read_only", unreachable: "e_unreachable", timeout: "e_timeout", no_such_item: "item_gone" };
  const key = known[kind.code] || "e_refused";
  return el("div", { class: "notice trouble", role: "alert" },
    el("strong", { text: t(key, { code: kind.code }) }),
    el("p", { text: t(`${key}_do`) }),
    kind.message ? el("p", { class: "quiet", text: kind.message }) : null,
    key === "not_served" || key === "item_gone" ? null : el("button", { type: "button", class: "small", text: t("retry"), on: { click: retry } }));
}

export const emptyNotice = (title, what) => el("div", { class: "notice" }, el("strong", { text: title }), el("p", { text: what }));

/** How long the answer took, by which configuration, at what cost; flagged when it was not a full answer. */
export function footLine(node, answer, surface) {
  const parts = [];
  if (answer.degraded) parts.push(el("span", { class: "flag", text: degradedWords(answer) }));
  parts.push(el("span", { text: t("took", { ms: ms(answer.took_ms) }) }));
  const made = state.surfaces[surface];
  if (made && made.bundle === answer.bundle) {
    const what = t(surface === "search" ? "searches" : "recommendations");
    parts.push(el("span", { text: t("configuration", { name: made.name }) }));
    const cost = made.per_1000 && made.per_1000.at_capacity;
    if (cost !== null && cost !== undefined) parts.push(el("span", { text: t("per_1000_line", { cost: money(Number(perMillion(cost)).toPrecision(3), made.currency), what }) }));
    if (state.shop.may_see_costs && made.per_1000) parts.push(el("a", { href: `/decision#${surface}`, text: t("why_this") }));
  }
  put(node, parts);
}

function degradedWords(answer) {
  const reason = has(`busy_${answer.degraded_reason}`) ? t(`busy_${answer.degraded_reason}`) : answer.degraded_reason || "?";
  return has(`degraded_${answer.degraded_to}`) ? t(`degraded_${answer.degraded_to}`, { reason }) : t("degraded", { reason });
}

/** On top of the page as long as an answer is less than it should be. */
export function drawBanner() {
  const less = [shown.query ? shown.search : null, shown.personal].find((answer) => answer?.degraded);
  by("banner").hidden = !less;
  put(by("banner"), less ? [degradedWords(less), " ", el("button", { type: "button", class: "small", text: t("retry"), on: { click: () => (less === shown.search ? again.search() : again.personal()) } })] : null);
}
