"""What goes with one item or a basket: what could be bought instead, and what is bought together."""
