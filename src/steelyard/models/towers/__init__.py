"""Two towers: vectors of items from their content, of shoppers from what they did; what agrees is offered."""
