"""Searches the values of models with a budget in minutes, money and trials; goes on where it was interrupted."""
