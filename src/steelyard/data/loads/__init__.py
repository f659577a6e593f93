"""A load as a whole: what the shop expects of it, what changed since the one before, and whether it may be used."""
