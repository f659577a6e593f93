// Figures as the reader's language writes them. What is unknown is said to be unknown, never shown as zero.

import { language, t } from "./words.js";

const locale = () => (language() === "zh" ? "zh-CN" : "en-US");

export function number(value, digits = 2) {
  if (value === null || value === undefined || !Number.isFinite(Number(value))) return t("unknown");
  return new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

export function whole(value) {
  return number(value, 0);
}

/** A figure with at least two digits that say something: 0.42, 6.9, 142. */
export function short(value) {
  if (value === null || value === undefined || !Number.isFinite(Number(value))) return t("unknown");
  const size = Math.abs(value);
  return number(value, size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

const ABBREVIATIONS = new Set("bbq tv dvd cd usb led lcd pc uht ipa blt diy xl xxl uk us hd ssd nfl nba".split(" "));

/** A text in capitals as a sentence is written; a text that is written in small letters stays as it is. */
export function nice(text) {
  if (!/\p{Lu}{4}/u.test(text) || /\p{Ll}/u.test(text)) return text;
  const low = text.toLowerCase().replace(/[a-z]+/g, (word) => (ABBREVIATIONS.has(word) ? word.toUpperCase() : word));
  return low.replace(/\p{L}/u, (letter) => letter.toUpperCase());
}

/** An amount of money from its exact decimal text. Small amounts keep four significant digits; without a currency there is no sign. */
export function money(amount, currency) {
  if (amount === null || amount === undefined || amount === "") return t("no_price");
  const value = Number(amount);
  if (!Number.isFinite(value)) return t("no_price");
  const small = value !== 0 && Math.abs(value) < 0.1;
  const digits = small ? { maximumSignificantDigits: 4 } : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  if (!currency) return new Intl.NumberFormat(locale(), digits).format(value);
  try {
    return new Intl.NumberFormat(locale(), { style: "currency", currency, currencyDisplay: "narrowSymbol", ...digits }).format(value);
  } catch {
    return `${new Intl.NumberFormat(locale(), digits).format(value)} ${currency || ""}`.trim();
  }
}

/** An amount of a bill: cents, and what is less than one as such. */
export function cents(amount, currency) {
  const value = Number(amount);
  if (amount === null || amount === undefined || amount === "" || !Number.isFinite(value)) return t("no_price");
  return value !== 0 && Math.abs(value) < 0.005 ? `< ${money("0.01", currency).replace(/(\.\d\d)\d*/, "$1")}` : money(value.toFixed(2), currency);
}

/** What a thousand cost, as what a million cost. */
export const perMillion = (perThousand) => (perThousand === null || perThousand === undefined ? null : String(Number(perThousand) * 1000));

/** Two figures with as many digits as tell them apart: 98.97 and 99, not 99 and 99. */
export function apart(a, b, show) {
  for (let digits = 1; digits < 8; digits++) if (show(a, digits) !== show(b, digits)) return [show(a, digits), show(b, digits)];
  return [show(a, 8), show(b, 8)];
}

export function percent(share, digits = 1) {
  if (share === null || share === undefined || !Number.isFinite(Number(share))) return t("unknown");
  const text = number(share * 100, digits);
  return `${text.replace(/([.]\d*?)0+$/, "$1").replace(/[.]$/, "")}${language() === "zh" ? "%" : " %"}`;
}

export function ms(value) {
  return value === null || value === undefined ? t("unknown") : `${short(value)} ms`;
}

/** A length of time that somebody set: without zeros after the point. */
export function given(value, digits = 2) {
  return value === null || value === undefined ? t("unknown") : new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
}

export function day(text) {
  const found = new Date(text);
  if (!text || Number.isNaN(found.getTime())) return t("unknown");
  return new Intl.DateTimeFormat(locale(), { year: "numeric", month: "short", day: "numeric", timeZone: "UTC" }).format(found);
}
