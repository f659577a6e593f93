"""From text to what models read: terms for lexical search, vectors for dense search."""
