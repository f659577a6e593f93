"""Models of what people buy again: own frequency, personal cycles, next basket and what completes a basket."""
