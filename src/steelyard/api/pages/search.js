// Search: the field's answer with its filters, its order, and page after page.

import { post } from "./api.js";
import { writeAddress } from "./address.js";
import { card, skeletons } from "./cards.js";
import { by, el, put } from "./dom.js";
import { act } from "./events.js";
import { drawActive, drawAllFacets } from "./facets.js";
import { drawBanner, emptyNotice, footLine, troubleNotice } from "./notices.js";
import { again, noteAnswer, shown, turn } from "./shown.js";
import { state, user } from "./state.js";
import { understoodNotes } from "./understood.js";
import { openWhy } from "./why.js";
import { t } from "./words.js";

const K_SEARCH = 24;

const question = (more = {}) => ({ q: shown.query, k: K_SEARCH, diversify: true, highlight: true, paged: true, filters: shown.filters, sort: shown.sort, verbatim: shown.verbatim, ...who(), ...more });
/** Whose order a list is in: a shopper's own where the shop does that and they have not switched it off. */
const who = () => (state.shop.is_search_personal ? { user: state.impersonal ? "" : user(), personalise: !state.impersonal } : {});

/** Another search, or the same with other filters or in another order. */
export async function search({ query, filters = {}, sort = "relevance", verbatim = false }) {
  const mine = ++turn.search;
  const isNarrower = shown.query === query && shown.verbatim === verbatim && Boolean(shown.search);
  by("found").hidden = false;
  by("q").value = query;
  Object.assign(shown, { query, filters, sort, verbatim });
  if (!isNarrower) {
    shown.search = null;
    drawAllFacets({ facets: [], all: 0 }, filters, change);
    put(by("found-foot"));
    by("found-read").hidden = true;
    put(by("found-items"), skeletons(8));
  }
  by("found-items").setAttribute("aria-busy", "true");
  drawSearchHead();
  const { top } = by("found").getBoundingClientRect();
  if (top < 0 || top > innerHeight) by("found").scrollIntoView();  // the box is in reach from further down, too
  try {
    const answer = await post("/v1/search", question({ facets: ["*"] }));
    if (mine !== turn.search) return;
    shown.search = answer;
    noteAnswer(answer);
    drawSearch();
  } catch (error) {
    if (mine !== turn.search) return;
    by("more").hidden = true;
    put(by("found-items"), troubleNotice(error, () => search({ query, filters, sort, verbatim })));
  } finally {
    if (mine === turn.search) by("found-items").removeAttribute("aria-busy");
  }
}

const isPopular = (answer) => answer?.degraded && !["words", "first_stage"].includes(answer.degraded_to);

function change(filters) {
  const address = writeAddress({ ...shown, filters });
  if (location.hash.slice(1) !== address) location.hash = address;
}

function drawSearchHead() {
  by("found-title").textContent = isPopular(shown.search) ? t("popular_now") : t("results_for", { q: shown.query });
  if (!shown.search) by("found-count").textContent = "";
  const sorts = state.shop.sorts || [];
  put(by("sort"), sorts.map((name) => el("option", { value: name, selected: name === shown.sort, text: t(`order_${name}`) })));
  by("sort").value = shown.sort;
  by("sort").parentElement.hidden = Boolean(shown.search) && shown.search.items.length < 2;
  drawActive(shown.filters, change);
}

const count = (n) => new Intl.NumberFormat().format(n);

export function drawSearch() {
  drawSearchHead();
  const { items, n_results: all, n_matched: matched, facets = [] } = shown.search;
  const isWhole = !isPopular(shown.search);
  by("found-count").textContent = items.length && isWhole ? t(all === 1 ? "one_result" : "n_results", { n: count(all) }) : "";
  drawAllFacets({ facets: isWhole ? facets : [], all: matched }, shown.filters, change);
  const n = Object.values(shown.filters).flat().length;
  by("open-filters").hidden = !by("facets").childElementCount;
  by("open-filters").textContent = n ? t("filters_n", { n }) : t("filters");
  by("show-results").textContent = t("show_results", { n: count(all) });
  drawBanner();
  const notes = understoodNotes(shown.search, (query, verbatim) => { location.hash = writeAddress({ query, verbatim }); });
  by("found-read").hidden = !notes.length;
  put(by("found-read"), notes);
  if (!items.length) put(by("found-items"), nothing());
  else put(by("found-items"), el("ul", { class: "grid" }, items.map(cardOf)));
  drawMore();
  by("open-why").hidden = !state.shop.may_see_costs || !isWhole;
  footLine(by("found-foot"), shown.search, "search");
}

const cardOf = (item) => card(item, { surface: "search", act, query: shown.query });

function nothing() {
  if (!Object.keys(shown.filters).length) return emptyNotice(t("nothing_found", { q: shown.query }), t("nothing_found_do"));
  const notice = emptyNotice(t("nothing_left"), t("nothing_left_do"));
  notice.append(el("button", { type: "button", class: "small", text: t("clear_filters"), on: { click: () => change({}) } }));
  return notice;
}

function drawMore() {
  const { items, n_results: all, next } = shown.search;
  by("more").hidden = !next;
  by("more").disabled = false;
  by("more").textContent = t("more_results", { n: count(items.length), all: count(all) });
}

/** The next page, below what is there. */
async function more() {
  const mine = turn.search;
  by("more").disabled = true;
  try {
    const answer = await post("/v1/search", question({ cursor: shown.search.next }));
    if (mine !== turn.search) return;
    noteAnswer(answer);
    const first = by("found-items").querySelectorAll(".card").length;
    Object.assign(shown.search, { items: [...shown.search.items, ...answer.items], next: answer.next, took_ms: answer.took_ms });
    by("found-items").querySelector(".grid").append(...answer.items.map(cardOf));
    drawMore();
    by("found-items").querySelectorAll(".card-link")[first]?.focus({ preventScroll: true });
  } catch (error) {
    if (mine !== turn.search) return;
    const isOld = ["cursor_of_another_bundle", "cursor_of_another_shopper"].includes(error.code);
    if (isOld) search(shown);  // the shop or the shopper is another by now: from the top
    else { by("more").disabled = false; put(by("found-foot"), troubleNotice(error, more)); }
  }
}

export function listenToSearch() {
  by("more").addEventListener("click", more);
  by("sort").addEventListener("change", () => { location.hash = writeAddress({ ...shown, sort: by("sort").value }); });
  by("open-why").addEventListener("click", () => openWhy(question({ highlight: false })));
  by("open-filters").addEventListener("click", () => by("filters").showModal());
  by("filters").addEventListener("click", (event) => { if (event.target === by("filters")) by("filters").close(); });
}

export function closeSearch() {
  turn.search++;
  Object.assign(shown, { query: "", filters: {}, sort: "relevance", verbatim: false });
  by("found").hidden = true;
  by("q").value = "";
  drawBanner();
}

again.search = () => search(shown);
