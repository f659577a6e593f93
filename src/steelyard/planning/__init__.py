"""What is to come: traffic with its promotions, budgets, and what is to be told about them."""
