"""Built-in encoders keep the promises of an encoder; small ones are made here, without torch or a download."""

import json

import numpy as np
import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from steelyard import registry
from steelyard.adapters.artefacts import write_state
from steelyard.domain import State
from steelyard.testing import EncoderContract
from steelyard.testing.memory_bench import HashEncoder
from steelyard.testing.toy_shop import toy_shop

WIDTH, MAX_TOKENS = 16, 24
WORDS = sorted({word.lower() for title in toy_shop(seed=7).texts.title for word in title.split()})
LETTERS = sorted(set("红色连衣裙纯棉crèmebûlé,2×100g"))


class TestStatic(EncoderContract):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path):
        tokenizer = write_tokenizer(tmp_path)
        arrays = {"tokens": vectors_of(tokenizer).astype(np.float16), "bias": np.full(WIDTH, 0.01, np.float32)}
        write_state(tmp_path, State(arrays, {"max_tokens": MAX_TOKENS, "width": WIDTH}))
        self.folder = tmp_path

    def open(self):
        return registry.load("encoders", "static")(self.folder)


class TestOnnx(EncoderContract):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path):
        pytest.importorskip("onnx", reason="onnx is not installed: the extra train brings it")
        write_graph(tmp_path / "model.onnx", vectors_of(write_tokenizer(tmp_path)))
        (tmp_path / "facts.json").write_text(json.dumps({"width": WIDTH, "max_tokens": MAX_TOKENS}), "utf-8")
        self.folder = tmp_path

    def open(self):
        return registry.load("encoders", "onnx")(self.folder)


class TestOnnxOneTextAtATime(TestOnnx):
    @pytest.fixture(autouse=True)
    def at_a_time(self, place):
        facts = {"width": WIDTH, "max_tokens": MAX_TOKENS, "batch": 1}
        (self.folder / "facts.json").write_text(json.dumps(facts), "utf-8")


class TestHashing(EncoderContract):
    def open(self):
        return HashEncoder()


def write_tokenizer(folder):
    """A tokenizer that knows the toy shop's words, each letter of others, and puts marks around every text."""
    from tokenizers.processors import TemplateProcessing

    vocabulary = {token: number for number, token in enumerate(["[UNK]", "[CLS]", "[SEP]", *WORDS, *LETTERS])}
    tokenizer = Tokenizer(models.WordLevel(dict(vocabulary), unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    marks = [(mark, vocabulary[mark]) for mark in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=marks)
    tokenizer.save(str(folder / "tokenizer.json"))
    return tokenizer


def vectors_of(tokenizer):
    return np.random.default_rng(1).standard_normal((tokenizer.get_vocab_size(), WIDTH)).astype(np.float32)


def write_graph(path, vectors):
    """Mean of the tokens' vectors, made to length 1."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes = [
        helper.make_node("Gather", ["vectors", "input_ids"], ["each"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["weights"]),
        helper.make_node("Mul", ["each", "weights"], ["weighted"]),
        helper.make_node("ReduceSum", ["weighted", "second"], ["sum"], keepdims=0),
        helper.make_node("LpNormalization", ["sum"], ["vector"], axis=-1, p=2),
    ]
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, ["n", "t"]) for n in ("input_ids", "attention_mask")]
    output = helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["n", WIDTH])
    constants = {"vectors": vectors, "last": np.array([2], np.int64), "second": np.array([1], np.int64)}
    held = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "mean", inputs, [output], held)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
