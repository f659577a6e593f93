"""Training an encoder further: it learns, goes on after an interruption, and says where that does not pay."""

import json
from dataclasses import dataclass, field

import numpy as np
import pytest

pytest.importorskip("transformers", reason="transformers is not installed: encoders cannot be trained")

import torch
import transformers

from steelyard.adapters.encoders.encoder_learning import EncoderLearner, Pace
from steelyard.adapters.encoders.pretrained import PretrainedEncoder
from steelyard.adapters.encoders.torch_encoder import TorchEncoder
from steelyard.domain import Cases, Request, Surface
from steelyard.models.building import FittedTo
from steelyard.models.learning.training_queries import Steps, same_texts, training_queries

WORDS = ["amber", "birch", "cedar", "denim", "ember", "flint"]
MEANT = ["gold", "tree", "wood", "cloth", "fire", "stone"]
TEXTS = [f"{MEANT[n]} {other}" for n in range(6) for other in ("large", "small")]
PACE = Pace(rate=3e-3, looks=2, save_every_s=0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A BERT of two narrow layers with random weights."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    out = tmp_path_factory.mktemp("network")
    known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, *MEANT, "large", "small"]
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(known)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    torch.manual_seed(0)
    torch.set_num_threads(1)
    config = transformers.BertConfig(
        vocab_size=len(known), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
    )
    transformers.BertModel(config).save_pretrained(out)
    tokenizer.save(str(out / "tokenizer.json"))
    return out


@dataclass(frozen=True)
class Taught:
    """Each word means another one."""

    key: str = "one"
    n_steps: int = 12
    minutes: float = 60.0
    pays: bool = True
    falls: bool = False
    """Whether the held-back queries get worse and worse."""
    looked: list[float] = field(default_factory=list)

    queries = tuple(WORDS)
    texts = tuple(TEXTS)

    def step(self, number):
        return Steps(queries=6, hard=0, others=12, seed=1).at(number, self.training())

    def training(self):
        relevant = tuple(np.array([2 * n, 2 * n + 1]) for n in range(6))
        requests = tuple(Request(query=word) for word in WORDS)
        cases = Cases(Surface.SEARCH, tuple(WORDS), requests, relevant, tuple(np.ones(2) for _ in range(6)))
        return training_queries(cases, [np.arange(12)] * 6, alike=same_texts(TEXTS))

    def quality(self, encode):
        self.looked.append(0.0)
        return 1.0 / len(self.looked) if self.falls else accuracy(encode)

    def verdict(self, encode):
        return {"pays": self.pays, "gain": 0.1, "error": 0.01, "decided_by": 6}


def accuracy(encode):
    nearest = (encode(WORDS) @ encode(TEXTS).T).argmax(axis=1)
    return float(np.mean(nearest // 2 == np.arange(6)))


class Killed(Exception):
    """As if the process had been ended."""


def killed_at(step):
    def told(done, total, what):
        if done == step:
            raise Killed

    return told


def learner(folder, lessons, unfinished, **more):
    return EncoderLearner(TorchEncoder(folder, max_tokens=8), lessons, unfinished, pace=PACE, **more)


def weights(of):
    return {name: value.detach().numpy().copy() for name, value in of._learnt.items()}


def test_what_was_judged_is_found_after_training(folder, tmp_path):
    taught = learner(folder, Taught(n_steps=60), tmp_path)
    before = accuracy(taught.encode)

    taught.learn()

    assert accuracy(taught.encode) > max(before, 0.8)


def test_lower_layers_stay_as_they_are(folder, tmp_path):
    taught = learner(folder, Taught(), tmp_path)
    lower = [value.detach().clone() for value in taught._encoder.network.layers[0].parameters()]

    taught.learn()

    after = list(taught._encoder.network.layers[0].parameters())
    assert all(torch.equal(one, other) for one, other in zip(lower, after, strict=True))


@pytest.mark.parametrize("step", [1, 5, 6, 11])
def test_an_interrupted_training_ends_with_the_same_network(folder, tmp_path, step):
    whole = learner(folder, Taught(), tmp_path / "whole")
    whole.learn()
    interrupted = learner(folder, Taught(), tmp_path / "parts", told=killed_at(step))
    with pytest.raises(Killed):
        interrupted.learn()

    again = learner(folder, Taught(), tmp_path / "parts")
    facts = again.learn()

    assert facts["steps"] == 12
    for name, value in weights(whole).items():
        np.testing.assert_array_equal(weights(again)[name], value)


def test_a_training_on_other_judgements_begins_anew(folder, tmp_path):
    with pytest.raises(Killed):
        learner(folder, Taught(), tmp_path / "parts", told=killed_at(6)).learn()
    fresh = learner(folder, Taught(key="two"), tmp_path / "fresh")
    fresh.learn()

    other = learner(folder, Taught(key="two"), tmp_path / "parts")
    other.learn()

    for name, value in weights(fresh).items():
        np.testing.assert_array_equal(weights(other)[name], value)


@pytest.mark.parametrize("damage", ["progress.json", "*.state.safetensors", "best.safetensors"])
def test_a_damaged_checkpoint_is_not_gone_on_with(folder, tmp_path, damage):
    with pytest.raises(Killed):
        learner(folder, Taught(), tmp_path, told=killed_at(6)).learn()
    for path in tmp_path.glob(damage):
        path.write_bytes(path.read_bytes()[:20])

    facts = learner(folder, Taught(), tmp_path).learn()

    assert facts["steps"] == 12


def test_training_stops_where_held_back_queries_get_no_better(folder, tmp_path):
    pace = Pace(rate=1e-3, looks=6, patience=2, timed=1, save_every_s=0)
    taught = EncoderLearner(TorchEncoder(folder, max_tokens=8), Taught(falls=True), tmp_path, pace=pace)

    facts = taught.learn()

    assert facts["steps"] == 6
    assert facts["looks"] == [1.0, 0.5, round(1 / 3, 5)]


def test_there_are_as_many_steps_as_there_is_time_for(folder, tmp_path):
    taught = learner(folder, Taught(n_steps=10_000, minutes=1e-4), tmp_path)

    facts = taught.learn()

    assert facts["planned"] < 10_000
    assert facts["steps"] <= facts["planned"]


def test_what_was_learnt_is_a_network_like_the_one_before(folder, tmp_path):
    source = PretrainedEncoder(str(folder), tmp_path, max_tokens=8)
    out, unfinished = tmp_path / "out", tmp_path / "unfinished"
    out.mkdir()

    source.learn(out, Taught(), unfinished=unfinished, progress=lambda *_: None)

    learnt = PretrainedEncoder(str(out), tmp_path, max_tokens=8)
    assert learnt.digest() != source.digest()
    assert json.loads((out / "facts.json").read_text())["pays"] is True
    assert not unfinished.exists()
    graph = tmp_path / "graph"
    graph.mkdir()
    learnt.write_form(graph, "fp32", fitted_to=FittedTo(TEXTS), full=None, seed=0, query_prefix="")
    assert (graph / "model.onnx").is_file()


def test_where_it_does_not_pay_no_network_is_written_and_it_is_said(folder, tmp_path):
    out = tmp_path / "out"
    out.mkdir()

    PretrainedEncoder(str(folder), tmp_path, max_tokens=8).learn(
        out, Taught(pays=False), unfinished=tmp_path / "unfinished", progress=lambda *_: None
    )

    assert [path.name for path in out.iterdir()] == ["facts.json"]
    assert json.loads((out / "facts.json").read_text())["pays"] is False
