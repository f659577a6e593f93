"""A language model in search: it puts the first stage's best in order or rewrites the query, and is never trusted."""
