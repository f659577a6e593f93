"""What was decided becomes a bundle that is served: its parts, its documents, and which configurations go in."""
