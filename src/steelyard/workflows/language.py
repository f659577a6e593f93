"""Which kinds of search suit the catalogue's language: none is trained with an encoder that cannot read it."""

from __future__ import annotations

from steelyard.config import Config
from steelyard.errors import ConfigError

__all__ = ["readable_search"]

_NEEDS_ENCODER = frozenset({"dense", "hybrid"})
_INSTALL = (
    "`pip install huggingface_hub && hf download intfloat/multilingual-e5-small --local-dir multilingual-e5-small`, "
    'then in [models.encoder] source = "multilingual-e5-small", name = "e5", query_prefix = "query: " and '
    'passage_prefix = "passage: "'
)


def readable_search(config: Config, *, speaks_chinese: bool) -> tuple[Config, str]:
    """The configuration without the kinds of search whose encoder does not speak the catalogue's language.

    Args:
        config: As read.
        speaks_chinese: Whether the configured encoder knows Chinese.

    Returns:
        As given, and no note, for any other language and for an encoder that speaks it; else what is left, and a note
        that says what was left out and how to have it.

    Raises:
        ConfigError: No kind of search would be left.
    """
    left_out = [kind for kind in config.models.search if kind in _NEEDS_ENCODER]
    if config.shop.language != "zh" or speaks_chinese or not left_out:
        return config, ""
    kept = tuple(kind for kind in config.models.search if kind not in _NEEDS_ENCODER)
    name, kinds = config.models.encoder.name, " and ".join(left_out)
    why = f"the catalogue is Chinese and the encoder {name!r} does not know Chinese"
    if not kept:
        raise ConfigError(f"[models] search = {kinds}: {why}. Add 'lexical', or take an encoder that does: {_INSTALL}")
    models = config.models.model_copy(update={"search": kept})
    note = f"{kinds} search is left out, since {why}. An encoder that does: {_INSTALL}"
    return config.model_copy(update={"models": models}), note
