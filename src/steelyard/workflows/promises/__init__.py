"""Promises: configurations are served at the rate they promise, and each choice is held to what it said."""
