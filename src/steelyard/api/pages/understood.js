// How a search understood what was typed: words read as others, spellings worth asking about, and that little fits.

import { el } from "./dom.js";
import { shown } from "./shown.js";
import { t } from "./words.js";

const quoted = (words) => `“${words}”`;

/** The query with words of it replaced by their likeliest readings. */
function corrected(query, guesses) {
  return guesses.reduce((text, guess) => text.replace(new RegExp(guess.typed.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i"), guess.words.join(" ")), query);
}

/** What stands above the results; `ask(query, verbatim)` searches again. */
export function understoodNotes(answer, ask) {
  const guesses = answer.read_as || [];
  const applied = guesses.filter((guess) => guess.applied);
  const offered = guesses.filter((guess) => !guess.applied);
  const button = (text, query, verbatim) => el("button", { type: "button", class: "small", text, on: { click: () => ask(query, verbatim) } });
  const notes = [];
  if (applied.length && answer.items.length) {
    notes.push(el("span", { text: t("showing_for", { q: quoted(corrected(shown.query, applied)) }) }),
      button(t("search_instead", { q: quoted(shown.query) }), shown.query, true));
  }
  if (offered.length && !applied.length && !shown.verbatim) {
    const query = corrected(shown.query, offered);
    notes.push(el("span", { text: t("did_you_mean") }), button(query, query, false));
  }
  if (answer.price && answer.items.length) {
    notes.push(el("span", { text: t(answer.price.applied ? "price_read" : "price_without", { q: answer.price.phrase }) }));
    if (answer.price.applied) notes.push(button(t("as_words"), shown.query, true));
  }
  if (answer.redirect) notes.push(el("a", { href: answer.redirect, text: t("redirected") }));
  if (answer.weak && answer.items.length && !applied.length) notes.push(el("span", { text: t("weak_results", { q: quoted(shown.query) }) }));
  return notes;
}
