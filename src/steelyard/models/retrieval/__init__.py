"""The models/retrieval room."""
