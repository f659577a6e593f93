"""For authors of plugins and for our own tests: contract suites, and a simulated shop whose truth is known."""

from steelyard.testing.contracts import RecommenderContract, RetrieverContract
from steelyard.testing.ledger_contract import LedgerContract
from steelyard.testing.memory_bench import MemoryBench, toy_tables
from steelyard.testing.recipe_contract import RecipeContract
from steelyard.testing.toy_shop import ToyShop, toy_shop

__all__ = [
    "LedgerContract",
    "MemoryBench",
    "RecipeContract",
    "RecommenderContract",
    "RetrieverContract",
    "ToyShop",
    "toy_shop",
    "toy_tables",
]
