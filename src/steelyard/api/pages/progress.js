// The run that makes the bundles: asked for while it goes on, and said in words. Draws nothing itself.

import { getDated } from "./api.js";
import { whole } from "./format.js";
import { has, t } from "./words.js";

const EVERY_MS = 1500;
const SLOW_MS = 10000;
const STALE_S = 90;
/** After the end the last bundle may still be on its way to the server: asked for that long. */
const AFTER_S = 30;

/**
 * Asks until the run has ended; `changed({progress, bundle, configurations, isStale, isOver})` is called with each answer that
 * differs from the one before. Resolves when the first answer was handled: to false where there is no run to ask about.
 */
export async function watch(changed) {
  let before = "";
  const look = async () => {
    const { body, at } = await getDated("/v1/progress");
    const age = (at - Date.parse(body.progress.updated_at)) / 1000;
    const isStale = !body.progress.is_done && age > STALE_S;
    const isOver = body.progress.is_done && age > AFTER_S;
    const now = JSON.stringify([body, isStale, isOver]);
    if (now !== before) await changed({ ...body, isStale, isOver });
    before = now;
    return { isOver, isStale };
  };
  const again = (ms) => setTimeout(async () => {
    if (document.hidden) return void document.addEventListener("visibilitychange", () => again(0), { once: true });
    try {
      const { isOver, isStale } = await look();
      if (!isOver) again(isStale ? SLOW_MS : EVERY_MS);
    } catch (error) {
      if (!error.status || error.status >= 500) again(SLOW_MS);  // the server may be starting anew
    }
  }, ms);
  try {
    const { isOver } = await look();
    if (!isOver) again(EVERY_MS);
    return true;
  } catch {
    return false;
  }
}

export const isEnded = (step) => step.state === "done" || step.state === "skipped";
export const runningOf = (progress) => progress.steps.find((step) => step.state === "running") || null;

/** Part of the run that is done, in [0, 1]: by time where the time left is known, else by steps; null where neither is. */
export function shareOf(progress) {
  if (progress.is_done && !progress.failure) return 1;
  const taken = Math.max(0, (Date.parse(progress.updated_at) - Date.parse(progress.started_at)) / 1000);
  if (!progress.failure && progress.seconds_left !== null && taken + progress.seconds_left > 0) return taken / (taken + progress.seconds_left);
  const shares = progress.steps.map((step) => (isEnded(step) ? 1 : step.state === "running" && step.total ? Math.min(1, (step.done ?? 0) / step.total) : 0));
  return shares.length ? shares.reduce((sum, share) => sum + share, 0) / shares.length : null;
}

/** What a step does, as a part of a sentence: “measuring hybrid-int8”. */
export const stepWords = (step) => t(step.name ? `do_${step.action}` : `do_${step.action}_all`, { name: step.name });

/** “measuring hybrid-int8” and “ (12 of 18)”; each empty where there is nothing to say. */
export function nowWords(progress) {
  const step = runningOf(progress);
  if (!step) return [has(`do_${progress.stage}_all`) ? t(`do_${progress.stage}_all`) : "", ""];
  const same = progress.steps.filter((each) => each.action === step.action);
  return [stepWords(step), same.length > 1 ? t("place_of", { n: same.indexOf(step) + 1, total: same.length }) : ""];
}

/** “12,000 of 92,000 texts, 830 a second”; empty where the step counts nothing. */
export function rowsWords(step) {
  if (step.done === null || step.total === null) return "";
  const counted = t(has(`rows_${step.action}`) ? `rows_${step.action}` : "rows_other", { done: whole(step.done), total: whole(step.total) });
  return step.rows_per_s === null ? counted : `${counted}${t("rows_rate", { rate: whole(step.rows_per_s) })}`;
}

export function secondsWords(seconds) {
  if (seconds < 60) return t("n_seconds", { n: seconds < 10 ? Number(seconds.toFixed(1)) : Math.round(seconds) });
  return seconds < 3600 ? t("n_minutes", { n: Math.round(seconds / 60) }) : t("n_hours", { n: Number((seconds / 3600).toFixed(1)) });
}

/** An estimate, said as one. What is not known is said to be unknown. */
export function leftWords(progress) {
  const seconds = progress.seconds_left;
  if (seconds === null || seconds === undefined) return t("left_unknown");
  if (seconds < 8) return t("left_moment");
  if (seconds < 55) return t("left_about", { time: t("n_seconds", { n: Math.max(10, Math.round(seconds / 10) * 10) }) });
  return t("left_about", { time: seconds < 5400 ? t("n_minutes", { n: Math.max(1, Math.round(seconds / 60)) }) : t("n_hours", { n: Math.round(seconds / 3600) }) });
}

export const reasonWords = (reason) => (has(`skip_${reason}`) ? t(`skip_${reason}`) : reason.replaceAll("_", " "));

/** The configurations that another bundle brought, each once. */
export function changedNames(before, after) {
  return [...new Set(Object.entries(after).filter(([surface, name]) => before[surface] !== name).map(([, name]) => name))];
}
