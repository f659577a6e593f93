"""The strings below a struct's fields are their descriptions."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from steelyard.api.field_words import words_in, words_of_fields
from steelyard.documents.explanation import ItemScore

SOURCE = '''
class Price(Struct, kw_only=True):
    """A price."""

    amount: str
    """Of one piece.

    Without tax.
    """
    currency: str = "EUR"
    tax: Share | None = None
    r"""Part of a \\price."""  # counted on top

    class Meta:
        inner: int
        """Not of the price."""

    def words(self):
        """Not a field."""


class Sale(Price):
    """A sale."""

    until: str
    """Its last day, "inclusive"."""
    when: str
    spoken = 3
    """Of no field."""


LIMIT = 3
"""Of no class."""
'''


def test_strings_below_fields_are_their_words_and_docstrings_are_not():
    assert words_in(SOURCE.splitlines(keepends=True)) == {
        "Price": {"amount": "Of one piece.\n\nWithout tax.", "tax": "Part of a \\price."},
        "Sale": {"until": 'Its last day, "inclusive".'},
    }


def test_words_of_a_class_that_is_not_at_the_top_of_its_module_are_none():
    class Inner:
        field: int
        """Of a class in a function."""

    assert words_of_fields(Inner) == {}


def test_many_threads_read_words_at_once():
    start = Barrier(8)

    def read(_):
        start.wait()
        return words_of_fields(ItemScore)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(read, range(8)))

    assert all(words == found[0] for words in found)
    assert "``exact_phrase``" in found[0]["tier"]
