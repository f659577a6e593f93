"""The books: entries that balance, what was metered, entries by hand, sharing out. Keeps nothing itself."""
