"""What was read over HTTP, and where a configuration stands after it. Values only."""
