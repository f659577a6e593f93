// A drawing for an item without a picture: what kind of thing it is, by its category; always the same for the same one.

import { hash, svg } from "./dom.js";

const TONES = 8;

/** Paths on a field of 48 × 48, drawn with round lines. */
const SHAPES = {
  bottle: "M20 6h8M21 6v8c0 4-6 5-6 12v14a2 2 0 0 0 2 2h14a2 2 0 0 0 2-2V26c0-7-6-8-6-12V6M15 28h18",
  carton: "M14 18 18 8h12l4 10v22a2 2 0 0 1-2 2H16a2 2 0 0 1-2-2ZM14 18h20M18 8h12",
  fruit: "M24 16c-4-4-14-2-14 9 0 9 7 17 11 17 1 0 2-1 3-1s2 1 3 1c4 0 11-8 11-17 0-11-10-13-14-9ZM24 16c0-5 2-8 6-10",
  leaf: "M10 40C8 22 18 9 40 8c1 22-9 34-26 31M14 36c5-9 10-14 17-19",
  bread: "M12 40V25c-4-2-5-5-4-8 2-6 9-9 16-9s14 3 16 9c1 3 0 6-4 8v15ZM20 15v4M28 15v4",
  meat: "M10 30c-3-8 4-20 14-21 9-1 16 6 15 14s-9 8-13 12-11 8-16-5ZM18 24a5 5 0 1 0 10-1 5 5 0 0 0-10 1Z",
  fish: "M6 24c6-9 20-12 30-2l7-6v16l-7-6c-10 10-24 7-30-2ZM14 22v.5",
  cheese: "M6 30 34 12c4 2 7 6 8 11L6 30v9h36V23M16 35v.5M28 30v.5M33 35v.5",
  egg: "M24 6c7 0 13 12 13 21a13 13 0 0 1-26 0C11 18 17 6 24 6Z",
  bowl: "M6 22h36c0 10-6 17-12 18H18C12 39 6 32 6 22ZM16 15c-3-3 3-5 0-9M24 15c-3-3 3-5 0-9M32 15c-3-3 3-5 0-9",
  can: "M13 11v26c0 3 22 3 22 0V11M13 11c0 4 22 4 22 0s-22-4-22 0ZM13 20c0 4 22 4 22 0M13 31c0 4 22 4 22 0",
  sweet: "M16 24a8 8 0 1 0 16 0 8 8 0 0 0-16 0ZM16 24 6 17v14ZM32 24l10-7v14Z",
  ice: "M24 6v36M8 15l32 18M40 15 8 33M24 14l-5-4M24 14l5-4M24 34l-5 4M24 34l5 4",
  soap: "M8 28c0-6 5-9 16-9s16 3 16 9-5 12-16 12S8 34 8 28ZM16 28c1-2 4-3 8-3M30 11a3 3 0 1 0 .1 0M38 8a2 2 0 1 0 .1 0",
  pill: "M12 36a9 9 0 0 1 0-13L23 12a9 9 0 0 1 13 13L25 36a9 9 0 0 1-13 0ZM18 18l12 12",
  lipstick: "M18 42V26h12v16ZM20 26V14l8-6v18M18 34h12",
  paw: "M24 26c-5 0-10 6-10 10s5 4 10 4 10 0 10-4-5-10-10-10ZM10 20a3 4 0 1 0 6 0 3 4 0 1 0-6 0ZM18 12a3 4 0 1 0 6 0 3 4 0 1 0-6 0ZM27 12a3 4 0 1 0 6 0 3 4 0 1 0-6 0ZM34 20a3 4 0 1 0 6 0 3 4 0 1 0-6 0Z",
  flower: "M24 20a5 5 0 1 0 .1 0M24 20c-6-6-2-14 0-14s6 8 0 14c7-5 14 0 13 2s-8 5-13 2c4 7-2 13-4 12s-4-8 0-12c-7 4-12-2-11-4s9-5 15 2M24 30v12",
  shirt: "M17 8 6 14l4 9 5-2v20h18V21l5 2 4-9-11-6c-2 5-12 5-14 0Z",
  shoe: "M6 32V18c4 3 8 2 10-1l14 11c8 2 12 3 12 9H6ZM20 22l-3 3M25 26l-3 3",
  device: "M14 6h20a2 2 0 0 1 2 2v32a2 2 0 0 1-2 2H14a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2ZM21 37h6",
  screen: "M6 9h36v24H6ZM18 41h12M24 33v8",
  sound: "M8 28v-4a16 16 0 0 1 32 0v4M8 28h6v12h-3a3 3 0 0 1-3-3ZM40 28h-6v12h3a3 3 0 0 0 3-3Z",
  sofa: "M10 22v-8a4 4 0 0 1 4-4h20a4 4 0 0 1 4 4v8M6 24a4 4 0 0 1 8 0v4h20v-4a4 4 0 0 1 8 0v12H6ZM11 36v5M37 36v5",
  lamp: "M16 8h16l6 16H10ZM24 24v16M16 41h16",
  tool: "M30 8a9 9 0 0 0-8 12L8 34l6 6 14-14a9 9 0 0 0 12-9l-6 4-5-5 4-6ZM13 35v.5",
  book: "M24 12c-5-4-12-4-17-3v29c5-1 12-1 17 3 5-4 12-4 17-3V9c-5-1-12-1-17 3ZM24 12v29",
  toy: "M8 24h14v16H8ZM26 24h14v16H26ZM17 8h14v16H17Z",
  baby: "M18 14h12l3 8v16a4 4 0 0 1-4 4H19a4 4 0 0 1-4-4V22ZM20 14v-3c0-6 8-6 8 0v3M15 28h18",
  ball: "M8 24a16 16 0 1 0 32 0 16 16 0 1 0-32 0ZM8 24h32M24 8c-8 9-8 23 0 32M24 8c8 9 8 23 0 32",
  bag: "M11 16h26l3 26H8ZM17 20v-6a7 7 0 0 1 14 0v6",
  box: "M7 16 24 7l17 9v18l-17 8-17-8ZM7 16l17 8 17-8M24 24v18",
};

