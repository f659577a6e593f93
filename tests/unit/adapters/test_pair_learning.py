"""Training networks that read a query and a text together: they learn, go on, and answer as graphs as in torch."""

import json
from dataclasses import dataclass

import numpy as np
import pytest

pytest.importorskip("transformers", reason="transformers is not installed: networks cannot be trained")

import torch
import transformers

from steelyard.adapters.encoders.pair_learning import PairLearner, PairPace, spread
from steelyard.adapters.encoders.pretrained import PretrainedEncoder
from steelyard.adapters.encoders.torch_encoder import TorchEncoder
from steelyard.errors import ArtefactError, ConfigError
from steelyard.models.reranking.pair_lessons import PairStep
from steelyard.models.reranking.pair_network import PairNetwork
from steelyard.models.reranking.pair_texts import PairTexts, fit_pair_texts

QUERIES = ("amber", "birch", "cedar", "denim")
TEXTS = tuple(f"{thing} {size}" for thing in QUERIES for size in ("tiny", "small", "large"))
PACE = PairPace(rate=1e-2, shallow_rate=1e-2, head=1.0, looks=2, save_every_s=0, is_mixed=False)
LONGEST = 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A BERT of two narrow layers with random weights."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    out = tmp_path_factory.mktemp("narrow")
    known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *QUERIES, "tiny", "small", "large"]
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(known)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    torch.manual_seed(1)
    torch.set_num_threads(1)
    config = transformers.BertConfig(
        vocab_size=len(known), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
    )
    transformers.BertModel(config).save_pretrained(out)
    tokenizer.save(str(out / "tokenizer.json"))
    return out


@dataclass(frozen=True)
class Meant:
    """Of what a query names the tiny one is best, the small one half as good, the large one worth nothing."""

    key: str = "one"
    n_steps: int = 8
    minutes: float = 60.0
    layers: tuple[int, ...] = (2, 1)

    queries = QUERIES
    texts = TEXTS
    max_tokens = LONGEST

    def step(self, number):
        rng = np.random.default_rng(number)
        texts = [rng.permutation(len(TEXTS))[:9] for _ in QUERIES]
        for query, row in enumerate(texts):
            row[0] = 3 * query
        queries = np.repeat(np.arange(len(QUERIES)), 9)
        worth = np.concatenate([worth_of(np.full(9, query), row) for query, row in enumerate(texts)])
        shares = worth / np.bincount(queries, worth)[queries]
        return PairStep(queries, np.concatenate(texts), shares.astype(np.float32), np.zeros(36, np.float32))

    def quality(self, score):
        return hit_rate(score)


def worth_of(queries, texts):
    return np.where(texts // 3 == queries, np.array([1.0, 0.5, 0.0])[texts % 3], 0.0)


def hit_rate(score):
    """Share of the queries whose best text is the one that is meant."""
    queries, texts = np.repeat(np.arange(len(QUERIES)), len(TEXTS)), np.tile(np.arange(len(TEXTS)), len(QUERIES))
    best = score(queries, texts).reshape(len(QUERIES), -1).argmax(axis=1)
    return float(np.mean(best == 3 * np.arange(len(QUERIES))))


class Killed(Exception):
    """As if the process had been ended."""


def killed_at(n):
    told = iter(range(1, 10_000))

    def tell(done, total, what):
        if next(told) == n:
            raise Killed

    return tell


def learner(folder, lessons, unfinished, **more):
    return PairLearner(TorchEncoder(folder, max_tokens=LONGEST), lessons, unfinished, pace=PACE, **more)


def weights(of):
    return {
        f"{n}.{name}": value.detach().numpy()
        for n, network in of.networks.items()
        for name, value in network.state_dict().items()
    }


def test_what_was_judged_is_put_first_by_the_deep_network_and_by_the_one_that_learns_from_it(folder, tmp_path):
    taught = learner(folder, Meant(n_steps=30), tmp_path)

    notes = taught.learn()

    assert {n: note["looks"][-1] for n, note in notes.items()} == {2: 1.0, 1: 1.0}
    assert [len(network.layers) for network in taught.networks.values()] == [2, 1]


def test_the_lower_half_of_the_deepest_network_stays_as_it_is(folder, tmp_path):
    taught = learner(folder, Meant(layers=(2,)), tmp_path)
    before = TorchEncoder(folder, max_tokens=LONGEST).network.layers

    taught.learn()

    def same(number):
        one, other = before[number].parameters(), taught.networks[2].layers[number].parameters()
        return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))

    assert [same(0), same(1)] == [True, False]


@pytest.mark.parametrize("n", [1, 5, 8, 11])
def test_an_interrupted_training_ends_with_the_same_networks(folder, tmp_path, n):
    whole = learner(folder, Meant(), tmp_path / "whole")
    whole.learn()
    with pytest.raises(Killed):
        learner(folder, Meant(), tmp_path / "parts", told=killed_at(n)).learn()

    again = learner(folder, Meant(), tmp_path / "parts")
    notes = again.learn()

    assert [note["steps"] for note in notes.values()] == [8, 8]
    for name, value in weights(whole).items():
        np.testing.assert_array_equal(weights(again)[name], value)


