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

/** The address of a picture if it may be loaded, otherwise null: only http(s), and paths of this server. */
export function pictureAddress(given) {
  if (typeof given !== "string" || given.trim() === "") return null;
  if (!/^https?:\/\//i.test(given) && !/^\/[^/\\]/.test(given)) return null;
  try {
    const found = new URL(given, location.origin);
    return found.protocol === "https:" || found.protocol === "http:" ? found.href : null;
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

/** A small number that is always the same for the same text. */
export function hash(text) {
  let value = 2166136261;
  for (const sign of text) value = Math.imul(value ^ sign.codePointAt(0), 16777619);
  return value >>> 0;
}
