"""The verbs that read and write the shop's ledger: entries, balances, allocation, closing, bills beside it."""
