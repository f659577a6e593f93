"""Training of sequence models with torch; nothing here serves."""
