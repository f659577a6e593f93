"""The static form fitted again to what judged queries should find, by a real table and tokenizer."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from steelyard.adapters.artefacts import write_state
from steelyard.adapters.encoders.static_encoder import open_static_encoder
from steelyard.config import parse
from steelyard.domain import Cases, Request, State, Surface, Texts
from steelyard.models.learning.ranked_static import RANKED, ranked_static
from steelyard.models.text.parts import STATIC, fitted_encoder, text_vectors, unlearnt_queries, upkeep_of
from steelyard.testing.memory_bench import MemoryBench, toy_tables
from steelyard.testing.toy_shop import toy_shop

CONFIG = parse(
    '[data.items]\npath = "items.csv"\n[data.items.columns]\nitem_id = "id"\ntitle = "title"\n', name="steelyard.toml"
)
KINDS = 12
"""Kinds of products; shoppers call each by a word that no title holds."""


@pytest.fixture(scope="module")
def tables():
    shop = toy_tables(toy_shop(seed=3))
    n = len(shop.texts)
    titles = tuple(f"thing{text % KINDS} model{text}" for text in range(n))
    return replace(shop, texts=Texts(titles, *(("",) * n,) * 4))


def judged(tables, n):
    rows = []
    for number in range(n):
        kind = number % KINDS
        items = [int(tables.facts.representative[text]) for text in range(kind, len(tables.texts), KINDS)]
        rows.append((f"word{kind} please{number % 7}", np.array(items, np.int64)))
    names = tuple(f"{query} {place}" for place, (query, _) in enumerate(rows))
    requests = tuple(Request(query=query) for query, _ in rows)
    gains = tuple(np.ones(len(items)) for _, items in rows)
    return Cases(Surface.SEARCH, names, requests, tuple(items for _, items in rows), gains)


def bench_of(tables, n, folder):
    """A bench where the static form was made already."""
    words = [f"word{kind}" for kind in range(KINDS)] + [f"please{number}" for number in range(7)]
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(["[UNK]", *words])}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    table = (0.02 * np.random.default_rng(0).standard_normal((len(words) + 1, 256))).astype(np.float16)
    facts = {"engine": "static", "max_tokens": 8, "width": 256, "variant": STATIC, "query_prefix": ""}
    state = State({"tokens": table, "bias": np.zeros(256, np.float32)}, facts)
    write_state(folder, state)
    bench = MemoryBench(replace(tables, search_tuning=judged(tables, n)))
    files = {"tokenizer.json": (folder / "tokenizer.json").read_bytes()}
    static = SimpleNamespace(state=state, files=files, encoder=open_static_encoder(folder), index=None)
    bench.made[fitted_encoder(CONFIG, STATIC).name] = static
    bench.make([text_vectors(CONFIG)])
    return bench, state


def test_what_shoppers_call_things_is_learnt_where_words_find_nothing(tables, tmp_path):
    bench, before = bench_of(tables, 280, tmp_path)
    part = ranked_static(CONFIG)

    bench.make([part])

    made = bench.made[part.name]
    assert made.state.facts["pays"] is True
    assert made.state.facts["gain"] > 0.03
    assert made.state.facts["variant"] == RANKED
    assert made.state.arrays["tokens"].dtype == np.float16
    assert made.state.arrays["tokens"].shape == before.arrays["tokens"].shape
    assert json.loads(made.files["tokenizer.json"])["model"]["vocab"]["word0"] == 1
    assert len(unlearnt_queries([part], bench).ids) < 150


def test_with_few_judged_queries_the_table_stays_as_it_was(tables, tmp_path):
    bench, before = bench_of(tables, 100, tmp_path)
    part = ranked_static(CONFIG)

    bench.make([part])

    made = bench.state(part)
    assert made.facts["pays"] is False
    np.testing.assert_array_equal(made.arrays["tokens"], before.arrays["tokens"])
    assert len(unlearnt_queries([part], bench).ids) == 100


def test_a_table_fitted_again_is_no_network():
    assert not upkeep_of(RANKED).has_transformer
    assert ranked_static(CONFIG).name == "parts/encoder/minilm-static-ranked"
