"""Re-ranking: a network reads the query together with each of the best texts, where that is worth its time."""
