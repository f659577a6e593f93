"""What was read over HTTP and where a configuration stands after it, and requests made of files that a shop gives."""
