r"""Other names of things, as search engines write them down: ``couch, sofa`` and ``ac => air conditioner``.

=====================  ==============================================================
line                   means
=====================  ==============================================================
couch, sofa, settee    each is looked for where another is asked for
ac => ac, air con      where ac is asked for, air con is looked for too
ac => air con          where ac is asked for, air con is looked for in its place
# a remark             nothing
=====================  ==============================================================

A comma that belongs to a name is written ``\\,``. The format is that of Solr, Elasticsearch and OpenSearch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from steelyard.config.schema import Config
from steelyard.errors import ConfigError

__all__ = ["OtherNames", "read_synonyms", "with_synonyms"]

_MAX_LINES = 100_000
_MAX_LETTERS = 100
_ARROW = re.compile(r"=>|⇒|→")
_COMMA = re.compile(r"(?<!\\)[,，、]")


@dataclass(frozen=True, slots=True)
class OtherNames:
    """What else is looked for where something is asked for."""

    words: str
    """As a shopper types it."""
    names: tuple[str, ...]
    """What the catalogue may call it; at least one."""
    is_replaced: bool = False
    """Whether the words themselves are no longer looked for."""


def read_synonyms(lines: Iterable[str], *, name: str) -> tuple[OtherNames, ...]:
    """What the lines say, of each name that is asked for.

    Args:
        lines: Of a file, or of the setting.
        name: How to call where they stand, in messages.

    Returns:
        In order of first appearance; a name that several lines speak of once, with all that they say.

    Raises:
        ConfigError: A line equates nothing, or is too long; all such lines are listed.
    """
    found: dict[str, dict[str, None]] = {}
    replaced: dict[str, bool] = {}
    wrong: list[str] = []
    for number, line in enumerate(lines, start=1):
        text = line.strip().lstrip("\ufeff")
        if not text or text.startswith("#"):
            continue
        if number > _MAX_LINES:
            wrong.append(f"line {number}: there are more than {_MAX_LINES:,} lines; split the list")
            break
        asked, meant, why = _sides(text)
        if why:
            wrong.append(f"line {number} ({text[:40]}): {why}")
            continue
        for word in asked:
            others = [each for each in meant if each != word]
            found.setdefault(word, {}).update(dict.fromkeys(others))
            replaced[word] = replaced.get(word, True) and word not in meant
    if wrong:
        raise ConfigError(f"{name}: {'; '.join(wrong[:10])}")
    return tuple(OtherNames(word, tuple(names), replaced[word]) for word, names in found.items() if names)


def with_synonyms(config: Config, read: Callable[[str], str]) -> Config:
    """The configuration with the rules of its file among those it has itself.

    Args:
        config: As it was written.
        read: The text of a file by the name that the configuration gives it.

    Returns:
        ``models.synonyms`` holds all rules; without any, ``config`` itself.

    Raises:
        ConfigError: A rule says nothing.
    """
    models = config.models
    read_synonyms(models.synonyms, name="models.synonyms")
    if not models.synonyms_file:
        return config
    lines = read(models.synonyms_file).splitlines()
    read_synonyms(lines, name=models.synonyms_file)
    rules = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    return config.model_copy(update={"models": models.model_copy(update={"synonyms": (*models.synonyms, *rules)})})


def _sides(text: str) -> tuple[list[str], list[str], str]:
    """What is asked for, what is looked for, and why the line says nothing; empty where it does."""
    sides = [_names(side) for side in _ARROW.split(text)]
    if len(sides) > 2:
        return [], [], "it has two arrows: write one rule on a line"
    asked, meant = sides[0], sides[-1]
    if not asked or not meant:
        return [], [], "one side of the arrow is empty"
    if len({*asked, *meant}) < 2:
        return [], [], "it names one thing only: write its other names behind a comma"
    if max(map(len, (*asked, *meant))) > _MAX_LETTERS:
        return [], [], f"a name has more than {_MAX_LETTERS} letters"
    return asked, meant, ""


def _names(side: str) -> list[str]:
    names = (" ".join(each.replace("\\,", ",").split()) for each in _COMMA.split(side))
    return [each for each in names if each]
