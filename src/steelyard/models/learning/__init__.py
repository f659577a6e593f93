"""What search learns of the shop's own judgements: training material, and the parts that are trained on it."""
