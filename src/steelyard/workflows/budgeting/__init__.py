"""What a shop plans to spend and expects to: budgets set, reported and checked, and traffic forecast."""
