"""Fusion of recommenders: candidates of several models put into one order, by weights or by trees."""
