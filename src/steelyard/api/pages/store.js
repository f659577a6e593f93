// The store front: search, an item with similar ones, and recommendations that follow what is done here.

import { readAddress, writeAddress } from "./address.js";
import { get } from "./api.js";
import { draw as drawBasket, openBasketWith } from "./basket.js";
import { browse, drawBrowse } from "./browse.js";
import { by, el, put } from "./dom.js";
import { act, buy, renewWith, say } from "./events.js";
import { nice } from "./format.js";
import { drawBanner, troubleNotice } from "./notices.js";
import { ANEW, drawPersonal, drawWho, personal, renewed } from "./personal.js";
import { product } from "./product.js";
import { changedNames, watch } from "./progress.js";
import { redrawRun, showRun } from "./run_bar.js";
import { closeSearch, drawSearch, listenToSearch, search } from "./search.js";
import { renewShopWith, serves, shown, turn } from "./shown.js";
import { setImpersonal, setWho, startAnew, state } from "./state.js";
import { listenToTyping } from "./suggest.js";
import { language, setShopLanguage, switchLanguage, t, translate } from "./words.js";

const isShown = (wanted) => writeAddress(wanted) === writeAddress(shown);

function route() {
  const wanted = readAddress(location.hash);
  if (wanted.item) {
    product(wanted.item, { isOpened: true });
    return;
  }
  turn.product++;
  shown.product = null;
  if (by("product").open) by("product").close();
  if (wanted.query && !isShown(wanted)) search(wanted);
  else if (!wanted.query && shown.query) closeSearch();
}

function drawShop() {
  by("decision-link").hidden = !state.shop.may_see_costs;
  by("shop-name").textContent = state.shop.name || "Steelyard";
  by("store-title").textContent = state.shop.name || "Steelyard";
  document.title = t("store_title", { name: state.shop.name || "Steelyard" });
  const examples = state.shop.query_examples || [];
  put(by("chips"), examples.length ? el("span", { class: "quiet", text: t("try_these") }) : null,
    examples.slice(0, 8).map((query) => el("a", { class: "chip", href: `#q=${encodeURIComponent(query)}`, text: nice(query) })));
}

function redraw() {
  drawShop();
  if (shown.search) drawSearch();
  if (shown.personal) drawPersonal();
  if (shown.shelf) drawBrowse();
  drawBanner();
  redrawRun();
  drawBasket();
  if (shown.product) product(shown.product);
}

function listen() {
  by("search").addEventListener("submit", (event) => {
    event.preventDefault();
    const query = by("q").value.trim();
    if (query && isShown({ query })) search({ query });
    else location.hash = writeAddress({ query });
  });
  listenToTyping();
  listenToSearch();
  by("clear").addEventListener("click", () => { location.hash = ""; by("q").focus(); });
  const asked = () => { personal(); if (state.shop.is_search_personal && shown.query) search(shown); };  // as another, or as nobody
  by("who").addEventListener("change", () => {
    if (by("who").value === ANEW) startAnew();
    else setWho(by("who").value);
    asked();
  });
  by("impersonal").addEventListener("change", () => { setImpersonal(by("impersonal").checked); asked(); });
  by("product").addEventListener("close", () => {
    if (shown.product === null) return;
    document.body.append(by("said"));
    shown.product = null;
    history.pushState(null, "", `#${writeAddress(shown)}`);
  });
  window.addEventListener("hashchange", route);
  by("order").addEventListener("change", browse);
  openBasketWith({ act, buy, say });
  renewWith(renewed);
  renewShopWith(renewShop);
  switchLanguage(redraw);
}

async function decisionFooters() {
  const bundle = state.shop.bundle;
  try {
    const decision = await get("/v1/decision");
    for (const surface of decision.surfaces || []) {
      const chosen = (surface.candidates || []).find((each) => each.name === surface.chosen);
      if (chosen) state.surfaces[surface.surface] = { ...chosen, bundle, currency: decision.book?.currency || decision.shop?.currency };
    }
  } catch {
    // the shop works without; the line below each list then names no cost
  }
}

// ---- while a run goes on: better bundles take the place of the one before

/** What another bundle changes besides its lists: surfaces, departments, the line below each list. What is on the page stays until it is asked for anew. */
async function renewShop() {
  const [before, had] = [state.shop.bundle, state.shop.surfaces];
  try {
    const found = await get("/v1/shop");
    if (found.bundle === before) return;
    Object.assign(state.shop, found);
    if (state.shop.may_see_costs) await decisionFooters();
    drawShop();
    if (serves("recommend") && !had.includes("recommend")) await personal();
    if (!serves("recommend") || shown.shelf) drawBrowse();
  } catch {
    // the next list tells it again
  }
}

async function follow(run) {
  const before = shown.run;
  shown.run = run;
  showRun(run, { link: { href: "/decision", text: () => t(run.progress.failure || run.isStale ? "run_details" : run.progress.is_done ? "run_see" : "run_more") } });
  const served = Object.fromEntries(Object.entries(run.configurations).filter(([surface]) => surface === "search" || surface === "recommend"));
  const names = before ? changedNames(before.configurations, served) : [];
  if (run.bundle !== state.shop.bundle) await renewShop();
  for (const [surface, name] of Object.entries(served)) if (state.surfaces[surface]?.bundle !== run.bundle) state.surfaces[surface] = { name, bundle: run.bundle };
  if (names.length) say(t("updated_with", { names: names.join(language() === "zh" ? "、" : ", ") }));
}

async function start() {
  translate();
  listen();
  try {
    Object.assign(state.shop, await get("/v1/shop"));
    if (state.shop.may_see_costs) decisionFooters().then(redraw);
  } catch (error) {
    by("main").classList.remove("is-starting");
    by("personal").hidden = false;
    put(by("personal-items"), troubleNotice(error, () => location.reload()));
    return;
  }
  setShopLanguage(state.shop.language);
  translate();
  drawShop();
  if (state.shop.has_run) await watch(follow);  // before the page is seen: the bar then pushes nothing down
  by("main").classList.remove("is-starting");
  drawBasket();
  drawWho();
  route();
  drawBrowse();
  await (serves("recommend") ? personal() : browse());  // a shop without a log opens on its products
}

start();
