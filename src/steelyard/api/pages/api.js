// Asks the server. Every failure becomes a `Trouble` that says what happened and, by its code, what to do.

export class Trouble extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function get(path, parameters = {}) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined));
  const text = query.toString();
  return ask(text ? `${path}?${text}` : path, { headers: { accept: "application/json" } });
}

/** The same with the server's own time, since the browser's clock may be wrong: `{body, at}`. */
export function getDated(path) {
  return ask(path, { headers: { accept: "application/json" } }, (body, answer) => ({ body, at: Date.parse(answer.headers.get("date") || "") || Date.now() }));
}

export function post(path, body) {
  return ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

async function ask(path, options, found = (body) => body) {
  let answer;
  try {
    answer = await fetch(path, { ...options, signal: AbortSignal.timeout(15000) });
  } catch (error) {
    throw new Trouble(0, error.name === "TimeoutError" ? "timeout" : "unreachable", "");
  }
  let body = null;
  try {
    body = await answer.json();
  } catch {
    if (answer.ok) throw new Trouble(answer.status, "not_json", "");
  }
  if (answer.ok) return found(body, answer);
  const error = (body && body.error) || {};
  throw new Trouble(answer.status, error.code || "refused", error.message || "");
}
