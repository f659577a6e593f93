"""Learning to rank by an encoder that half of the judged queries taught: trees never see what it learnt from."""

from dataclasses import replace

import pytest

from steelyard.config import parse
from steelyard.data.dividing.held_back import chosen
from steelyard.domain import Request, State
from steelyard.errors import ConfigError
from steelyard.models.building import with_ancestors
from steelyard.models.learned_ranking.learning import usable
from steelyard.models.learning.lessons import MIN_QUERIES, learnt_network, teaching
from steelyard.models.recipe import REFUSED, InstalledModels, Plan, find_recipe
from steelyard.models.text.parts import (
    full_encoder,
    held_share,
    taught_for_ranking,
    text_vectors,
    untaught,
)
from steelyard.testing.memory_bench import HashEncoder, MemoryBench, toy_tables
from steelyard.testing.toy_shop import toy_shop

SHOP = """
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
"""
PLAIN = parse(SHOP, name="steelyard.toml")
HALF = taught_for_ranking(PLAIN, minutes=5)
NETWORK = "encoders/minilm-learnt-half"


def settings(more):
    return parse(f"{SHOP}{more}", name="steelyard.toml", models=InstalledModels())


def variants_of(*encoders, config=PLAIN):
    recipe = find_recipe("ltr")
    return {each.name: each for each in recipe.variants(Plan(config, recipe.options(encoders=list(encoders))))}


def names(variant):
    return {part.name for part in with_ancestors(variant.needed)}


@pytest.fixture(scope="module")
def tables():
    return toy_tables(toy_shop(seed=3))


def bench_of(tables, n):
    """The toy shop's tuning cases, asked again and again in other words."""
    cases = tables.search_tuning
    asked = chosen(cases, [row % len(cases.ids) for row in range(n)])
    numbered = replace(
        asked,
        is_synthetic=False,
        ids=tuple(f"{name} {place}" for place, name in enumerate(asked.ids)),
        requests=tuple(Request(query=f"{each.query} w{place}") for place, each in enumerate(asked.requests)),
    )
    return MemoryBench(replace(tables, search_tuning=numbered))


class Noting:
    """A folder that keeps the lessons and learns nothing."""

    lessons = None

    def learn_encoder(self, lessons):
        self.lessons = lessons


def lessons_for_ranking(bench):
    network, folder = learnt_network(HALF), Noting()
    bench.make(network.made_from)
    network.make(bench)(folder)
    return folder.lessons


def test_a_taught_form_rests_on_an_encoder_of_its_own_and_the_others_stay_as_they_are():
    found = variants_of("static", "int8", "learnt-static", "learnt-int8")

    assert list(found) == ["ltr-static", "ltr-int8", "ltr-learnt-static", "ltr-learnt-int8"]
    for form in ("static", "int8"):
        assert {NETWORK, f"parts/encoder/minilm-learnt-half-{form}"} <= names(found[f"ltr-learnt-{form}"])
        assert not [name for name in names(found[f"ltr-{form}"]) if "learnt" in name]
    own = [{part.name for part in found[name].needed} for name in ("ltr-static", "ltr-learnt-static")]
    assert own[0] & own[1] == {"parts/lexical"}
    assert "vectors" in found["ltr-learnt-static"].parts
    assert "vectors" not in found["ltr-static"].parts
    assert not found["ltr-learnt-static"].upkeep.has_transformer
    assert found["ltr-learnt-int8"].upkeep.has_transformer


def test_it_is_not_the_encoder_that_hybrid_search_learns():
    taught = settings("[models.encoder]\nlearn_minutes = 5\n")

    assert full_encoder(HALF).name != full_encoder(taught).name
    assert text_vectors(untaught(HALF)).name == text_vectors(PLAIN).name
    needed = names(variants_of("learnt-static", config=taught)["ltr-learnt-static"])
    assert NETWORK in needed
    assert "encoders/minilm-learnt" not in needed


@pytest.mark.parametrize(
    ("more", "minutes"),
    [("", 45), ("[models.learnt]\nminutes = 7\n", 7), ("[models.encoder]\nlearn_minutes = 3\n", 3)],
)
def test_it_learns_as_long_as_the_learnt_search_does(more, minutes):
    variant = variants_of("learnt-static", config=settings(more))["ltr-learnt-static"]

    (network,) = [part for part in with_ancestors(variant.needed) if part.name == NETWORK]

    assert network.settings["learn_minutes"] == minutes


@pytest.mark.parametrize("name", ["learnt-words", "learnt-static-ranked"])
def test_what_cannot_be_taught_apart_from_the_trees_is_refused(name):
    with pytest.raises(ConfigError, match=f"there is no {name}: write learnt-static"):
        settings(f'[models.ltr]\nencoders = ["words", "{name}"]\n')


def test_trees_are_grown_and_judged_by_queries_that_taught_the_encoder_nothing(tables):
    pytest.importorskip("lightgbm", reason="lightgbm is not installed: the extra train brings it")
    bench = bench_of(tables, 400)
    lessons = lessons_for_ranking(bench)
    variant = variants_of("learnt-static")["ltr-learnt-static"]
    bench.make([learnt_network(HALF)])
    bench.made[NETWORK].state = State({}, {"pays": True, "gain": 0.05, "error": 0.02, "decided_by": 15})

    bench.make([variant.tuned])

    held = teaching(bench, share=held_share(HALF)).held
    taught = {*lessons.queries, *lessons.stopping.queries, *lessons.deciding.queries}
    assert taught
    assert not taught & {request.query for request in held.requests}
    assert 120 < len(lessons.queries) < 220
    assert len(lessons.stopping.queries) < len(lessons.deciding.queries) < 0.2 * len(lessons.queries)
    note = bench.values(variant.tuned)["learning"]
    assert note["queries"] == len(usable(held, seed=bench.seed).ids)
    assert note["encoder"]["gain"] == 0.05


def test_what_it_learnt_is_kept_where_meaning_alone_got_better_and_trees_decide(tables):
    lessons = lessons_for_ranking(bench_of(tables, 240))
    encode = HashEncoder().encode

    same = lessons.verdict(encode)
    better = replace(lessons, before=lessons.before - 0.01).verdict(encode)

    assert (same["pays"], same["gain"]) == (False, 0.0)
    assert (better["pays"], better["gain"]) == (True, 0.01)


@pytest.mark.parametrize(
    ("n", "told"), [(240, "gained +0.0000 nDCG@10"), (MIN_QUERIES - 1, "nothing was learnt: there are too few queries")]
)
def test_a_ranking_whose_encoder_learnt_nothing_is_refused_and_says_so(tables, n, told):
    bench = bench_of(tables, n)
    variant = variants_of("learnt-static")["ltr-learnt-static"]

    bench.make([variant.tuned])

    values = bench.values(variant.tuned)
    assert told in values[REFUSED]["en"]
    assert values[REFUSED]["zh"]
    assert not values["is_adopted"]
