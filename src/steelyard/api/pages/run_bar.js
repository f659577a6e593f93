// The bar on top of a page while a run goes on: what is being done, how much of it, how long it may still take.

import { by, el, put } from "./dom.js";
import { leftWords, nowWords, shareOf } from "./progress.js";
import { t } from "./words.js";

const SAY_EVERY_MS = 20000;
const state = { run: null, most: 0, began: "", parts: null, isClosed: false };

/** Draws the bar anew, or takes it away. `run` is what `progress.watch` gives; `link` leads to more, or is null. */
export function showRun(run, { link = null, action = null } = {}) {
  Object.assign(state, { run, link, action });
  draw();
}

/** The same in another language. */
export function redrawRun() {
  if (state.run) draw();
}

/** The share only grows while one run goes on: an estimate that is put right does not take the bar back. */
function shareNow(progress) {
  const share = shareOf(progress);
  if (progress.started_at !== state.began) Object.assign(state, { began: progress.started_at, most: 0, isClosed: false });
  state.most = share === null ? state.most : Math.max(state.most, share);
  return share === null && !state.most ? null : state.most;
}

/** Title, what is being done, its place in the row, time left. */
function texts({ progress, isStale }) {
  if (progress.failure) return [t("run_failed"), progress.failure, "", ""];
  if (progress.is_done) return [t("run_done"), t("run_done_says"), "", ""];
  if (isStale) return [t("run_silent"), t("run_silent_do"), "", ""];
  return [t("building"), ...nowWords(progress), leftWords(progress)];
}

function parts() {
  if (state.parts) return state.parts;
  const made = {
    title: el("strong", { id: "run-title", class: "run-title" }), what: el("span", { class: "run-what" }), place: el("span", { class: "run-place" }), left: el("span", { class: "run-left" }),
    more: el("span", { class: "run-more" }), bar: el("progress", { max: 1, "aria-labelledby": "run-title" }), said: el("span", { class: "hidden", role: "status", "aria-live": "polite" }),
  };
  put(by("run"), el("div", { class: "run-line" }, made.title, el("span", { class: "run-now" }, made.what, made.place), made.left, made.more), made.bar, made.said);
  state.parts = made;
  return made;
}

function draw() {
  const { progress } = state.run;
  const share = shareNow(progress);
  const isOn = !state.isClosed && (!progress.is_done || !by("run").hidden || progress.failure || state.action);
  by("run").hidden = !isOn;
  if (!isOn) return;
  const { title, what, place, left, more, bar, said } = parts();
  const words = texts(state.run);
  [title.textContent, what.textContent, place.textContent, left.textContent] = words;
  what.title = what.textContent;
  if (share === null) bar.removeAttribute("value");
  else bar.value = share;
  by("run").classList.toggle("is-done", progress.is_done && !progress.failure);
  by("run").classList.toggle("is-trouble", Boolean(progress.failure || state.run.isStale));
  drawMore(more, progress);
  announce(said, [words[0], words[1] + words[2], words[3]], { isLast: progress.is_done });
}

/** Links are left alone while they stay the same: whoever is on one keeps the focus. */
function drawMore(node, progress) {
  const wanted = [state.action?.text, state.link?.text(), progress.is_done].join("|");
  if (node.dataset.shown === wanted) return;
  node.dataset.shown = wanted;
  put(node, state.action ? el("button", { type: "button", class: "small", text: state.action.text, on: { click: state.action.act } }) : null,
    state.link ? el("a", { href: state.link.href, text: state.link.text() }) : null,
    progress.is_done ? el("button", { type: "button", class: "plain small", "aria-label": t("close"), text: "✕", on: { click: () => { state.isClosed = true; by("run").hidden = true; } } }) : null);
}

/** A reader that speaks is told now and then, not at every step. */
export function announce(node, texts, { isLast = false } = {}) {
  const now = Date.now(), text = texts.filter(Boolean).join(". ");
  if (text === node.textContent || (!isLast && now - Number(node.dataset.at || 0) < SAY_EVERY_MS)) return;
  node.dataset.at = now;
  node.textContent = text;
}
