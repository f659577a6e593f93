// What the store front remembers between pages: who is shopping, and whether it may be personal.

const VISITOR = "steelyard.visitor";
const WHO = "steelyard.who";
const IMPERSONAL = "steelyard.impersonal";

function read(key) {
  try {
    return localStorage.getItem(key) || "";
  } catch {
    return "";
  }
}

function write(key, value) {
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
  shop: { name: "", currency: "", language: "", surfaces: [], query_examples: [], users: [] },
  surfaces: {},
  visitor: read(VISITOR) || freshVisitor(),
  who: read(WHO),
  impersonal: read(IMPERSONAL) === "yes",
};

/** The name the server is asked with. */
export function user() {
  return state.shop.users.some((example) => example.user === state.who) ? state.who : state.visitor;
}

export function setWho(name) {
  state.who = name;
  write(WHO, name);
}

export function startAnew() {
  state.visitor = freshVisitor();
  setWho(state.visitor);
}

export function setImpersonal(value) {
  state.impersonal = value;
  write(IMPERSONAL, value ? "yes" : "");
}
