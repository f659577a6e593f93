"""Learning to rank: what candidates look like, trees grown on judgements, and whether they pay."""
