import json

import pytest

from steelyard.adapters.encoders.encoder_language import speaks_chinese
from steelyard.config import Config
from steelyard.errors import ConfigError
from steelyard.workflows.language import readable_search

ITEMS = {"path": "items.csv", "columns": {"item_id": "id", "title": "title"}}


def config(language, **models):
    return Config.model_validate({"shop": {"language": language}, "data": {"items": ITEMS}, "models": models})


def encoder(folder, tokens):
    folder.mkdir()
    (folder / "config.json").write_text("{}", "utf-8")
    (folder / "model.safetensors").write_bytes(b"")
    vocabulary = {token: number for number, token in enumerate(tokens)}
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocabulary}}), "utf-8")
    return folder.name


def test_a_chinese_shop_is_not_trained_with_an_encoder_that_cannot_read_it():
    found, note = readable_search(config("zh"), speaks_chinese=False)

    assert found.models.search == ("lexical",)
    assert "dense and hybrid search is left out" in note
    assert "pip install" in note


@pytest.mark.parametrize(("language", "speaks"), [("en", False), ("mixed", False), ("zh", True)])
def test_other_shops_are_left_as_they_are(language, speaks):
    given = config(language)

    assert readable_search(given, speaks_chinese=speaks) == (given, "")


def test_nothing_left_to_search_with_is_refused():
    with pytest.raises(ConfigError, match="does not know Chinese"):
        readable_search(config("zh", search=["dense"]), speaks_chinese=False)


def test_a_vocabulary_tells_what_an_encoder_speaks(tmp_path):
    english = encoder(tmp_path / "english", [f"word{n}" for n in range(3000)] + ["的", "是"])
    chinese = encoder(tmp_path / "chinese", [chr(0x4E00 + n) for n in range(3000)])

    assert not speaks_chinese(english, tmp_path)
    assert speaks_chinese(chinese, tmp_path)
    assert not speaks_chinese("package:no_such_encoder_here", tmp_path)
