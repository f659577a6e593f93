// What the shopper does is told to the shop as events, and the outcome is shown.

import { post, Trouble } from "./api.js";
import { putIn } from "./basket.js";
import { by, el, put } from "./dom.js";
import { nice } from "./format.js";
import { remember, state, user } from "./state.js";
import { t } from "./words.js";

let fading = 0;
let renewed = async () => null;

/** `renew` asks for recommendations again and gives `[changed, length]`, or null where there is no list. */
export function renewWith(renew) {
  renewed = renew;
}

async function tell(events) {
  const answer = await post("/v1/events", events);
  if (answer.refused && answer.refused.length) throw new Trouble(400, answer.refused[0].code || "refused", answer.refused[0].message || answer.refused[0].why || "");
}

function eventOf(kind, id, more = {}) {
  if (!state.impersonal) remember(id, kind);
  return { kind, item_id: id, platform: "web", personalise: !state.impersonal, ...(state.impersonal ? {} : { user: user() }), ...more };
}

/** Stores what the shopper did, then asks again and tells how much of the list changed. */
export async function act(kind, item) {
  const undo = kind === "add_to_cart" ? putIn(item) : null;
  const [what, title] = [t(`did_${kind}`), nice(item.title)];
  try {
    await tell(eventOf(kind, item.id));
    const change = await renewed();
    say(change ? t("event_stored", { what, title, n: change[0], k: change[1] }) : t("event_stored_plain", { what, title }), { undo });
  } catch (error) {
    complain(error, undo);
  }
}

/** Opening a product is looking at it: told without a word, and no reason to disturb a shopper when it cannot be stored. */
export async function viewed(id) {
  try {
    await tell(eventOf("view", id));
    await renewed();
  } catch {
    // the shop goes on; adding to the basket will say what is wrong
  }
}

export async function buy(lines) {
  try {
    await tell(lines.map((line) => eventOf("purchase", line.id, { quantity: line.n })));
    await renewed();
    say(t("bought_all", { n: lines.reduce((sum, line) => sum + line.n, 0) }));
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

function complain(error, undo = null) {
  const key = error.code === "read_only" ? "e_read_only" : error.code === "unreachable" ? "e_unreachable" : error.code === "timeout" ? "e_timeout" : "e_refused";
  say(`${t(key, { code: error.code || "?" })}. ${error.message || t(`${key}_do`)}`, { isTrouble: true, undo });
}

export function say(text, { isTrouble = false, undo = null } = {}) {
  const node = by("said");
  ([by("basket"), by("product")].find((dialog) => dialog.open) || document.body).append(node);
  put(node, el("span", { text }), undo ? el("button", { type: "button", class: "small undo", text: t("undo"), on: { click: () => { undo(); node.classList.remove("is-shown"); } } }) : null);
  node.classList.toggle("trouble", isTrouble);
  node.classList.add("is-shown");
  clearTimeout(fading);
  fading = setTimeout(() => node.classList.remove("is-shown"), 6000);
}
