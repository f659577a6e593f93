// The store front: search, an item with similar ones, and recommendations that follow what is done here.

import { get, post, Trouble } from "./api.js";
import { card, picture, price, skeletons } from "./cards.js";
import { by, el, put } from "./dom.js";
import { money, ms } from "./format.js";
import { setImpersonal, setWho, startAnew, state, user } from "./state.js";
import { has, language, setShopLanguage, switchLanguage, t, translate } from "./words.js";

const K_SEARCH = 20;
const K_PERSONAL = 10;
const K_SIMILAR = 8;
const ANEW = "*new";

const shown = { query: "", search: null, category: "", personal: null, before: null, product: null, said: null };
const turn = { search: 0, personal: 0, product: 0 };

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
  if (answer.degraded) parts.push(el("span", { class: "flag", text: t("degraded", { reason: has(`busy_${answer.degraded_reason}`) ? t(`busy_${answer.degraded_reason}`) : answer.degraded_reason || "?" }) }));
  parts.push(el("span", { text: t("took", { ms: ms(answer.took_ms) }) }));
  const made = state.surfaces[surface];
  if (made) {
    const what = t(surface === "search" ? "searches" : "recommendations");
    parts.push(el("span", { text: t("configuration", { name: made.name }) }));
    const cost = made.per_1000 && made.per_1000.at_capacity;
    if (cost !== null && cost !== undefined) parts.push(el("span", { text: t("per_1000_line", { cost: money(cost, made.currency), what }) }));
    parts.push(el("a", { href: `/decision#${surface}`, text: t("why_this") }));
  }
  put(node, parts);
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
    const answer = await get("/v1/search", { q: query, k: K_SEARCH });
    if (mine !== turn.search) return;
    shown.search = answer;
    drawSearch();
  } catch (error) {
    if (mine === turn.search) put(by("found-items"), troubleNotice(error, () => search(query)));
  }
}

function drawSearchHead() {
  by("found-title").textContent = t("results_for", { q: shown.query });
  by("found-count").textContent = "";
}

function drawSearch() {
  drawSearchHead();
  const { items } = shown.search;
  const narrow = (item) => !shown.category || (item.category || [])[0] === shown.category;
  const kept = items.filter(narrow);
  by("found-count").textContent = items.length ? t("n_results", { n: kept.length }) : "";
  drawFacets(items);
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
  put(by("facets"), sorted.length > 1 ? [chip("", t("all_categories"), items.length), sorted.map(([name, n]) => chip(name, name, n))] : null);
}

function closeSearch() {
  turn.search++;
  shown.query = "";
  by("found").hidden = true;
  by("q").value = "";
}

// ---- for you

async function personal({ keepBefore = false } = {}) {
  const mine = ++turn.personal;
  if (!keepBefore) {
    shown.before = null;
    put(by("personal-items"), skeletons(6));
    put(by("personal-foot"));
  }
  try {
    const answer = await get("/v1/recommend", { user: state.impersonal ? "" : user(), k: K_PERSONAL, personalise: String(!state.impersonal) });
    if (mine !== turn.personal) return;
    shown.personal = answer;
    drawPersonal();
  } catch (error) {
    if (mine === turn.personal) put(by("personal-items"), troubleNotice(error, () => personal()));
  }
}

function drawPersonal() {
  drawWho();
  const { items } = shown.personal;
  const before = shown.before ? new Set(shown.before.items.map((item) => item.id)) : null;
  const isPopular = items.length > 0 && items.every((item) => (item.reasons || [])[0]?.kind === "popular");
  by("personal-title").textContent = t(isPopular ? "popular_now" : "for_you");
  if (!items.length) put(by("personal-items"), emptyNotice(t("for_you_none"), t("for_you_none_do")));
  else put(by("personal-items"), el("ul", { class: "grid" }, items.map((item) => card(isPopular ? { ...item, reasons: [] } : item, { surface: "recommend", act, isNew: before !== null && !before.has(item.id) }))));
  footLine(by("personal-foot"), shown.personal, "recommend");
}

function drawWho() {
  const options = state.shop.users.map((example, i) => el("option", { value: example.user, text: t("example_user", { n: i + 1, items: example.n_items }) }));
  put(by("who"), el("option", { value: state.visitor, text: t("this_visitor") }), options, el("option", { value: ANEW, text: t("new_visitor") }));
  by("who").value = user();
  by("who").disabled = state.impersonal;
  by("impersonal").checked = state.impersonal;
  const example = state.shop.users.find((each) => each.user === user());
  const join = language() === "zh" ? "、" : ", ";
  const known = example ? t("example_known", { items: example.latest.join(join) }) : t("visitor_known");
  by("who-known").textContent = state.impersonal ? t("no_personal_known") : known;
}

// ---- events

/** Stores what the shopper did, then asks again and tells how much of the list changed. */
async function act(kind, item) {
  const event = { kind, item_id: item.id, platform: "web", personalise: !state.impersonal };
  if (!state.impersonal) event.user = user();
  const what = t(`did_${kind}`);
  try {
    const answer = await post("/v1/events", event);
    if (answer.refused && answer.refused.length) throw new Trouble(400, answer.refused[0].code || "refused", answer.refused[0].message || answer.refused[0].why || "");
    if (state.impersonal || !state.surfaces.recommend && !shown.personal) return say(t("event_stored_plain", { what, title: item.title }));
    shown.before = shown.personal;
    await personal({ keepBefore: true });
    const before = new Set((shown.before?.items || []).map((each) => each.id));
    const changed = shown.personal.items.filter((each) => !before.has(each.id)).length;
    say(t("event_stored", { what, title: item.title, n: changed, k: shown.personal.items.length }));
  } catch (error) {
    const key = error.code === "read_only" ? "e_read_only" : error.code === "unreachable" ? "e_unreachable" : error.code === "timeout" ? "e_timeout" : "e_refused";
    say(`${t(key, { code: error.code || "?" })}. ${error.message || t(`${key}_do`)}`, true);
  }
}