/** The first of these that a category or a title names decides; English stems and Chinese words side by side. */
const NAMES = [
  ["egg", /\beggs?\b|鸡蛋|蛋类/], ["cheese", /cheese|butter|奶酪|黄油/], ["carton", /milk|yogurt|yoghurt|cream|dairy|牛奶|酸奶|乳品/],
  ["baby", /\bbab(y|ies)\b|infant|diaper|nappy|formula|婴|母婴|纸尿裤/], ["paw", /\b(pet|pets|dog|dogs|cat|cats)\b|宠物|猫|狗/],
  ["ice", /frozen|frzn|\bice\b|冷冻|冰淇淋/], ["bottle", /wine|beer|spirit|liquor|juice|drink|drnk|soda|water|beverage|oil|vinegar|sauce|dressing|shampoo|lotion|酒|饮料|果汁|矿泉水|食用油|酱|洗发/],
  ["bowl", /coffee|\btea\b|soup|cereal|noodle|pasta|rice|咖啡|茶|汤|面条|米/], ["bread", /bread|bun|roll|bak(ed|ery)|pastry|cake|cookie|cracker|pie|面包|糕点|饼干|蛋糕/],
  ["fish", /fish|seafood|shrimp|salmon|海鲜|鱼|虾/], ["meat", /meat|beef|pork|chicken|turkey|bacon|sausage|hot dog|lamb|deli|肉|香肠/],
  ["leaf", /vegetable|salad|herb|lettuce|pepper|potato|onion|carrot|broccoli|organic|produce|garden|plant|蔬菜|蔬|沙拉|园艺/],
  ["fruit", /fruit|berr|apple|banana|grape|citrus|melon|pear|tomato|水果|苹果|香蕉/], ["sweet", /candy|chocolate|sweet|snack|chip|nut|gum|sugar|糖|巧克力|零食|坚果/],
  ["can", /canned|shelf|bean|grocery|罐头|食品|杂货/], ["flower", /flor|flower|鲜花|花/], ["pill", /drug|vitamin|medic|pharm|health|nutrition|cold|analges|药|保健|健康/],
  ["lipstick", /cosmetic|makeup|make-up|lipstick|beauty|perfume|hair|化妆|美妆|口红|香水/], ["soap", /soap|clean|laundry|deterg|tissue|paper|towel|bath|personal care|清洁|洗衣|纸巾|个护|洗护/],
  ["shoe", /shoe|boot|sneaker|footwear|鞋/], ["shirt", /cloth|apparel|shirt|dress|jacket|pants|jeans|wear|fashion|服装|衣|裤|裙/],
  ["bag", /\bbag|backpack|luggage|accessor|purse|箱包|背包|包袋|配件/], ["sound", /headphone|speaker|audio|music|耳机|音响|音箱/],
  ["screen", /\btv\b|televis|monitor|computer|laptop|video|photo|camera|电视|电脑|笔记本|相机|显示/], ["device", /phone|tablet|mobile|electronic|手机|平板|数码|电子/],
  ["lamp", /lamp|light|bulb|灯/], ["sofa", /sofa|couch|chair|furnitur|furnish|table|bed|home decor|家具|沙发|椅|家居/],
  ["tool", /tool|hardware|automotive|plumb|electrical|paint|appliance|kitchen|cook|工具|五金|汽车|厨|家电|电器/],
  ["box", /gift|easter|christmas|holiday|season|clock|coupon|misc|礼品|节日/], ["book", /book|magazine|station|card|图书|书|文具/], ["toy", /toy|game|party|玩具|游戏/], ["ball", /sport|outdoor|fitness|运动|户外|健身/],
];

const PLAIN = ["box", "bag", "can", "bottle"];

/** The name of the drawing of a category path and a title: the narrowest category that is known decides. */
export function shapeOf(category, title = "") {
  const [narrowest = "", ...wider] = [...category].reverse();
  for (const text of [narrowest, title, ...wider]) {
    const found = NAMES.find(([, pattern]) => pattern.test(text.toLowerCase()));
    if (found) return found[0];
  }
  return PLAIN[hash(category.join("/") || title) % PLAIN.length];
}

export const toneOf = (category, title = "") => hash(category.at(-1) || title) % TONES;

export function glyph(category, title = "") {
  return svg("svg", { class: "glyph", viewBox: "0 0 48 48", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: SHAPES[shapeOf(category, title)] }));
}
