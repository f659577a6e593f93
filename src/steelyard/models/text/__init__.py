"""The models/text room."""
