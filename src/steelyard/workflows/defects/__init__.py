"""The price of a bad row: clean data spoilt as it was found to be, and what that does to cheap models."""
