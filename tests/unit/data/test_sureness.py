"""What ``init`` is sure of is right: measured on layouts of real exports whose columns were labelled by hand."""

import pytest
from column_layouts import HELD_OUT, LEARNT

from steelyard.adapters.shop.sources import Sources
from steelyard.data.guessing.assign import SURE
from steelyard.data.guessing.guess import guess
from steelyard.data.guessing.profiles import FilesOfFolder
from steelyard.workflows.proposing import look_at


@pytest.fixture(scope="module")
def guessed(tmp_path_factory):
    """By layout: sureness, whether it is right, the role and the columns, for every role that was guessed."""
    folder = tmp_path_factory.mktemp("layouts")
    found = {}
    with Sources(folder, threads=1) as sources:
        for number, layout in enumerate((*LEARNT, *HELD_OUT)):
            name = f"table{number}.csv"
            (folder / name).write_text(layout.text, "utf-8")
            looked = look_at(FilesOfFolder((name,)), sources)
            result = guess(looked.tables)
            taken = {"items": result.items, "events": result.events, "judgements": result.judgements}[layout.table]
            roles = {"items": result.item_roles, "events": result.event_roles}.get(layout.table, result.judgement_roles)
            found[layout.name] = (taken is not None, roles, layout.roles)
    return found


def decisions(guessed, names):
    for name in names:
        _, roles, labelled = guessed[name]
        for role, right in labelled.items():
            if role in roles:
                yield roles[role].sureness, set(roles[role].columns) <= set(right.split("|")), name, role


def test_there_are_more_than_forty_layouts_in_seven_languages():
    assert len({layout.name for layout in (*LEARNT, *HELD_OUT)}) >= 48


def test_every_table_is_taken_for_what_it_is(guessed):
    assert [name for name, (is_taken, _, _) in guessed.items() if not is_taken] == []


@pytest.mark.parametrize("part", [LEARNT, HELD_OUT], ids=["learnt", "held out"])
def test_what_is_called_sure_is_right_at_least_as_often_as_it_says(guessed, part):
    sure = [(right, name, role) for sureness, right, name, role in decisions(guessed, [x.name for x in part]) if
            sureness >= SURE]  # fmt: skip

    wrong = [(name, role) for right, name, role in sure if not right]
    assert len(sure) > 60
    assert len(wrong) <= 0.02 * len(sure), wrong


def test_most_columns_that_play_a_role_are_found(guessed):
    wanted = [(name, role) for name, (_, _, roles) in guessed.items() for role, right in roles.items() if right != "-"]
    missing = [(name, role) for name, role in wanted if role not in guessed[name][1]]

    assert len(missing) <= 0.03 * len(wanted), missing


def test_what_is_not_sure_names_the_runner_up_where_there_is_one(guessed):
    _, roles, _ = guessed["plugin shop, types of products and sale prices"]

    assert roles["price"].columns == ("Sale price", "Regular price")
    assert roles["price"].sureness < SURE
    assert "where it is given" in roles["price"].why
