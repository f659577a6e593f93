// Departments: the shop without a question.

import { get } from "./api.js";
import { card, skeletons } from "./cards.js";
import { by, el, put } from "./dom.js";
import { act } from "./events.js";
import { nice } from "./format.js";
import { glyph, toneOf } from "./glyphs.js";
import { troubleNotice } from "./notices.js";
import { noteAnswer, shown, turn } from "./shown.js";
import { state } from "./state.js";
import { t } from "./words.js";

const K_BROWSE = 15;
const N_DEPARTMENTS = 12;

export async function browse() {
  const mine = ++turn.browse;
  if (!by("browse-items").childElementCount) put(by("browse-items"), skeletons(5));
  try {
    const answer = await get("/v1/browse", { department: shown.department, order: by("order").value, k: K_BROWSE });
    if (mine !== turn.browse) return;
    shown.shelf = answer;
    noteAnswer(answer);
    drawBrowse();
  } catch (error) {
    if (mine === turn.browse) put(by("browse-items"), troubleNotice(error, browse));
  }
}

export function drawBrowse() {
  by("browse").hidden = false;
  by("order").parentElement.hidden = !shown.shelf;
  const tile = ({ name, n_items: n }) => el("button", { type: "button", class: `department tone-${toneOf([name])}`, "aria-pressed": String(shown.department === name), on: { click: () => { shown.department = shown.department === name ? "" : name; browse(); } } },
    glyph([name]), el("span", { class: "department-name", text: nice(name) }), el("span", { class: "count", text: t("n_items", { n: new Intl.NumberFormat().format(n) }) }));
  put(by("departments"), state.shop.departments.length > 1 ? state.shop.departments.slice(0, N_DEPARTMENTS).map(tile) : null);
  by("browse-title").textContent = shown.department ? nice(shown.department) : t(state.shop.departments.length > 1 ? "departments" : "all_products");
  if (shown.shelf) put(by("browse-items"), el("ul", { class: "grid" }, shown.shelf.items.map((item) => card(item, { surface: "browse", act }))));
}
