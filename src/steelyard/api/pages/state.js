// What the store front remembers between pages: who is shopping, and whether it may be personal.

const VISITOR = "steelyard.visitor";
const WHO = "steelyard.who";
const IMPERSONAL = "steelyard.impersonal";

export function read(key) {
  try {
    return localStorage.getItem(key) || "";
  } catch {
    return "";
  }
}

export function write(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // storage may be switched off: it then lasts as long as the page
  }
}

function freshVisitor() {
  const words = crypto.getRandomValues(new Uint32Array(3));
  const made = `visitor-${[...words].map((word) => word.toString(36)).join("")}`;
  write(VISITOR, made);
  return made;
}

export const state = {
  shop: { name: "", currency: "", language: "", surfaces: [], departments: [], query_examples: [], users: [], pictures: "", log_kind: "" },
  surfaces: {},
  visitor: read(VISITOR) || freshVisitor(),
  who: read(WHO),
  impersonal: read(IMPERSONAL) === "yes",
};

const DID = "steelyard.did";
const STRONGER = ["view", "add_to_cart", "purchase"];
let did = kindsDone();

function kindsDone() {
  try {
    const found = JSON.parse(read(DID) || "{}");
    return found && typeof found === "object" ? found : {};
  } catch {
    return {};
  }
}

/** Remembers the strongest thing this browser did with an item, to say why another one is shown. */
export function remember(id, kind) {
  if (STRONGER.indexOf(kind) <= STRONGER.indexOf(did[id])) return;
  did = Object.fromEntries([...Object.entries(did).filter(([each]) => each !== id), [id, kind]].slice(-200));
  write(DID, JSON.stringify(did));
}

/** What was done with an item: by this browser, or in the log where that holds one kind of event only; else "". */
export const doneWith = (id) => (isExample() ? state.shop.log_kind : did[id]) || "";

export const isExample = () => state.shop.users.some((example) => example.user === state.who);

/** The name the server is asked with. */
export function user() {
  return isExample() ? state.who : state.visitor;
}

export function setWho(name) {
  state.who = name;
  write(WHO, name);
}

export function startAnew() {
  state.visitor = freshVisitor();
  did = {};
  write(DID, "{}");
  setWho(state.visitor);
}

export function setImpersonal(value) {
  state.impersonal = value;
  write(IMPERSONAL, value ? "yes" : "");
}
