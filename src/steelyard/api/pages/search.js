// Search: the field's answer, narrowed by category.

import { get } from "./api.js";
import { card, skeletons } from "./cards.js";
import { by, el, put } from "./dom.js";
import { act } from "./events.js";
import { nice } from "./format.js";
import { drawBanner, emptyNotice, footLine, troubleNotice } from "./notices.js";
import { again, noteAnswer, shown, turn } from "./shown.js";
import { understoodNotes } from "./understood.js";
import { t } from "./words.js";

const K_SEARCH = 20;

export async function search(query, verbatim = false) {
  const mine = ++turn.search;
  by("found").hidden = false;
  by("q").value = query;
  Object.assign(shown, { query, verbatim, category: "", search: null });
  put(by("found-read"));
  by("found-read").hidden = true;
  put(by("facets"));
  put(by("found-foot"));
  put(by("found-items"), skeletons(8));
  drawSearchHead();
  try {
    const answer = await get("/v1/search", { q: query, k: K_SEARCH, diversify: "true", ...(verbatim ? { verbatim: "true" } : {}) });
    if (mine !== turn.search) return;
    shown.search = answer;
    noteAnswer(answer);
    drawSearch();
  } catch (error) {
    if (mine === turn.search) put(by("found-items"), troubleNotice(error, () => search(query, verbatim)));
  }
}

const isPopular = (answer) => answer?.degraded && answer.degraded_to !== "words";

function drawSearchHead() {
  by("found-title").textContent = isPopular(shown.search) ? t("popular_now") : t("results_for", { q: shown.query });
  by("found-count").textContent = "";
}

export function drawSearch() {
  drawSearchHead();
  const { items } = shown.search;
  const narrow = (item) => !shown.category || (item.category || [])[0] === shown.category;
  const kept = items.filter(narrow);
  by("found-count").textContent = items.length && !isPopular(shown.search) ? t("n_results", { n: kept.length }) : "";
  drawFacets(isPopular(shown.search) ? [] : items);
  drawBanner();
  const notes = understoodNotes(shown.search, search);
  by("found-read").hidden = !notes.length;
  put(by("found-read"), notes);
  if (!items.length) put(by("found-items"), emptyNotice(t("nothing_found", { q: shown.query }), t("nothing_found_do")));
  else put(by("found-items"), el("ul", { class: "grid" }, kept.map((item) => card(item, { surface: "search", act, query: shown.query }))));
  footLine(by("found-foot"), shown.search, "search");
}

function drawFacets(items) {
  const counts = new Map();
  for (const item of items) {
    const category = (item.category || [])[0];
    if (category) counts.set(category, (counts.get(category) || 0) + 1);
  }
  const chip = (name, label, n) => el("button", {
    type: "button", class: "chip", "aria-pressed": String(shown.category === name),
    on: { click: () => { shown.category = name; drawSearch(); by("facets").querySelector("[aria-pressed=true]")?.focus(); } },
  }, label, el("span", { class: "count", text: ` ${n}` }));
  const sorted = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 8);
  put(by("facets"), sorted.length > 1 ? [chip("", t("all_categories"), items.length), sorted.map(([name, n]) => chip(name, nice(name), n))] : null);
}

export function closeSearch() {
  turn.search++;
  shown.query = "";
  by("found").hidden = true;
  by("q").value = "";
  drawBanner();
}

again.search = () => search(shown.query, shown.verbatim);
