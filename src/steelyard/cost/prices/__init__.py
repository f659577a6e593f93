"""Prices: books of them, what their rows may say, ways to buy, managed services. Reads no files."""
