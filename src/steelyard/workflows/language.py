"""Which kinds of search suit the catalogue's language: none is trained with an encoder that cannot read it."""

from __future__ import annotations

from steelyard.config import Config
from steelyard.errors import ConfigError
from steelyard.models.recipe import Need, find_recipe

__all__ = ["encoder_models", "readable_search"]

_INSTALL = (
    "`pip install huggingface_hub && hf download intfloat/multilingual-e5-small --local-dir multilingual-e5-small`, "
    'then in [models.encoder] source = "multilingual-e5-small", name = "e5", query_prefix = "query: " and '
    'passage_prefix = "passage: "'
)


def encoder_models(config: Config) -> tuple[str, ...]:
    """Kinds of search that need a pre-trained encoder which reads the catalogue.

    Args:
        config: As read; the recipes it names are imported.

    Returns:
        Names, in the order of ``[models] search``.
    """
    return tuple(name for name in config.models.search if Need.ENCODER in find_recipe(name).needs)


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
    needing = encoder_models(config)
    left_out = [kind for kind in config.models.search if kind in needing]
    if config.shop.language != "zh" or speaks_chinese or not left_out:
        return config, ""
    kept = tuple(kind for kind in config.models.search if kind not in needing)
    name, kinds = config.models.encoder.name, " and ".join(left_out)
    why = f"the catalogue is Chinese and the encoder {name!r} does not know Chinese"
    if not kept:
        raise ConfigError(f"[models] search = {kinds}: {why}. Add 'lexical', or take an encoder that does: {_INSTALL}")
    models = config.models.model_copy(update={"search": kept})
    note = f"{kinds} search is left out, since {why}. An encoder that does: {_INSTALL}"
    return config.model_copy(update={"models": models}), note
