"""From bills to a choice: floors, pairs, what the choice rests on, and what is said of it."""
