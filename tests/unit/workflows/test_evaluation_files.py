"""Requests with their answers from a shop's own files: which columns are read, and where history ends."""

from datetime import datetime

import numpy as np
import pytest

from steelyard.assembly import Tools
from steelyard.data.privacy import Pseudonyms
from steelyard.domain import CatalogueFacts
from steelyard.errors import ConfigError, DataError
from steelyard.models.pipeline import catalogue_state
from steelyard.models.ranking.rules import Rules
from steelyard.workflows.evidence.evaluation_cases import (
    AskedBundle,
    EventFile,
    JudgementFile,
    event_cases,
    judgement_cases,
)

ITEMS = ("kettle", "lamp", "toaster", "rug")
KEY = b"a key for tests only, 32 bytes.."
NUMBERS = np.arange(4)
CATEGORIES = np.array([0, 1, 0, -1])
STOCK = np.ones(4, dtype=np.int64)
CATALOGUE = catalogue_state(CatalogueFacts(NUMBERS, NUMBERS, CATEGORIES, STOCK, ("Kitchen > Small", "Light")))


class Ruled:
    """A pipeline that tells its rules."""

    def __init__(self, rules):
        self.rules = rules

    def moved(self, request, *, k):
        return {}


class Known:
    """Histories of the log that the models learnt from."""

    def __init__(self, **histories):
        self.by_pseudonym = {Pseudonyms(KEY)(user): items for user, items in histories.items()}

    def of(self, user):
        return self.by_pseudonym.get(user, ())


def bundle(logged=None, max_history=10):
    return AskedBundle(ITEMS, max_history, logged)


@pytest.fixture
def judged(tmp_path):
    def of(text, *, offset=0.0, **columns):
        path = tmp_path / "judged.csv"
        path.write_text(text, "utf-8")
        file = JudgementFile(path=path, columns=columns, offset=offset)
        return judgement_cases(file, Tools().shop, bundle=bundle(), catalogue=CATALOGUE)

    return of


@pytest.fixture
def taken(tmp_path):
    def of(text, *, since=None, is_new_only=False, key=None, columns=None, logged=None, rules=None):
        path = tmp_path / "taken.csv"
        path.write_text(text, "utf-8")
        file = EventFile(path=path, columns=columns or {}, since=since, is_new_only=is_new_only, key=key)
        pipeline = object() if rules is None else Ruled(Rules(**rules))
        return event_cases(file, Tools().shop, bundle=bundle(logged), catalogue=CATALOGUE, pipeline=pipeline)

    return of


def test_a_query_is_a_request_and_its_grades_are_read_with_the_offset(judged):
    found = judged("query,item_id,gain\nkettles,kettle,3\nkettles,lamp,1\nrugs,rug,2\n", offset=-1.0)

    assert [request.query for request in found.cases.requests] == ["kettles", "rugs"]
    assert found.cases.relevant[0].tolist()[:1] == [0]
    assert found.counts["rows"] == 3


def test_columns_go_by_the_very_name_of_a_role_or_as_they_were_given(judged):
    written = "what,product,gain,score\nrug,rug,1,9\n"

    found = judged(written, query="what", item_id="product")

    assert [request.query for request in found.cases.requests] == ["rug"]


def test_a_role_that_nothing_has_is_asked_for_with_the_columns_there_are(judged):
    with pytest.raises(
        DataError, match=r"judged.csv has columns a, b; none was taken for query.*--columns query=COLUMN"
    ):
        judged("a,b\n1,2\n")


def test_a_role_that_is_not_needed_is_refused(judged):
    with pytest.raises(ConfigError, match="--columns knows no role price, user; it knows query, item_id, gain"):
        judged("query,item_id,gain\nrug,rug,1\n", user="a", price="b")


def test_a_grade_below_zero_is_refused(judged):
    with pytest.raises(DataError):
        judged("query,item_id,gain\nrug,rug,1\n", offset=-2.0)


def parts(found):
    return found.cases.requests, found.cases.relevant


LOG = "user,item_id,time\nu,kettle,2026-11-01\nu,lamp,2026-11-02\nu,rug,2026-11-03\nv,rug,2026-11-02\n"


def test_without_a_time_the_last_event_of_each_user_is_the_answer(taken):
    found = taken(LOG)

    asked = [(tuple(each.history), right.tolist()) for each, right in zip(*parts(found), strict=True)]
    assert asked == [((0, 1), [3]), ((), [3])]  # of ``v`` nothing was known before


