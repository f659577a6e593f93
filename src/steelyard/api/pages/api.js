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

export function post(path, body) {
  return ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

async function ask(path, options) {
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
  if (answer.ok) return body;
  const error = (body && body.error) || {};
  throw new Trouble(answer.status, error.code || "refused", error.message || "");
}
