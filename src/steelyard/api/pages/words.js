// The reader's language, and the sentences of the pages in it. The sentences come from the server, which has the one table of them.

import WORDS from "./sentences.js";
import { filled, filledChinese } from "./typeset.js";

const KEY = "steelyard.language";

let chosen = read();
let shopLanguage = "";

function read() {
  const asked = new URLSearchParams(location.search).get("language");
  if (asked === "en" || asked === "zh") return asked;
  try {
    const kept = localStorage.getItem(KEY);
    if (kept === "en" || kept === "zh") return kept;
  } catch {
    // storage may be switched off: the choice then lasts as long as the page
  }
  return "";
}

/** The reader's language: what was chosen, else the browser's where it is Chinese, else the shop's. */
export function language() {
  if (chosen) return chosen;
  if (/^zh\b/i.test(navigator.language || "") || /^zh\b/i.test(shopLanguage)) return "zh";
  return "en";
}

export function setShopLanguage(given) {
  shopLanguage = typeof given === "string" ? given : "";
}

export function setLanguage(given) {
  chosen = given === "zh" ? "zh" : "en";
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // as above
  }
}

/** The words of `key` with `{name}` replaced by `values.name`. */
export function t(key, values = {}) {
  const pair = WORDS[key];
  if (!pair) throw new Error(`no words for ${key}`);
  return language() === "zh" ? filledChinese(pair[1], values) : filled(pair[0], values);
}

export const has = (key) => key in WORDS;
export const stage = (name) => (has(`s_${name}`) ? t(`s_${name}`) : name);
export const unit = (name) => (has(`u_${name}`) ? t(`u_${name}`) : name);

/** `name` or `name_zh` of a document, whichever suits the reader. */
export function said(document, name) {
  const own = document[`${name}_zh`];
  return language() === "zh" && own !== undefined && own !== null && own.length ? own : document[name];
}

/** Puts words into every element with `data-t`, `data-t-label` or `data-t-hint`, and marks the language switch. */
export function translate(root = document) {
  document.documentElement.lang = language() === "zh" ? "zh-CN" : "en";
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", t(node.dataset.tLabel));
  for (const node of root.querySelectorAll("[data-t-hint]")) node.setAttribute("placeholder", t(node.dataset.tHint));
  for (const node of root.querySelectorAll("[data-language]")) node.setAttribute("aria-pressed", String(node.dataset.language === language()));
}

/** Makes the language switch work; `redraw` is called after every change. */
export function switchLanguage(redraw) {
  for (const node of document.querySelectorAll("[data-language]")) {
    node.addEventListener("click", () => {
      setLanguage(node.dataset.language);
      translate();
      redraw();
    });
  }
}