function say(text, isTrouble = false) {
  const node = by("said");
  (by("product").open ? by("product") : document.body).append(node);
  node.textContent = text;
  node.classList.toggle("trouble", isTrouble);
  node.classList.add("is-shown");
  clearTimeout(shown.said);
  shown.said = setTimeout(() => node.classList.remove("is-shown"), 6000);
}

// ---- one item

async function product(id) {
  const mine = ++turn.product;
  const dialog = by("product");
  shown.product = id;
  put(dialog, closeButton(), el("h2", { id: "product-title", class: "quiet", text: t("loading") }));
  if (!dialog.open) dialog.showModal();
  try {
    const [item, similar] = await Promise.all([
      get(`/v1/items/${encodeURIComponent(id)}`),
      get("/v1/similar", { item: id, k: K_SIMILAR }).catch((error) => error),
    ]);
    if (mine === turn.product) drawProduct(id, { ...item, id: item.item_id || id }, similar);
  } catch (error) {
    if (mine === turn.product) put(dialog, closeButton(), el("h2", { id: "product-title", class: "hidden", text: id }), troubleNotice(error, () => product(id)));
  }
}

const closeButton = () => el("form", { method: "dialog", class: "close" }, el("button", { class: "plain", "aria-label": t("close"), text: "✕" }));

function drawProduct(id, item, similar) {
  const stock = item.stock === null || item.stock === undefined ? null : item.stock > 0 ? t("in_stock", { n: item.stock }) : t("out_of_stock");
  const facts = Object.entries(item.attributes || {}).slice(0, 16);
  const buttons = ["view", "add_to_cart", "purchase"].map((kind) => el("button", { type: "button", class: kind === "add_to_cart" ? "primary" : "", text: t(kind), on: { click: () => act(kind, item) } }));
  put(by("product"), closeButton(),
    el("div", { class: "product" },
      picture(item),
      el("div", { class: "product-text" },
        el("p", { class: "quiet", text: (item.category || []).join(" › ") }),
        el("h2", { id: "product-title", text: item.title }),
        item.brand ? el("p", { text: item.brand }) : null,
        el("p", { class: "product-price" }, price(item), stock ? el("span", { class: "quiet", text: stock }) : null),
        el("div", { class: "buttons" }, buttons),
        item.description ? el("p", { class: "description", text: item.description }) : null,
        facts.length ? el("dl", { class: "facts" }, facts.map(([name, value]) => [el("dt", { text: name }), el("dd", { text: value })])) : null,
        el("p", { class: "quiet", text: t("item_number", { id }) }))),
    el("h3", { text: t("similar_items") }),
    similarShelf(id, similar));
  by("product").scrollTop = 0;
}

function similarShelf(id, similar) {
  if (similar instanceof Error) return troubleNotice(similar, () => product(id));
  if (!similar.items.length) return el("p", { class: "quiet", text: t("similar_none") });
  const foot = el("p", { class: "foot" });
  footLine(foot, similar, "similar");
  return [el("ul", { class: "grid" }, similar.items.map((each) => card(each, { surface: "similar", act }))), foot];
}

// ---- the page

function route() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  const item = wanted.get("item");
  const query = (wanted.get("q") || "").trim();
  if (item) {
    product(item);
    return;
  }
  turn.product++;
  shown.product = null;
  if (by("product").open) by("product").close();
  if (query && query !== shown.query) search(query);
  else if (!query && shown.query) closeSearch();
}

function drawShop() {
  by("shop-name").textContent = state.shop.name || "Steelyard";
  by("store-title").textContent = state.shop.name || "Steelyard";
  document.title = t("store_title", { name: state.shop.name || "Steelyard" });
  const examples = state.shop.query_examples || [];
  put(by("examples"), examples.map((query) => el("option", { value: query })));
  put(by("chips"), examples.length ? el("span", { class: "quiet", text: t("try_these") }) : null,
    examples.slice(0, 10).map((query) => el("a", { class: "chip", href: `#q=${encodeURIComponent(query)}`, text: query })));
}

function redraw() {
  drawShop();
  if (shown.search) drawSearch();
  if (shown.personal) drawPersonal();
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
  switchLanguage(redraw);
}

async function decisionFooters() {
  try {
    const decision = await get("/v1/decision");
    for (const surface of decision.surfaces || []) {
      const chosen = (surface.candidates || []).find((each) => each.name === surface.chosen);
      if (chosen) state.surfaces[surface.surface] = { ...chosen, currency: decision.book?.currency || decision.shop?.currency };
    }
  } catch {
    // the shop works without; the line below each list then names no cost
  }
}

async function start() {
  translate();
  listen();
  put(by("personal-items"), skeletons(6));
  try {
    const [shop] = await Promise.all([get("/v1/shop"), decisionFooters()]);
    Object.assign(state.shop, shop);
  } catch (error) {
    put(by("personal-items"), troubleNotice(error, () => location.reload()));
    return;
  }
  setShopLanguage(state.shop.language);
  translate();
  drawShop();
  drawWho();
  route();
  await personal();
}

start();
