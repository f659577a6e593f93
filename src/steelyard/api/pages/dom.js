// Makes elements. Data only ever goes in as text or as a checked address, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element. Properties: `class`, `text`, `on` (listeners), `data`; all others are attributes; null leaves one out. */
export function el(name, properties = {}, ...children) {
  return fill(document.createElement(name), properties, children);
}

/** The same for a drawing. */
export function svg(name, properties = {}, ...children) {
  return fill(document.createElementNS(SVG, name), properties, children);
}

function fill(node, properties, children) {
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "text") node.textContent = String(value);
    else if (key === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else if (key === "data") Object.assign(node.dataset, value);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Replaces all that is inside `node`. */
export function put(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const by = (id) => document.getElementById(id);

/**
 * The address of a picture if it may be loaded, otherwise null. `base` is where the shop's pictures lie, a path of this
 * server or an https address: names without a host are taken from there. `sources` are the hosts that the page's policy
 * allows (or "https:" for all of them): what it forbids is not asked for, so that the console stays clean.
 */
export function pictureAddress(given, { base = "", sources = [] } = {}) {
  if (typeof given !== "string" || given.trim() === "" || given.length > 2000 || given.includes("\\")) return null;
  try {
    if (/^https?:\/\//i.test(given)) {
      const found = new URL(given);
      const isAllowed = found.origin === location.origin || sources.includes(found.origin) || (found.protocol === "https:" && sources.includes("https:"));
      return isAllowed ? found.href : null;
    }
    if (/^[a-z][a-z0-9+.-]*:/i.test(given) || given.startsWith("//")) return null;
    if (/^\/static\//.test(given) || (!base && given.startsWith("/"))) return new URL(given, location.origin).href;
    if (!base) return null;
    const name = given.replace(/^(\.{0,2}\/)+/, "").split("/").map(encodeURIComponent).join("/");
    return new URL(name, new URL(base.endsWith("/") ? base : `${base}/`, location.origin)).href;
  } catch {
    return null;
  }
}

/** Text with the given words marked. Latin words are marked where they begin a word, others wherever they are. */
export function marked(text, words) {
  const wanted = words.filter((word) => word && word.trim()).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (!wanted.length) return [document.createTextNode(text)];
  const parts = wanted.map((word) => (/^[\p{Script=Latin}\d]/u.test(word) ? `(?<![\\p{L}\\d])${word}[\\p{Script=Latin}]{0,3}(?![\\p{Script=Latin}\\d])` : word));
  const pattern = new RegExp(parts.join("|"), "giu");
  const found = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    found.push(document.createTextNode(text.slice(end, match.index)), el("mark", { text: match[0] }));
    end = match.index + match[0].length;
  }
  return [...found, document.createTextNode(text.slice(end))];
}

/** Text with what was typed marked, where a word begins with it; in scripts without spaces wherever it is. */
export function begun(text, typed) {
  const wanted = typed.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+");
  if (!wanted) return [document.createTextNode(text)];
  const pattern = new RegExp(`(${/^[\p{Script=Latin}\d]/u.test(typed.trim()) ? `(?<![\\p{L}\\d])${wanted}` : wanted})`, "iu");
  return text.split(pattern).map((part, n) => (n === 1 ? el("mark", { text: part }) : document.createTextNode(part)));
}

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'", "&amp;": "&" };

/**
 * Nodes for a title that the server marked: <mark> becomes an element, all else stays text. `shape` writes the title as it
 * is shown, letter for letter; where that changes its length, nothing is marked.
 */
export function unmarked(html, shape, plain) {
  const parts = html.split(/<mark>|<\/mark>/).map((part) => part.replace(/&(?:lt|gt|quot|#x27|amp);/g, (found) => ENTITIES[found]));
  const whole = shape(plain);
  if (parts.join("").length !== whole.length) return [document.createTextNode(whole)];
  let at = 0;
  return parts.map((part, n) => {
    const text = whole.slice(at, (at += part.length));
    return n % 2 ? el("mark", { text }) : document.createTextNode(text);
  });
}

/** A small number that is always the same for the same text. */
export function hash(text) {
  let value = 2166136261;
  for (const sign of text) value = Math.imul(value ^ sign.codePointAt(0), 16777619);
  return value >>> 0;
}
