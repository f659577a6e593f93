"""Linear item-item models: weights between items solved in closed form from counts and texts."""
