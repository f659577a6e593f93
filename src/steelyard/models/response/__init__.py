"""How likely an item that is shown is clicked, put into the cart and bought, as calibrated probabilities."""
