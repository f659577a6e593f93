// Sentences with names filled in, spaced as Chinese is typeset; the server does the same in `domain.bilingual`.

/** Chinese and Japanese characters, with the punctuation and the letters that are as wide. */
const WIDE = /[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\u{20000}-\u{3ffff}]/u;
/** Punctuation that brings its own room. */
const MARKS = /[\u3001-\u3004\u3008-\u3020\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff60‘’“”—…]/u;
const CLOSING = ",.;:!?%)]}";

/** `text` with `{name}` replaced by `values.name`. */
export const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => value(values, name));

/** The same for a Chinese sentence: one space where Chinese meets other letters or digits, none where it meets its like. */
export function filledChinese(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => `\x02${value(values, name)}\x03`)
    .replace(/([^\s\x03])( ?)\x02([^\s\x03])/gu, (_, own, gap, first) => `${own}${room(own, first, gap, true)}\x02${first}`)
    .replace(/([^\s\x02])\x03( ?)([^\s\x02])/gu, (_, last, gap, own) => `${last}\x03${room(own, last, gap, false)}${own}`)
    .replace(/[\x02\x03]/g, "");
}

const value = (values, name) => (name in values ? String(values[name]) : "");

/** What stands between a character of the sentence and the first or last one of what is filled in. */
function room(own, inside, gap, isFirst) {
  if (MARKS.test(own) || MARKS.test(inside)) return "";
  if (WIDE.test(own)) return WIDE.test(inside) ? "" : isFirst && CLOSING.includes(inside) ? gap : " ";
  return WIDE.test(inside) && /[\p{L}\p{N}]/u.test(own) ? " " : gap;
}
