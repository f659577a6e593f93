"""The ledger: what was spent. Entries that balance, what was metered, entries by hand, allocation."""