def test_a_time_divides_what_was_known_from_the_answers(taken):
    found = taken(LOG, since=datetime(2026, 11, 2))  # noqa: DTZ001 - UTC, as the option gives it

    (request,) = [each for each in found.cases.requests if each.history]
    assert list(request.history) == [0]
    assert sorted(found.cases.relevant[list(found.cases.requests).index(request)].tolist()) == [1, 3]


def test_with_the_key_the_bundles_own_history_stands_before_the_file(taken):
    found = taken(LOG, key=KEY, logged=Known(u=[2]))

    requests = {tuple(each.history) for each in found.cases.requests}
    assert (2,) in requests  # all of the file is answer: what the models knew ends where it begins


def test_what_the_bundle_knows_is_no_row_of_the_file(taken):
    assert taken(LOG, key=KEY, logged=Known(u=[2])).counts["rows"] == taken(LOG).counts["rows"]


def test_a_file_without_rows_is_said_to_have_none(taken):
    with pytest.raises(DataError, match="has a header but no rows"):
        taken("user,item,time\n")


def test_without_the_key_nobody_is_known(taken):
    assert [list(each.history) for each in taken(LOG, logged=Known(u=[2])).cases.requests] == [[0, 1], []]


def test_rows_without_a_user_item_or_time_are_left_out_and_none_at_all_is_refused(taken):
    assert taken(LOG + ",rug,2026-11-09\nu,,2026-11-09\n").counts["rows"] == 4
    with pytest.raises(DataError, match=r"taken.csv has no row with user, item and time: name its columns"):
        taken("user,item_id,time\n,rug,2026-11-01\nu,,2026-11-01\n")


AGAIN = (
    "user,item_id,time\nu,kettle,2026-11-01\nu,lamp,2026-11-02\nu,kettle,2026-11-09\nu,lamp,2026-11-09\n"
    "u,rug,2026-11-09\nv,lamp,2026-11-01\nv,lamp,2026-11-09\n"
)
LATER = datetime(2026, 11, 9)  # noqa: DTZ001 - UTC, as the option gives it


@pytest.mark.parametrize(
    ("rules", "is_new_only", "answers", "left_out"),
    [
        (None, True, {"u": [3]}, 3),
        ({}, True, {"u": [3]}, 3),
        ({"repeat_categories": ("kitchen",)}, True, {"u": [0, 3]}, 2),
        ({"repeat_categories": ("Kitchen>small", "Light")}, True, {"u": [0, 1, 3], "v": [1]}, 0),
        ({"repeat_categories": ("kitchen",)}, False, {"u": [0, 1, 3], "v": [1]}, 0),
        ({"exclude_seen": False, "repeat_categories": ("kitchen",)}, True, {"u": [0, 1, 3], "v": [1]}, 0),
    ],
)
def test_what_is_offered_again_is_to_be_found_again_as_it_is_measured(taken, rules, is_new_only, answers, left_out):
    found = taken(AGAIN, since=LATER, rules=rules, is_new_only=is_new_only)

    known = {(0, 1): "u", (1,): "v"}  # by what they took before
    given = zip((known[each.history] for each in found.cases.requests), found.cases.relevant, strict=True)
    assert {user: items.tolist() for user, items in given} == answers
    assert found.counts["taken_before"] == left_out


def test_the_cases_and_their_words_know_the_rules_as_those_of_measure_do(taken):
    plain = taken(AGAIN, since=LATER, is_new_only=True)
    some = taken(AGAIN, since=LATER, is_new_only=True, rules={"repeat_categories": ("Kitchen",)})
    every = taken(AGAIN, since=LATER, is_new_only=True, rules={"exclude_seen": False})

    assert plain.protocol.endswith("on, without items interacted with before; the rest is history")
    assert "before, but for those of repeat_categories, which are offered again; " in some.protocol
    assert "items interacted with before included" in every.protocol
    assert (some.cases.again, some.cases.kept_away(some.cases.requests[0])) == ({0, 2}, {1})
    assert every.cases.kept_away(every.cases.requests[0]) == frozenset()


def test_a_history_that_was_cut_off_is_given_as_seen_only_where_that_is_left_out(tmp_path, taken):
    file = EventFile(path=tmp_path / "taken.csv", columns={}, since=LATER, is_new_only=True, key=None)
    file.path.write_text(AGAIN, "utf-8")
    short = AskedBundle(ITEMS, 1)

    def seen(**rules):
        found = event_cases(file, Tools().shop, bundle=short, catalogue=CATALOGUE, pipeline=Ruled(Rules(**rules)))
        return found.cases.requests[0].history, found.cases.requests[0].seen

    assert seen() == ((1,), (0,))
    assert seen(exclude_seen=False) == ((1,), ())
