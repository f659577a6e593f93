"""Sequence models: a network reads a shopper's history item by item and says what comes next."""
