"""Recommenders that walk a graph of the items."""
