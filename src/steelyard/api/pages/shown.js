// What the store front shows at the moment, and what its parts know together.

import { state } from "./state.js";

export const shown = { query: "", verbatim: false, search: null, filters: {}, sort: "relevance", personal: null, before: null, department: "", shelf: null, product: null, run: null };
/** The number of the latest request of each part: an answer to an earlier one is dropped. */
export const turn = { search: 0, personal: 0, product: 0, browse: 0 };
/** How each part asks again. */
export const again = { search: () => {}, personal: () => {} };
/** Sizes of a product, by the number of any of its items: what the lists have told. */
export const sizesOf = new Map();

export const serves = (name) => state.shop.surfaces.includes(name);

let renewShop = () => {};

/** `renew` is called when an answer comes from another bundle than the shop was read from. */
export function renewShopWith(renew) {
  renewShop = renew;
}

/** Remembers what an answer tells of sizes, and notices another bundle. */
export function noteAnswer({ items, bundle }) {
  if (bundle && bundle !== state.shop.bundle) renewShop();
  for (const item of items) for (const option of item.options || []) sizesOf.set(option.id, item.options);
}
