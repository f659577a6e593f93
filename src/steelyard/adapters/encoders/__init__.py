"""Text encoders: the pre-trained one, and the forms it is exported to."""
