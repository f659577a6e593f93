"""Optuna's proposals, the journal of a search, and threads: what a search touches the world with."""
