// Recommendations for the shopper, and who the shopper is.

import { get } from "./api.js";
import { card, skeletons } from "./cards.js";
import { by, el, put } from "./dom.js";
import { act } from "./events.js";
import { nice } from "./format.js";
import { drawBanner, emptyNotice, footLine, troubleNotice } from "./notices.js";
import { again, noteAnswer, serves, shown, turn } from "./shown.js";
import { state, user } from "./state.js";
import { language, t } from "./words.js";

const K_PERSONAL = 10;
/** The value of the choice that starts a new visitor. */
export const ANEW = "*new";

export async function personal({ keepBefore = false } = {}) {
  if (!serves("recommend")) return;
  const mine = ++turn.personal;
  by("personal").hidden = false;
  if (!keepBefore) {
    shown.before = null;
    put(by("personal-items"), skeletons(6));
    put(by("personal-foot"));
  }
  try {
    const answer = await get("/v1/recommend", { user: state.impersonal ? "" : user(), k: K_PERSONAL, personalise: String(!state.impersonal), diversify: "true" });
    if (mine !== turn.personal) return;
    shown.personal = answer;
    noteAnswer(answer);
    drawPersonal();
  } catch (error) {
    if (mine === turn.personal) put(by("personal-items"), troubleNotice(error, () => personal()));
  }
}

export function drawPersonal() {
  drawWho();
  const { items } = shown.personal;
  const before = shown.before ? new Set(shown.before.items.map((item) => item.id)) : null;
  const isGeneral = items.length > 0 && items.every((item) => ["popular", undefined].includes((item.reasons || [])[0]?.kind));
  by("personal-title").textContent = t(isGeneral ? "popular_now" : "for_you");
  drawBanner();
  if (!items.length) put(by("personal-items"), emptyNotice(t("for_you_none"), t("for_you_none_do")));
  else put(by("personal-items"), el("ul", { class: "grid" }, items.map((item) => card(isGeneral ? { ...item, reasons: [] } : item, { surface: "recommend", act, isNew: before !== null && !before.has(item.id) }))));
  footLine(by("personal-foot"), shown.personal, "recommend");
}

export function drawWho() {
  const options = state.shop.users.map((example, i) => el("option", { value: example.user, text: t(state.shop.log_kind === "purchase" ? "example_user_bought" : "example_user", { n: i + 1, items: example.n_items }) }));
  put(by("who"), el("option", { value: state.visitor, text: t("this_visitor") }), options, el("option", { value: ANEW, text: t("new_visitor") }));
  by("who").value = user();
  by("who").disabled = state.impersonal;
  by("impersonal").checked = state.impersonal;
  const example = state.shop.users.find((each) => each.user === user());
  const join = language() === "zh" ? "、" : ", ";
  const known = example ? t(state.shop.log_kind === "purchase" ? "example_known_bought" : "example_known", { items: example.latest.map(nice).join(join) }) : t("visitor_known");
  by("who-known").textContent = state.impersonal ? t("no_personal_known") : known;
}

/** Asks for recommendations again and says how much of the list changed: `[changed, length]`. */
export async function renewed() {
  if (state.impersonal || !shown.personal) return null;
  shown.before = shown.personal;
  await personal({ keepBefore: true });
  const before = new Set((shown.before?.items || []).map((each) => each.id));
  return [shown.personal.items.filter((each) => !before.has(each.id)).length, shown.personal.items.length];
}

again.personal = () => personal();
