"""What is shown to learn about it: a bandit over a few features, with the chance of each choice known."""
