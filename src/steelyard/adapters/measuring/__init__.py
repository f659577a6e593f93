"""Processes, load over HTTP and the machine itself: whatever takes a measurement."""
