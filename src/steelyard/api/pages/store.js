// The store front: search, an item with similar ones, and recommendations that follow what is done here.

import { get, post, Trouble } from "./api.js";
import { draw as drawBasket, openBasketWith, putIn } from "./basket.js";
import { card, picture, price, skeletons } from "./cards.js";
import { by, el, put } from "./dom.js";
import { money, ms, nice, perMillion } from "./format.js";
import { glyph, toneOf } from "./glyphs.js";
import { changedNames, watch } from "./progress.js";
import { redrawRun, showRun } from "./run_bar.js";
import { remember, setImpersonal, setWho, startAnew, state, user } from "./state.js";
import { has, language, setShopLanguage, switchLanguage, t, translate } from "./words.js";

const K_SEARCH = 20;
const K_PERSONAL = 10;
const K_SIMILAR = 8;
const K_BROWSE = 15;
const N_DEPARTMENTS = 12;
const ANEW = "*new";

const shown = { query: "", search: null, category: "", personal: null, before: null, department: "", shelf: null, product: null, said: null, run: null };
const turn = { search: 0, personal: 0, product: 0, browse: 0 };
/** Sizes of a product, by the number of any of its items: what the lists have told. */
const sizesOf = new Map();

const serves = (name) => state.shop.surfaces.includes(name);

/** Remembers what an answer tells of sizes; one from another bundle than before has the shop itself asked for again. */
function learn({ items, bundle }) {
  if (bundle && bundle !== state.shop.bundle) renewShop();
  for (const item of items) for (const option of item.options || []) sizesOf.set(option.id, item.options);
}

/** What went wrong, what to do, and a button to try again. */
function troubleNotice(error, again) {
  const kind = error instanceof Trouble ? error : new Trouble(0, "unreachable", "");
  const known = { not_served: "not_served", read_only: "e_read_only", unreachable: "e_unreachable", timeout: "e_timeout", no_such_item: "item_gone" };
  const key = known[kind.code] || "e_refused";
  return el("div", { class: "notice trouble", role: "alert" },
    el("strong", { text: t(key, { code: kind.code }) }),
    el("p", { text: t(`${key}_do`) }),
    kind.message ? el("p", { class: "quiet", text: kind.message }) : null,
    key === "not_served" || key === "item_gone" ? null : el("button", { type: "button", class: "small", text: t("retry"), on: { click: again } }));
}

const emptyNotice = (title, what) => el("div", { class: "notice" }, el("strong", { text: title }), el("p", { text: what }));

/** How long the answer took, by which configuration, at what cost; flagged when it was not a full answer. */
function footLine(node, answer, surface) {
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
  return t(answer.degraded_to === "words" ? "degraded_words" : "degraded", { reason });
}

/** On top of the page as long as an answer is less than it should be. */
function drawBanner() {
  const less = [shown.query ? shown.search : null, shown.personal].find((answer) => answer?.degraded);
  by("banner").hidden = !less;
  put(by("banner"), less ? [degradedWords(less), " ", el("button", { type: "button", class: "small", text: t("retry"), on: { click: () => (less === shown.search ? search(shown.query) : personal()) } })] : null);
}

// ---- search

async function search(query) {
  const mine = ++turn.search;
  by("found").hidden = false;
  by("q").value = query;
  Object.assign(shown, { query, category: "", search: null });
  put(by("facets"));
  put(by("found-foot"));
  put(by("found-items"), skeletons(8));
  drawSearchHead();
  try {
    const answer = await get("/v1/search", { q: query, k: K_SEARCH, diversify: "true" });
    if (mine !== turn.search) return;
    shown.search = answer;
    learn(answer);
    drawSearch();
  } catch (error) {
    if (mine === turn.search) put(by("found-items"), troubleNotice(error, () => search(query)));
  }
}

const isPopular = (answer) => answer?.degraded && answer.degraded_to !== "words";

function drawSearchHead() {
  by("found-title").textContent = isPopular(shown.search) ? t("popular_now") : t("results_for", { q: shown.query });
  by("found-count").textContent = "";
}

function drawSearch() {
  drawSearchHead();
  const { items } = shown.search;
  const narrow = (item) => !shown.category || (item.category || [])[0] === shown.category;
  const kept = items.filter(narrow);
  by("found-count").textContent = items.length && !isPopular(shown.search) ? t("n_results", { n: kept.length }) : "";
  drawFacets(isPopular(shown.search) ? [] : items);
  drawBanner();
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

function closeSearch() {
  turn.search++;
  shown.query = "";
  by("found").hidden = true;
  by("q").value = "";
  drawBanner();
}

// ---- for you

async function personal({ keepBefore = false } = {}) {
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
    learn(answer);
    drawPersonal();
  } catch (error) {
    if (mine === turn.personal) put(by("personal-items"), troubleNotice(error, () => personal()));
  }
}