def test_a_training_on_other_judgements_begins_anew(folder, tmp_path):
    with pytest.raises(Killed):
        learner(folder, Meant(), tmp_path / "parts", told=killed_at(6)).learn()
    fresh = learner(folder, Meant(key="two"), tmp_path / "fresh")
    fresh.learn()

    other = learner(folder, Meant(key="two"), tmp_path / "parts")
    other.learn()

    for name, value in weights(fresh).items():
        np.testing.assert_array_equal(weights(other)[name], value)


@pytest.mark.parametrize("damage", ["progress.json", "*.state.safetensors", "best.safetensors"])
def test_a_damaged_checkpoint_is_not_gone_on_with(folder, tmp_path, damage):
    with pytest.raises(Killed):
        learner(folder, Meant(), tmp_path, told=killed_at(6)).learn()
    for path in (tmp_path / "2").glob(damage):
        path.write_bytes(path.read_bytes()[:20])

    notes = learner(folder, Meant(), tmp_path).learn()

    assert notes[2]["steps"] == 8


def test_there_are_as_many_steps_as_there_is_time_for(folder, tmp_path):
    notes = learner(folder, Meant(n_steps=10_000, minutes=1e-4), tmp_path).learn()

    assert all(note["planned"] < 10_000 and note["steps"] <= note["planned"] for note in notes.values())


def test_more_layers_than_the_encoder_has_are_refused(folder, tmp_path):
    with pytest.raises(ConfigError, match=r"asks for 3; the encoder has 2 layers"):
        learner(folder, Meant(layers=(3, 1)), tmp_path)


def test_a_network_is_served_as_a_graph_that_answers_as_it_does_in_torch(folder, tmp_path):
    out, taught = tmp_path / "out", learner(folder, Meant(n_steps=30), tmp_path / "unfinished")
    taught.learn()
    out.mkdir()

    facts = taught.write(out)

    for n, network in taught.networks.items():
        served = opened(out, n)
        told = np.array([served.scores(query, np.arange(len(TEXTS))) for query in QUERIES])
        queries = np.repeat(np.arange(len(QUERIES)), len(TEXTS))
        pairs = taught._ids.pairs(queries, np.tile(np.arange(len(TEXTS)), len(QUERIES)))
        with torch.no_grad():
            expected = network.of(pairs).numpy().reshape(told.shape)
        assert np.corrcoef(told.ravel(), expected.ravel())[0, 1] > 0.99
        assert facts[n]["export_difference"] < 1e-4
        assert facts[n]["ms_per_token"] > 0


def test_a_batch_of_pairs_equals_its_pairs_one_by_one(folder, tmp_path):
    taught = learner(folder, Meant(), tmp_path)
    taught.learn()
    network, texts = taught.networks[2], np.arange(len(TEXTS))

    with torch.no_grad():
        together = network.of(taught._ids.pairs(np.zeros(len(texts), np.int64), texts)).numpy()
        alone = [float(network.of(taught._ids.pairs(np.zeros(1, np.int64), texts[at : at + 1]))[0]) for at in texts]

    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-5)


def test_what_is_written_says_what_each_depth_came_to(folder, tmp_path):
    out, unfinished = tmp_path / "out", tmp_path / "unfinished"
    out.mkdir()

    PretrainedEncoder(str(folder), tmp_path, max_tokens=LONGEST).learn_pairs(
        out, Meant(), unfinished=unfinished, progress=lambda *_: None
    )

    networks = json.loads((out / "facts.json").read_text())["networks"]
    assert sorted(networks) == ["1", "2"]
    assert {"steps", "cpu_seconds", "looks", "ms_per_token"} <= set(networks["1"])
    assert sorted(path.name for path in out.iterdir()) == ["1.onnx", "2.onnx", "facts.json", "tokenizer.json"]
    assert not unfinished.exists()


def test_a_graph_that_is_none_is_refused(folder):
    tokenizer = (folder / "tokenizer.json").read_bytes()
    texts = PairTexts(fit_pair_texts(TEXTS, tokenizer, max_tokens=LONGEST))

    with pytest.raises(ArtefactError, match="run build again"):
        PairNetwork(b"no graph", tokenizer, texts, max_tokens=LONGEST)


@pytest.mark.parametrize(
    ("n_layers", "keep", "kept"), [(6, 3, [0, 2, 5]), (6, 2, [0, 5]), (6, 1, [5]), (4, 4, [0, 1, 2, 3])]
)
def test_a_shallower_network_starts_from_the_first_the_last_and_those_between(n_layers, keep, kept):
    assert spread(n_layers, keep) == kept


def opened(out, n):
    tokenizer = (out / "tokenizer.json").read_bytes()
    texts = PairTexts(fit_pair_texts(TEXTS, tokenizer, max_tokens=LONGEST))
    return PairNetwork((out / f"{n}.onnx").read_bytes(), tokenizer, texts, max_tokens=LONGEST)
