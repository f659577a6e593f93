"""For authors of plugins and for our own tests: contract suites, and a simulated shop whose truth is known."""

from steelyard.testing.contracts import RecommenderContract, RetrieverContract
from steelyard.testing.encoder_contract import EncoderContract
from steelyard.testing.index_contract import IndexContract
from steelyard.testing.ledger_contract import LedgerContract
from steelyard.testing.memory_bench import MemoryBench, toy_tables
from steelyard.testing.price_importer_contract import PriceImporterContract
from steelyard.testing.recipe_contract import RecipeContract
from steelyard.testing.source_contract import SourceContract
from steelyard.testing.toy_shop import ToyShop, toy_shop

__all__ = [
    "EncoderContract",
    "IndexContract",
    "LedgerContract",
    "MemoryBench",
    "PriceImporterContract",
    "RecipeContract",
    "RecommenderContract",
    "RetrieverContract",
    "SourceContract",
    "ToyShop",
    "toy_shop",
    "toy_tables",
]
