"""Numbers of accounts and cost centres in a ledger's tables: from one without gaps, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.adapters.ledgers.names import Names, reading_rows
from steelyard.domain import Stage
from steelyard.errors import ArtefactError
from steelyard.ledger.entries import CostCentre

PATHS = st.lists(st.sampled_from(["expense", "expense/a", "expense/a/b", "expenses", "pool/a"]), max_size=8)
CENTRES = st.lists(
    st.none() | st.builds(CostCentre, st.sampled_from(list(Stage)), team=st.sampled_from(["", "web"])), max_size=8
)


@given(PATHS, CENTRES)
def test_each_name_has_one_number_counted_from_one_and_is_found_by_it(paths, centres):
    names = Names()

    numbers = [names.account(path) for path in paths]
    places = [names.centre(centre) for centre in centres]

    assert [names.path_of(number) for number in numbers] == paths
    assert [names.centre_at(number) for number in places] == centres
    assert sorted(set(numbers)) == list(range(1, names.n_accounts + 1))
    assert sorted(set(places)) == list(range(1, names.n_centres + 1))


@given(PATHS, CENTRES)
def test_what_one_ledger_wrote_another_reader_learns(paths, centres):
    writer, reader = Names(), Names()
    for path in paths:
        writer.account(path)
    for centre in centres:
        writer.centre(centre)

    reader.learn(*writer.take_new())

    assert reader.accounts == writer.accounts
    assert [reader.centre(centre) for centre in centres] == [writer.centre(centre) for centre in centres]
    assert reader.take_new() == writer.take_new() == ([], [])  # nothing is written a second time


@pytest.mark.parametrize(
    ("account", "found"),
    [
        ("", {"expense", "expense/a", "expense/a/b", "expenses", "pool/a"}),
        ("expense", {"expense", "expense/a", "expense/a/b"}),
        ("expense/a", {"expense/a", "expense/a/b"}),
        ("pool", {"pool/a"}),
        ("cash", set()),
    ],
)
def test_an_account_has_those_below_it_and_not_those_that_begin_like_it(account, found):
    names = Names()
    for path in ("expense", "expense/a", "expense/a/b", "expenses", "pool/a"):
        names.account(path)

    assert {names.path_of(number) for number in names.at_or_below(account)} == found


def test_a_stage_that_no_ledger_writes_is_damage_and_said_so():
    with pytest.raises(ArtefactError, match="the ledger was changed from outside: a row of it holds 'cooking'"):
        with reading_rows("the ledger"):
            Names().learn([], [(1, "cooking", "", "", "", "")])


def test_what_is_forgotten_is_numbered_anew():
    names = Names()
    names.account("pool/a")
    names.centre(None)

    names.forget()

    assert (names.n_accounts, names.n_centres, names.take_new()) == (0, 0, ([], []))
