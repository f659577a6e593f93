"""The shop's own files and databases: read, checked and written as tables."""
