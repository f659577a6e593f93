"""Descriptions of exports whose columns are known: one file a connector, found by name (``steelyard.connectors``).

A description computes and opens nothing. Another package adds its own the same way.
"""
