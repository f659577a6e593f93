"""An encoder whose vocabulary is cut to a shop's gives the shop's texts the vectors they had."""

import json

import numpy as np
import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from steelyard.adapters.encoders.cut_vocabulary import write_cut
from steelyard.compression.vocabulary import cut_tokenizer
from steelyard.errors import ArtefactError, ConfigError

transformers = pytest.importorskip("transformers", reason="the extra train brings it")

from steelyard.adapters.encoders.torch_encoder import TorchEncoder  # noqa: E402

TEXTS = ["passage: red lamp", "passage: lamp shade 红灯", "passage: shades"]
QUERIES = ["query: red shade", "query: redder"]


def unigram():
    """Marks, letters, words; what longer pieces say is likelier than letter by letter."""
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    words = ["passage", "query", "red", "lamp", "shade", "shades", "chair", "desk", "redder", "er", "红灯", "桌子"]
    letters = sorted({letter for word in words for letter in word} | set("▁:0123456789x"))
    pieces += [(f"▁{word}", -3.0) for word in words] + [(word, -3.5) for word in words]
    pieces += [(letter, -8.0) for letter in letters] + [("鞋", -8.0), ("zz", -12.0)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.enable_padding(pad_id=1, pad_token="<pad>")
    return tokenizer


def wordpiece():
    names = ["[PAD]", "[unused]", "[UNK]", "[CLS]", "[SEP]", "table", "lamp", "red", "##s", "##p", "l", "##a", "##m"]
    tokenizer = Tokenizer(models.WordPiece({name: n for n, name in enumerate(names)}, unk_token="[UNK]"))
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 4), ("[CLS]", 3))
    return tokenizer


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small network with weights of chance."""
    import torch

    torch.manual_seed(3)
    made, tokenizer = tmp_path_factory.mktemp("encoder"), unigram()
    settings = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    size = tokenizer.get_vocab_size()
    config = transformers.BertConfig(vocab_size=size, max_position_embeddings=32, pad_token_id=1, **settings)
    transformers.BertModel(config, add_pooling_layer=False).save_pretrained(made)
    tokenizer.save(str(made / "tokenizer.json"))
    return made


@pytest.fixture(scope="module")
def cut(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("cut")
    write_cut(folder, out, texts=TEXTS, queries=QUERIES)
    return out


def tokens(path, texts):
    tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
    return [each.tokens for each in tokenizer.encode_batch(texts, add_special_tokens=True)]


def test_texts_and_queries_have_the_very_same_vectors(folder, cut):
    before, after = (TorchEncoder(each, max_tokens=16) for each in (folder, cut))

    assert np.array_equal(before.encode([*TEXTS, *QUERIES]), after.encode([*TEXTS, *QUERIES]))


def test_what_no_text_is_cut_into_is_gone_and_it_is_said(folder, cut):
    kept = {piece for piece, _ in json.loads((cut / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]}
    facts = json.loads((cut / "facts.json").read_text("utf-8"))

    assert {"▁red", "▁shade", "▁shades", "▁redder", "红灯"} <= kept
    assert not {"▁chair", "chair", "▁desk", "桌子"} & kept
    assert (facts["kept"], facts["of"]) == (len(kept), unigram().get_vocab_size())
    assert (facts["queries"], facts["queries_beyond_texts"]) == (2, 1)
    assert (cut / "model.safetensors").stat().st_size < (folder / "model.safetensors").stat().st_size


def test_a_word_that_nobody_wrote_falls_into_letters_and_not_into_nothing(folder, cut):
    asked = ["query: chair", "query: 鞋"]

    assert "▁chair" in tokens(folder, asked)[0]
    assert "<unk>" not in [piece for each in tokens(cut, asked) for piece in each]
    assert TorchEncoder(cut, max_tokens=16).encode(asked).shape == (2, 16)


def test_a_letter_that_the_encoder_never_knew_stays_unknown(folder, cut):
    asked = ["query: red ☃ lamp"]

    assert tokens(cut, asked) == tokens(folder, asked)


def test_pieces_of_words_are_cut_likewise():
    tokenizer = wordpiece()
    used = {number for each in tokenizer.encode_batch(["lamps", "red"]) for number in each.ids}
    found = cut_tokenizer(tokenizer.to_str(), used, ["lamps", "red"])
    small = Tokenizer.from_str(found.tokenizer)

    assert [each.tokens for each in small.encode_batch(["lamps red"])] == [["[CLS]", "lamp", "##s", "red", "[SEP]"]]
    assert small.token_to_id("table") is None
    assert small.encode("lap").tokens == ["[CLS]", "l", "##a", "##p", "[SEP]"]
    assert [found.number(old) for old in (0, 2, 3, 4)] == [0, 1, 2, 3]


def test_a_tokenizer_of_another_kind_is_refused():
    document = Tokenizer(models.BPE({"a": 0}, [])).to_str()

    with pytest.raises(ConfigError, match=r"of the kind BPE.*\[models.encoder\]"):
        cut_tokenizer(document, [0], ["a"])


def test_weights_that_do_not_suit_the_pieces_are_refused(folder, tmp_path):
    from safetensors.numpy import save_file

    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    save_file({"embeddings.word_embeddings.weight": np.zeros((5, 16), np.float32)}, tmp_path / "model.safetensors")

    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(ArtefactError, match="cannot be cut"):
        write_cut(tmp_path, out, texts=TEXTS, queries=[])
