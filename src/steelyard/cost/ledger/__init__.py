"""The books: entries that balance, what was metered, entries by hand, allocation. Keeps nothing itself."""
