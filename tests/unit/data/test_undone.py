"""Which purchases a return takes back: the latest pieces bought before it, and no more than it has."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.data.returns import undone

BOUGHT, BACK = False, True


@pytest.mark.parametrize(
    ("steps", "rows"),
    [
        ([(1, 1, BOUGHT), (2, 1, BACK)], [1]),
        ([(1, 1, BACK), (2, 1, BOUGHT)], []),  # before it was bought
        ([(1, 3, BOUGHT), (2, 2, BACK)], []),  # one piece is left
        ([(1, 3, BOUGHT), (2, 2, BACK), (3, 1, BACK)], [1]),
        ([(1, 1, BOUGHT), (2, 1, BOUGHT), (3, 1, BACK)], [2]),  # the latest
        ([(1, 2, BOUGHT), (2, 1, BOUGHT), (3, 3, BACK)], [2, 1]),
        ([(1, 2, BOUGHT), (2, 5, BOUGHT), (3, inf, BACK)], [2]),  # no number: one purchase
        ([(1, 2, BOUGHT), (3, inf, BACK), (4, inf, BACK)], [1]),
        ([(1, 1, BOUGHT), (2, 9, BACK), (3, 1, BOUGHT)], [1]),  # the rest of a return is not kept for later
    ],
)
def test_a_return_takes_back_the_latest_pieces_before_it(steps, rows):
    assert list(undone(steps)) == rows


def naive(steps):
    """Every piece by itself: a return removes the newest pieces that are left."""
    pieces, bought = [], {}
    for row, n, is_return in steps:
        if is_return:
            del pieces[max(0, len(pieces) - n) :]
        else:
            pieces += [row] * n
            bought[row] = n
    return {row for row in bought if row not in pieces}


@given(st.lists(st.tuples(st.integers(1, 4), st.booleans()), max_size=12))
def test_the_rows_are_those_of_which_no_piece_is_left(steps):
    numbered = [(row, n, is_return) for row, (n, is_return) in enumerate(steps)]

    found = list(undone(numbered))

    assert len(found) == len(set(found))
    assert set(found) == naive(numbered)
