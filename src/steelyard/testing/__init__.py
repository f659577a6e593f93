"""For authors of plugins and for our own tests: contract suites, and a simulated shop whose truth is known."""

from steelyard.testing.contracts import RecommenderContract, RetrieverContract
from steelyard.testing.ledger_contract import LedgerContract
from steelyard.testing.toy_shop import ToyShop, toy_shop

__all__ = ["LedgerContract", "RecommenderContract", "RetrieverContract", "ToyShop", "toy_shop"]
