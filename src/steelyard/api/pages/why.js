// How the answer to a search came about, for who runs the shop: reading, steps, what each score is made of, and time.

import { post } from "./api.js";
import { by, el, put } from "./dom.js";
import { money, nice } from "./format.js";
import { troubleNotice } from "./notices.js";
import { state } from "./state.js";
import { has, t } from "./words.js";

const LEFT_OUT = ["below_floor", "sold_out", "hidden", "grouped", "filled_up"];
const count = (n) => new Intl.NumberFormat().format(n);
const figure = (value) => value.toFixed(4);
const line = (text) => el("li", { text });
const lines = (rows) => el("ul", { class: "why-lines" }, rows.filter(Boolean).map(line));

/** Opens the panel for a question, asked once more with its explanation. */
export async function openWhy(question) {
  const dialog = by("why");
  by("why-title").textContent = t("x_of", { q: question.q });
  put(by("why-told"), el("p", { class: "quiet", text: t("loading") }));
  if (!dialog.open) dialog.showModal();
  try {
    let answer = await post("/v1/search", { ...question, explain: true });
    if (!answer.explanation) answer = await post("/v1/search", { ...question, explain: true });  // what is read once is there now
    put(by("why-told"), answer.explanation ? told(answer) : el("p", { class: "notice", text: t("x_no_time") }));
  } catch (error) {
    put(by("why-told"), troubleNotice(error, () => openWhy(question)));
  }
  by("why-told").scrollTop = 0;
}

function told(answer) {
  const { model, tells, note, read, tiers, items, steps, stages, total_us: us } = answer.explanation;
  const ms = (us / 1000).toFixed(2);
  const shown = tiers.map((tier) => `${tier.n} × ${tierName(tier.kind || "none")}`).join(", ");
  const times = stages.map((stage) => `${stageName(stage.name)} ${count(Math.round(stage.us))} µs`).join(" · ");
  return [
    el("p", { text: model ? t("x_answered", { model, ms }) : t("x_answered_plain", { ms }) }),
    tells ? null : el("p", { class: "notice", text: t("x_silent") }),
    tells && note ? el("p", { class: "notice", text: note }) : null,
    el("h3", { text: t("x_h_read") }), lines([...readLines(read), priceLine(answer.price), ...guesses(read)]),
    el("h3", { text: t("x_h_found") }), lines([...steps.filter((step) => step.n || !LEFT_OUT.includes(step.kind)).map(stepLine), shown && t("x_tiers", { list: shown })]),
    items.length ? el("h3", { text: t("x_h_items") }) : null,
    el("ol", { class: "why-items" }, items.map(itemTold)),
    el("h3", { text: t("x_h_time") }), el("p", { text: times }), el("p", { class: "quiet", text: t("x_stage_note", { ms }) }),
  ];
}

const tierName = (tier) => t(`x_tier_${tier}`);
const stageName = (name) => (has(`x_stage_${name}`) ? t(`x_stage_${name}`) : name);
const stepName = ({ kind, of = "" }) => (has(`x_step_${kind}`) ? t(`x_step_${kind}`, { of }) : kind);
const stepLine = (step) => `${count(step.n)} ${stepName(step)}`;

function readLines(read) {
  if (!read) return [];
  return [
    t("x_folded", { q: read.folded }),
    read.language && t("x_language", { name: t(`x_language_${read.language}`) }),
    read.stop_words.length && t("x_stop_words", { words: read.stop_words.join(", ") }),
    ...read.terms.map((term) => t("x_term", { word: term.word || term.stands_for.join(" ") || term.term, kind: t(`x_term_${term.kind}`), weight: term.weight.toFixed(2), n: count(term.texts) })),
  ];
}

function priceLine(price) {
  if (!price) return null;
  const isNone = (value) => value === null || value === undefined;
  const end = isNone(price.min) ? "most" : isNone(price.max) ? "least" : "between";
  const said = { phrase: price.phrase, low: money(price.min ?? 0, state.shop.currency), high: money(price.max ?? 0, state.shop.currency) };
  return price.applied ? t(`x_price_${end}`, said) : t("x_price_unused", said);
}

function guesses(read) {
  if (!read) return [];
  const percent = (value) => (value === undefined ? "" : `${Math.round(100 * value)} %`);
  const meant = (read.meant || []).map((each) => t(`x_meant_${each.kind}`, { value: each.value, field: each.field || "", share: percent(each.probability) }));
  return [
    read.unknown.length && t("x_unknown", { words: read.unknown.join(", ") }),
    ...read.corrections.map((each) => `${t("x_corrected", { typed: each.typed, words: each.words.join(" "), trust: t(`x_trust_${each.trust}`), weight: each.weight.toFixed(2) })} (${t(each.applied ? "x_applied" : "x_not_applied")})`),
    ...read.synonyms.map((each) => t(each.replaced ? "x_synonym_replaced" : "x_synonym", { words: each.words.join(" "), names: each.names.join(", ") })),
    ...meant, meant.length && t("x_meant_unweighed"),
  ];
}

function itemTold(item) {
  const rules = (item.moved || []).map((each) => each.rule).join(", ");
  const place = item.place_without_rules;
  const features = (item.features || []).map((each) => `${each.name} ${Number(each.value.toPrecision(4))}`).join(", ");
  return el("li", {}, el("details", {},
    el("summary", {}, el("span", { text: nice(item.title) }), el("span", { class: "quiet", text: `${figure(item.score)} · ${tierName(item.tier || "none")}` })),
    rules ? el("p", { text: place ? t("x_moved", { rules, n: place }) : t("x_moved_new", { rules }) }) : null,
    partsTold(item.parts || []),
    features ? el("p", { class: "quiet", text: t("x_features", { list: features }) }) : null));
}

const partsTold = (parts) => el("ul", { class: "why-parts" }, parts.filter((part) => Math.abs(part.value) >= 5e-5).map((part) => el("li", {},
  el("span", { class: "why-value", text: `${part.value < 0 ? "−" : "+"}${figure(Math.abs(part.value))}` }), " ", partName(part),
  part.counted === false ? el("span", { class: "quiet", text: ` – ${t("x_not_counted")}` }) : null,
  part.parts && part.parts.length ? partsTold(part.parts) : null)));

function partName(part) {
  const of = part.kind === "field" && has(`x_field_${part.of}`) ? t(`x_field_${part.of}`) : part.of || "";
  const name = has(`x_part_${part.kind}`) ? t(`x_part_${part.kind}`, { of }) : t("x_part_other", { of: `${part.kind} ${part.of || ""}`.trim() });
  const isFigure = part.raw !== undefined && part.weight !== undefined && part.kind !== "term";
  return isFigure ? `${name} = ${part.weight.toFixed(3)} × ${part.raw.toFixed(3)}` : name;
}
