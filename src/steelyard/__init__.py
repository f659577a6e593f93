"""Steelyard weighs the quality of a shop's search and recommendation models against what they cost, then runs them."""

__version__ = "0.1.0"
