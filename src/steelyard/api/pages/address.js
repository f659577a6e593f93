// The address of a search: the words, what it is filtered by, the order. So a search can be sent to somebody, and the way back works.

/** What the part of the address behind # asks for. What is no filter of ours is left out. */
export function readAddress(hash) {
  const wanted = new URLSearchParams(hash.replace(/^#/, ""));
  return { item: wanted.get("item"), query: (wanted.get("q") || "").trim(), filters: readFilters(wanted.get("f")), sort: wanted.get("s") || "relevance", verbatim: wanted.get("v") === "1" };
}

function readFilters(text) {
  try {
    const found = JSON.parse(text || "{}");
    const pairs = found && typeof found === "object" && !Array.isArray(found) ? Object.entries(found) : [];
    return Object.fromEntries(pairs.filter(([, values]) => Array.isArray(values) && values.length));
  } catch {
    return {};
  }
}

export function writeAddress({ query, filters = {}, sort = "relevance", verbatim = false }) {
  if (!query) return "";
  const wanted = new URLSearchParams({ q: query });
  if (Object.keys(filters).length) wanted.set("f", JSON.stringify(filters));
  if (sort !== "relevance") wanted.set("s", sort);
  if (verbatim) wanted.set("v", "1");
  return wanted.toString();
}
