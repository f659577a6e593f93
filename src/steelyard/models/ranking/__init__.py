"""The models/ranking room."""
