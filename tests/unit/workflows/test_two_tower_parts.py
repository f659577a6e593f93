"""Two towers as a run makes them: what the shop's table of users says reaches the model that is packaged."""

import json

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: networks cannot be trained")

from tests.unit.workflows.toy_run import RECOMMEND, TOML, open_run, untold, write_shop

from steelyard.adapters.bundle import Bundle
from steelyard.data.privacy import Pseudonyms
from steelyard.documents.decision import Decision, ShopRow
from steelyard.domain import Request
from steelyard.serving.served import Served
from steelyard.workflows.build import load_configurations
from steelyard.workflows.bundles.package import package
from steelyard.workflows.run import do

USERS = """[data.users]
path = "users.csv"
[data.users.columns]
user = "who"
attributes = ["group", "name"]
"""
TEXT = (
    TOML[: TOML.index("[measure]")]
    .replace("[models]", USERS + "[models]")
    .replace('["popularity", "item-knn"]', '["popularity", "two-tower"]')
    .replace('search = ["lexical"]', "search = []")
    .replace(
        '[models.item-knn]\nforms = ["full", "20x8bit"]', "[models.two-tower]\nwidth = 8\nepochs = 2\nnegatives = 16"
    )
)
NOBODY_YET = "somebody new"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A shop that was prepared, built and packaged; its users are of two groups, and each has a name."""
    folder = write_shop(tmp_path_factory.mktemp("towers") / "shop", TEXT)
    people = [*(f"person {n}" for n in range(60)), NOBODY_YET]
    rows = [f"{name},{'even' if n % 2 == 0 else 'odd'},name of {n}" for n, name in enumerate(people)]
    (folder / "users.csv").write_text("\n".join(["who,group,name", *rows]) + "\n", "utf-8")
    run = open_run(folder)
    do(run, "prepare", untold)
    do(run, "build", untold)
    chosen = next(each for each in load_configurations(run.store) if each.name == "two-tower-int8")
    decision = Decision(shop=ShopRow("Toy", "USD", "en"), made_at="2026-11-01T12:00:00+00:00")
    path = package(
        run.config, run.store, run.tools.bundles, chosen={RECOMMEND: chosen}, out=folder / "out", decision=decision
    )
    return run, Bundle.open(path)


def test_cases_are_asked_with_what_enough_users_share(made):
    run, _ = made

    tables = run.bench.shop

    assert {fact for facts in tables.basics for fact in facts} == {"group=even", "group=odd"}
    assert all(len(request.basics) == 1 for request in tables.recommend_tuning.requests)


def test_its_learning_is_kept_and_names_what_it_learnt_of(made):
    run, _ = made

    assert run.store.read_json("tuned/two-tower")["learning"]["looks"]
    assert run.store.read_state("parts/recommend/two-tower.int8").facts["basics"] == ["group=even", "group=odd"]
    assert list((run.store.root / "unfinished").glob("*")) == []


def test_who_is_new_to_the_log_is_answered_by_what_the_shop_knows(made):
    _, bundle = made
    served = Served(bundle.engine(), bundle.about(), events=None)

    asked = served.request(Pseudonyms(b"k" * 32)(NOBODY_YET), "", now_s=0.0)

    assert (asked.basics, asked.history) == (("group=even",), ())
    lists = [
        [one.id for one in served.engine.answer(RECOMMEND, request, k=5, explain=False, diversify=False)]
        for request in (asked, Request())
    ]
    assert len(lists[0]) == 5
    assert lists[0] != lists[1]  # nobody is offered best sellers


def test_a_name_reaches_no_bundle(made):
    _, bundle = made

    told = json.dumps(bundle.about().basics._state.facts)
    held = b"".join(path.read_bytes() for path in bundle.folder.rglob("*") if path.is_file())

    assert "name of" not in told
    assert b"name of" not in held
    assert np.unique(bundle.about().basics._state.arrays["items"]).tolist() == [0, 1]
