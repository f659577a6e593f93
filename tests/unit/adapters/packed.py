"""Bundles of the toy store, written to a real disk."""

from steelyard.assembly import Tools
from steelyard.domain import Surface
from steelyard.testing.recipe_contract import toy_config
from steelyard.workflows.bundles import package as packaging


def package(store, *, search, recommend, out, decision, details=None):
    """The workflow with the real writer of bundles."""
    asked = {Surface.SEARCH: search, Surface.RECOMMEND: recommend}
    chosen = {surface: one for surface, one in asked.items() if one is not None}
    return packaging.package(
        toy_config(), store, Tools().bundles, chosen=chosen, out=out, decision=decision, details=details
    )
