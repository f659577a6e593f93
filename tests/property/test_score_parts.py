"""The parts that a score is told in add up to the score that ranked the item, for every model and any query."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.adapters.tantivy_index import build_tantivy_index, open_tantivy_index
from steelyard.compression.vectors import vectors_fp32
from steelyard.documents.explanation import ScorePart, counted
from steelyard.domain import NONE, Request, Texts
from steelyard.models.deriving import Deriving, Stopwatch
from steelyard.models.learned_ranking.ltr import LearnedRanker
from steelyard.models.retrieval.dense import DenseRetriever
from steelyard.models.retrieval.hybrid import HybridOptions, HybridRetriever
from steelyard.models.retrieval.lexical import Lexical, documents, fit_lexical
from steelyard.models.retrieval.meaning_floor import Floor
from steelyard.models.retrieval.vectors import open_vectors
from steelyard.testing.memory_bench import HashEncoder

KINDS = ("Oak", "Pine", "Steel", "Rain", "Winter", "绿茶")
THINGS = ("boots", "boot", "lamp", "coat", "WH-1000XM5", "500ml bottle", "望远镜", "男鞋")
MAKERS = ("Wader", "Brim", "Celdor")
TITLES = tuple(f"{maker} {kind} {thing}" for kind in KINDS for thing in THINGS for maker in MAKERS)
WORDS = (
    "oak",
    "boots",
    "bots",
    "lamps",
    "rain",
    "wader",
    "wh 1000 xm5",
    "wh1000xm5",
    "500 ml",
    "the",
    "绿茶",
    "男鞋",
    "xyzzy",
)
QUERIES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("index")
    n = len(TITLES)
    texts = Texts(
        TITLES,
        tuple(title.split()[0] for title in TITLES),
        tuple(f"Things > {title.split()[-1]}" for title in TITLES),
        tuple(f"A {title.lower()} for every day" for title in TITLES),
        ("",) * n,
    )
    build_tantivy_index(folder, documents(texts))
    bought = np.linspace(0, 1, n)
    state = fit_lexical(texts, popularity=bought, people=np.round(20 * bought))
    lexical = Lexical(state, open_tantivy_index(folder))
    plain = Lexical(state, open_tantivy_index(folder), is_compiled=False)
    encoder = HashEncoder()
    vectors = open_vectors(vectors_fp32(encoder.encode(TITLES)), {})
    dense = DenseRetriever(encoder, vectors, floor=Floor(0.05, 0.2))
    return {
        "lexical": lexical,
        "lexical without compiled code": plain,
        "dense": dense,
        "hybrid": HybridRetriever(lexical, dense),
        "hybrid by ranks": HybridRetriever(lexical, dense, options=HybridOptions(fusion="rrf")),
        "hybrid without tiers": HybridRetriever(lexical, dense, options=HybridOptions(is_tiered=False)),
        "learned ranking that was refused": LearnedRanker(lexical, None, None),
    }


def inner_parts(parts: tuple[ScorePart, ...]):
    for part in parts:
        yield part
        yield from inner_parts(part.parts)


@given(query=QUERIES, depth=st.sampled_from((1, 20, 1000)), is_verbatim=st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parts_of_every_score_add_up_to_it(models, query, depth, is_verbatim):
    request = Request(query=query, verbatim=is_verbatim)
    for name, model in models.items():
        ranked = model.retrieve([request], k=depth)
        items = ranked.items[0][ranked.items[0] != NONE]

        told = model.derivation(request, items, depth=depth, watch=Stopwatch(itertools.count().__next__))

        assert isinstance(model, Deriving)
        assert len(told.items) == len(items)
        for item, score in zip(told.items, ranked.scores[0].tolist(), strict=False):
            assert item.score == pytest.approx(score, rel=1e-5, abs=1e-6), (name, query)
            assert counted(item.parts) == pytest.approx(item.score, rel=1e-5, abs=1e-6), (name, query)
            for part in inner_parts(item.parts):
                if part.parts:
                    assert counted(part.parts) == pytest.approx(part.value, rel=1e-4, abs=1e-6), (name, part)


@given(query=QUERIES)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_explaining_changes_no_answer(models, query):
    request = Request(query=query)
    for model in models.values():
        before = model.retrieve([request], k=20)
        items = before.items[0][before.items[0] != NONE]

        model.derivation(request, items, depth=20, watch=Stopwatch(itertools.count().__next__))

        after = model.retrieve([request], k=20)
        np.testing.assert_array_equal(before.items, after.items)
        np.testing.assert_array_equal(before.scores, after.scores)
