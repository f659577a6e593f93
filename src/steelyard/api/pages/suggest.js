// Proposals below the search box. Arrows move, Enter takes, Escape closes; the words typed stay what they are until one is taken.

import { get } from "./api.js";
import { begun, by, el, put } from "./dom.js";
import { nice } from "./format.js";
import { writeAddress } from "./address.js";
import { state } from "./state.js";
import { t } from "./words.js";

const WAIT_MS = 70;
const K = 8;

let turn = 0;
let waiting = 0;
let isOff = false;
let found = [];
let at = -1;

/** Where a proposal leads. */
function addressOf({ kind, text, id }) {
  if (kind === "product") return `item=${encodeURIComponent(id)}`;
  const query = nice(text.split(" > ").at(-1));
  if (kind === "category") return writeAddress({ query, filters: { category: [text] } });
  return writeAddress({ query: kind === "brand" ? text : query, filters: kind === "brand" ? { brand: [text] } : {} });
}

function close() {
  turn++;
  clearTimeout(waiting);
  found = [];
  at = -1;
  draw();
}

function take(one) {
  by("q").value = one.kind === "product" ? by("q").value : nice(one.text.split(" > ").at(-1));
  close();
  const address = addressOf(one);
  if (location.hash.slice(1) === address) window.dispatchEvent(new HashChangeEvent("hashchange"));
  else location.hash = address;
}

function draw() {
  const [box, list] = [by("q"), by("suggestions")];
  list.hidden = !found.length;
  box.setAttribute("aria-expanded", String(found.length > 0));
  if (at >= 0) box.setAttribute("aria-activedescendant", `suggestion-${at}`);
  else box.removeAttribute("aria-activedescendant");
  const typed = box.value.trim();
  put(list, found.map((one, n) => {
    const names = one.text.split(" > ").map(nice);
    const text = one.kind === "query" ? one.text : names.at(-1);
    return el("li", { id: `suggestion-${n}`, role: "option", "aria-selected": String(n === at), on: { mousedown: (event) => event.preventDefault(), click: () => take(one) } },
      el("span", { class: "suggestion-text" }, begun(text, typed)),
      el("span", { class: "quiet", text: one.kind === "query" ? "" : [t(`kind_${one.kind}`), ...names.slice(0, -1)].join(" · ") }));
  }));
  list.children[at]?.scrollIntoView({ block: "nearest" });
}

async function ask() {
  const mine = ++turn;
  try {
    const answer = await get("/v1/suggest", { q: by("q").value.slice(0, 256), k: K });
    if (mine !== turn || document.activeElement !== by("q")) return;
    found = answer.suggestions;
    at = -1;
    draw();
  } catch (error) {
    isOff = error.code === "not_served";  // a bundle without proposals: nothing is asked again
  }
}

function soon() {
  clearTimeout(waiting);
  if (!isOff && state.shop.surfaces.includes("search")) waiting = setTimeout(ask, WAIT_MS);
}

function key(event) {
  if (event.isComposing) return;
  if (event.key === "Escape" && found.length) { event.preventDefault(); close(); }
  else if (event.key === "Enter" && at >= 0) { event.preventDefault(); take(found[at]); }
  else if (event.key === "Enter") close();
  else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (!found.length) { soon(); return; }
    const n = found.length + 1;  // one place is the box itself
    at = ((at + 1 + (event.key === "ArrowDown" ? 1 : -1) + n) % n) - 1;
    draw();
  }
}

export function listenToTyping() {
  const box = by("q");
  box.addEventListener("input", soon);
  box.addEventListener("keydown", key);
  box.addEventListener("blur", close);
  box.addEventListener("focus", () => { if (!box.value.trim()) soon(); });
  by("search").addEventListener("submit", close);
}