function drawPersonal() {
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

function drawWho() {
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

// ---- departments: the shop without a question

async function browse() {
  const mine = ++turn.browse;
  if (!by("browse-items").childElementCount) put(by("browse-items"), skeletons(5));
  try {
    const answer = await get("/v1/browse", { department: shown.department, order: by("order").value, k: K_BROWSE });
    if (mine !== turn.browse) return;
    shown.shelf = answer;
    learn(answer);
    drawBrowse();
  } catch (error) {
    if (mine === turn.browse) put(by("browse-items"), troubleNotice(error, browse));
  }
}

function drawBrowse() {
  by("browse").hidden = false;
  by("order").parentElement.hidden = !shown.shelf;
  const tile = ({ name, n_items: n }) => el("button", { type: "button", class: `department tone-${toneOf([name])}`, "aria-pressed": String(shown.department === name), on: { click: () => { shown.department = shown.department === name ? "" : name; browse(); } } },
    glyph([name]), el("span", { class: "department-name", text: nice(name) }), el("span", { class: "count", text: t("n_items", { n: new Intl.NumberFormat().format(n) }) }));
  put(by("departments"), state.shop.departments.length > 1 ? state.shop.departments.slice(0, N_DEPARTMENTS).map(tile) : null);
  by("browse-title").textContent = shown.department ? nice(shown.department) : t(state.shop.departments.length > 1 ? "departments" : "all_products");
  if (shown.shelf) put(by("browse-items"), el("ul", { class: "grid" }, shown.shelf.items.map((item) => card(item, { surface: "browse", act }))));
}

// ---- events

async function tell(events) {
  const answer = await post("/v1/events", events);
  if (answer.refused && answer.refused.length) throw new Trouble(400, answer.refused[0].code || "refused", answer.refused[0].message || answer.refused[0].why || "");
}

function eventOf(kind, id, more = {}) {
  if (!state.impersonal) remember(id, kind);
  return { kind, item_id: id, platform: "web", personalise: !state.impersonal, ...(state.impersonal ? {} : { user: user() }), ...more };
}

/** Asks for recommendations again and says how much of the list changed: `[changed, length]`. */
async function renewed() {
  if (state.impersonal || !shown.personal) return null;
  shown.before = shown.personal;
  await personal({ keepBefore: true });
  const before = new Set((shown.before?.items || []).map((each) => each.id));
  return [shown.personal.items.filter((each) => !before.has(each.id)).length, shown.personal.items.length];
}

/** Stores what the shopper did, then asks again and tells how much of the list changed. */
async function act(kind, item) {
  const undo = kind === "add_to_cart" ? putIn(item) : null;
  const [what, title] = [t(`did_${kind}`), nice(item.title)];
  try {
    await tell(eventOf(kind, item.id));
    const change = await renewed();
    say(change ? t("event_stored", { what, title, n: change[0], k: change[1] }) : t("event_stored_plain", { what, title }), { undo });
  } catch (error) {
    complain(error, undo);
  }
}

/** Opening a product is looking at it: told without a word, and no reason to disturb a shopper when it cannot be stored. */
async function viewed(id) {
  try {
    await tell(eventOf("view", id));
    await renewed();
  } catch {
    // the shop goes on; adding to the basket will say what is wrong
  }
}

async function buy(lines) {
  try {
    await tell(lines.map((line) => eventOf("purchase", line.id, { quantity: line.n })));
    await renewed();
    say(t("bought_all", { n: lines.reduce((sum, line) => sum + line.n, 0) }));
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

function complain(error, undo = null) {
  const key = error.code === "read_only" ? "e_read_only" : error.code === "unreachable" ? "e_unreachable" : error.code === "timeout" ? "e_timeout" : "e_refused";
  say(`${t(key, { code: error.code || "?" })}. ${error.message || t(`${key}_do`)}`, { isTrouble: true, undo });
}

function say(text, { isTrouble = false, undo = null } = {}) {
  const node = by("said");
  ([by("basket"), by("product")].find((dialog) => dialog.open) || document.body).append(node);
  put(node, el("span", { text }), undo ? el("button", { type: "button", class: "small undo", text: t("undo"), on: { click: () => { undo(); node.classList.remove("is-shown"); } } }) : null);
  node.classList.toggle("trouble", isTrouble);
  node.classList.add("is-shown");
  clearTimeout(shown.said);
  shown.said = setTimeout(() => node.classList.remove("is-shown"), 6000);
}

// ---- one item

async function product(id, { isOpened = false } = {}) {
  const mine = ++turn.product;
  const dialog = by("product");
  shown.product = id;
  put(dialog, closeButton(), el("h2", { id: "product-title", class: "quiet", text: t("loading") }));
  if (!dialog.open) dialog.showModal();
  try {
    const shelf = (name, path) => (serves(name) ? get(path, { item: id, k: K_SIMILAR }).catch((error) => error) : null);
    const [item, similar, together] = await Promise.all([get(`/v1/items/${encodeURIComponent(id)}`), shelf("similar", "/v1/similar"), shelf("bought_with", "/v1/bought-with")]);
    if (mine !== turn.product) return;
    for (const answer of [similar, together]) if (answer?.items) learn(answer);
    drawProduct(id, { ...item, id: item.item_id || id }, { similar, bought_with: together });
    if (isOpened) viewed(id);
  } catch (error) {
    if (mine === turn.product) put(dialog, closeButton(), el("h2", { id: "product-title", class: "hidden", text: id }), troubleNotice(error, () => product(id)));
  }
}

const closeButton = () => el("form", { method: "dialog", class: "close" }, el("button", { class: "plain", "aria-label": t("close"), text: "✕" }));

function drawProduct(id, item, shelves) {
  const stock = item.stock === null || item.stock === undefined ? null : item.stock > 0 ? t("in_stock", { n: item.stock }) : t("out_of_stock");
  const facts = Object.entries(item.attributes || {}).slice(0, 16);
  const buttons = ["add_to_cart"].map((kind) => el("button", { type: "button", class: "primary", text: t(kind), on: { click: () => act(kind, item) } }));
  put(by("product"), closeButton(),
    el("div", { class: "product" },
      picture(item),
      el("div", { class: "product-text" },
        el("p", { class: "quiet", text: (item.category || []).map(nice).join(" › ") }),
        el("h2", { id: "product-title", text: nice(item.title) }),
        item.brand ? el("p", { text: item.brand }) : null,
        el("p", { class: "product-price" }, price(item), stock ? el("span", { class: "quiet", text: stock }) : null),
        sizes(id),
        el("div", { class: "buttons" }, buttons),
        item.description ? el("p", { class: "description", text: item.description }) : null,
        facts.length ? el("dl", { class: "facts" }, facts.map(([name, value]) => [el("dt", { text: name }), el("dd", { text: value })])) : null,
        el("p", { class: "quiet", text: t("item_number", { id }) }))),
    itemShelf(id, shelves.similar, "similar"),
    itemShelf(id, shelves.bought_with, "bought_with"));
  by("product").scrollTop = 0;
}

/** Sizes of the product as links, the one shown marked. */
function sizes(id) {
  const options = sizesOf.get(id) || [];
  if (options.length < 2) return null;
  return el("div", { class: "chips sizes-choice", role: "group", "aria-label": t("sizes") }, options.map((option) => el("a", {
    class: "chip", href: `#item=${encodeURIComponent(option.id)}`, "aria-current": option.id === id ? "true" : null,
  }, nice(option.size) || t("size_plain"), el("span", { class: "count", text: option.price === null ? "" : ` ${money(option.price, state.shop.currency)}` }))));
}

function itemShelf(id, answer, name) {
  if (answer === null) return null;
  const head = el("h3", { text: t(`${name}_items`) });
  if (answer instanceof Error) return [head, troubleNotice(answer, () => product(id))];
  if (!answer.items.length || answer.degraded) return name === "similar" ? [head, el("p", { class: "quiet", text: t("similar_none") })] : null;
  const foot = el("p", { class: "foot" });
  footLine(foot, answer, name);
  return [head, el("ul", { class: "grid" }, answer.items.map((each) => card(each, { surface: name, act }))), foot];
}

// ---- the page

function route() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  const item = wanted.get("item");
  const query = (wanted.get("q") || "").trim();
  if (item) {
    product(item, { isOpened: true });
    return;
  }
  turn.product++;
  shown.product = null;
  if (by("product").open) by("product").close();
  if (query && query !== shown.query) search(query);
  else if (!query && shown.query) closeSearch();
}

function drawShop() {
  by("decision-link").hidden = !state.shop.may_see_costs;
  by("shop-name").textContent = state.shop.name || "Steelyard";
  by("store-title").textContent = state.shop.name || "Steelyard";
  document.title = t("store_title", { name: state.shop.name || "Steelyard" });
  const examples = state.shop.query_examples || [];
  put(by("examples"), examples.map((query) => el("option", { value: query })));
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
    if (query && query === shown.query) search(query);
    else location.hash = query ? `q=${encodeURIComponent(query)}` : "";
  });
  by("clear").addEventListener("click", () => { location.hash = ""; by("q").focus(); });
  by("who").addEventListener("change", () => {
    if (by("who").value === ANEW) startAnew();
    else setWho(by("who").value);
    personal();
  });
  by("impersonal").addEventListener("change", () => { setImpersonal(by("impersonal").checked); personal(); });
  by("product").addEventListener("close", () => {
    if (shown.product === null) return;
    document.body.append(by("said"));
    const query = shown.query ? `#q=${encodeURIComponent(shown.query)}` : "#";
    shown.product = null;
    history.pushState(null, "", query);
  });
  window.addEventListener("hashchange", route);
  by("order").addEventListener("change", browse);
  openBasketWith({ buy, say });
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
