"""A shop of a few cards with real models, made in memory: what a bundle built of them answers with."""

import json

import numpy as np

from steelyard.data.vocabulary import TextVocabulary, Vocabulary, representatives
from steelyard.documents.changes import Batch, Beginning
from steelyard.domain import CatalogueFacts, Surface, Texts
from steelyard.models.pipeline import Pipeline
from steelyard.models.ranking.rules import Rules
from steelyard.models.retrieval.content import Content
from steelyard.models.retrieval.lexical import Lexical
from steelyard.models.retrieval.lexical_fit import documents, fit_lexical
from steelyard.serving.browse import Browse, shelf_state
from steelyard.serving.cards import Card, Cards, ItemIds, index_ids
from steelyard.serving.changes.keys import text_of
from steelyard.serving.engine import Beside, Engine
from steelyard.serving.lists.field_state import fields_state
from steelyard.serving.lists.fields import Fields
from steelyard.serving.numbers import Numbers, index_numbers
from steelyard.serving.suggest import Suggestions
from steelyard.serving.suggest_state import suggest_state
from steelyard.testing.memory_bench import TermIndex


def card(item_id, title, category=("Things",), price="5.00", **more):
    return Card(item_id, title, tuple(category), more.pop("brand", ""), price, "", **more)


def cards_of(rows):
    lines = [
        json.dumps(dict(zip(Card.__struct_fields__, values_of(row), strict=True))).encode() + b"\n" for row in rows
    ]
    offsets = np.concatenate([[0], np.cumsum([len(line) for line in lines])]).astype(np.int64)
    return Cards(b"".join(lines), offsets)


def values_of(row):
    return [getattr(row, name) for name in Card.__struct_fields__]


def texts_and_facts(rows, language="en"):
    texts, names, numbers, fresh = TextVocabulary(), Vocabulary(), [], []
    for row in rows:
        number, is_new = texts.number(text_of(row))
        numbers.append(number)
        fresh += [text_of(row)] if is_new else []
    category = [names.number(" > ".join(row.category)) if row.category else -1 for row in rows]
    in_stock = np.array([row.stock is None or row.stock > 0 for row in rows], np.int64)
    text_of_item = np.array(numbers, np.int64)
    nothing = np.zeros(len(rows), np.int64)
    found = representatives(text_of_item, in_stock=in_stock, n_interactions=nothing, n_texts=len(texts))
    columns = list(zip(*fresh, strict=True))
    facts = CatalogueFacts(text_of_item, found, np.array(category, np.int64), in_stock, names.names())
    return Texts(*columns, language), facts


def shop_of(rows, *, language="en", rules=None, is_compiled=True):
    """An engine over cards: search by words, similar items by what the texts say."""
    texts, facts = texts_and_facts(rows, language)
    lexical = Lexical(fit_lexical(texts), TermIndex(documents(texts)), is_compiled=is_compiled)
    rules = rules or Rules()
    cards = cards_of(rows)
    search = Pipeline(lexical, facts, surface=Surface.SEARCH, rules=rules)
    similar = Pipeline(Content().fit_texts(texts, facts, None), facts, surface=Surface.SIMILAR, rules=rules)
    beside = Beside(
        words=search.by_words(),
        browse=Browse(shelf_state(cards)),
        fields=Fields(fields_state(cards)),
        numbers=Numbers.of(index_numbers(cards), cards),
        suggestions=Suggestions(suggest_state(cards, queries={}, sold=None), cards),
    )
    ids = ItemIds(index_ids(cards), cards)
    return Engine(search=search, recommend=None, similar=similar, cards=cards, ids=ids, beside=beside)


class MemoryJournal:
    """A journal that is kept nowhere."""

    def __init__(self):
        self.batches, self.n_given, self.keys = [], 0, {}
        self.journal, self.is_behind = "0123456789abcdef", False
        self.beginning = Beginning(self.journal)

    def key(self, key):
        return self.keys.get(key)

    def has_news(self):
        return self.n_given < len(self.batches)

    def news(self):
        found, self.n_given = self.batches[self.n_given :], len(self.batches)
        return found

    def writing(self):
        from contextlib import nullcontext

        return nullcontext()

    def append(self, changes, *, at, key="", digest=""):
        last = self.batches[-1].last if self.batches else 0
        batch = Batch(last + len(changes), at, tuple(changes), key, digest)
        self.batches.append(batch)
        self.n_given = len(self.batches)
        if key:
            self.keys[key] = (digest, batch.last)
        return batch
