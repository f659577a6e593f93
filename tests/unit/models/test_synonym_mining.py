"""Other names are told from what relevant texts hold in place of a word of the query."""

import numpy as np

from steelyard.domain import Cases, Request, Surface
from steelyard.models.retrieval.synonym_mining import mine_names

COLOURS = ("red", "blue", "green", "white", "black", "grey")


def cases(rows: list[tuple[str, list[int], list[float]]]) -> Cases:
    return Cases(
        Surface.SEARCH,
        tuple(query for query, _, _ in rows),
        tuple(Request(query=query) for query, _, _ in rows),
        tuple(np.array(texts) for _, texts, _ in rows),
        tuple(np.array(gains) for _, _, gains in rows),
    )


def test_a_name_that_stands_in_place_of_a_word_is_found_as_it_is_written() -> None:
    titles = [f"{colour} Settees with legs" for colour in COLOURS] + [f"{colour} lamp" for colour in COLOURS]
    asked = cases(
        [(f"{colour} couches", [i], [2.0]) for i, colour in enumerate(COLOURS)]
        + [(f"{colour} lamp", [6 + i], [2.0]) for i, colour in enumerate(COLOURS) for _ in range(5)]
    )

    found = mine_names(titles, asked, language="en")

    assert {(mined.word, mined.name, mined.n_queries) for mined in found} == {
        ("couches", "settees", 6),
        ("couches", "legs", 6),
    }


def test_a_word_that_the_relevant_text_holds_has_no_other_name() -> None:
    titles = [f"{colour} lamp shade" for colour in COLOURS]
    asked = cases([(f"{colour} lamp", [i], [1.0]) for i, colour in enumerate(COLOURS)])

    assert mine_names(titles, asked, language="en") == []


def test_texts_of_low_gain_tell_nothing() -> None:
    titles = [f"{colour} lamp" for colour in COLOURS] + [f"{colour} candle" for colour in COLOURS]
    asked = cases([(f"{colour} lamp", [i, 6 + i], [3.0, 1.0]) for i, colour in enumerate(COLOURS)])

    assert mine_names(titles, asked, language="en") == []
