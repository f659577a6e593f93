"""After retrieval: rules on what may be offered, and reasons for what was. Finds no candidates of its own."""
