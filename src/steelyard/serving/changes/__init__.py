"""Changes of the catalogue over a bundle that is open: prices, stock, new and other texts, items that are gone.

A bundle is never written to. Its columns are copied with what changed in them, new texts stand in a small index beside
its own, and an engine of both takes the place of the one before, all at once.
"""
