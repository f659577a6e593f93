"""Whole lists of a search: fields of the catalogue, filters, facets, orders, pages.

Says which part of what a query finds is shown; does not know what a page looks like.
"""
