"""A search whose best are put in order, or whose query is rewritten, by a language model behind an endpoint.

What the first stage finds is what is found: the model can only change the order of the pool that it was shown, or add
what a better query finds. Where there is no time, no answer or no sense in it, the first stage's order stands, and it
is counted and said.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np

from steelyard.data.labels.asked import Busy, Said
from steelyard.data.labels.prompt import orders_in
from steelyard.data.privacy.patterns import names_a_person
from steelyard.domain import NONE, FloatArray, IntArray, Ranked, Reason, Request, Understood
from steelyard.errors import ConfigError
from steelyard.models.allowance import fell_back, time_left
from steelyard.models.language_model.answers import read_order, read_query
from steelyard.models.language_model.asking import Asking, ask_for_order, ask_for_query, estimated_tokens
from steelyard.models.language_model.products import Products
from steelyard.models.language_model.tally import BUSY, LATE, REFUSED_ITEMS, UNREAD, WITHHELD, Tally
from steelyard.models.ports import ChatModel, Retriever
from steelyard.models.retrieval.shortlists import Shortlist, stacked

__all__ = ["RERANK", "REWRITE", "LanguageModelSearch", "LlmOptions"]

RERANK = "rerank"
REWRITE = "rewrite"
_RRF = 60
_MARGIN_S = 0.005
"""Kept of the time for an answer, to give it in."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LlmOptions:
    """How it is asked."""

    mode: str = RERANK
    depth: int = 10
    """Texts that are shown to the model, >= 2."""
    timeout_s: float = 2.0
    concurrency: int = 4
    """Questions that are under way at once, >= 1."""
    structured: bool = True
    """Whether the endpoint is told the JSON schema of the answer."""
    cache: int = 10_000
    """Answers that are remembered."""


class LanguageModelSearch:
    """A first stage, and a language model over it.

    Args:
        first: Finds texts.
        model: Is asked.
        products: What it is shown of a text.
        options: How it is asked.
    """

    def __init__(
        self, first: Retriever, model: ChatModel, products: Products, *, options: LlmOptions | None = None
    ) -> None:
        self.first, self.model, self.products = first, model, products
        self.options = options or LlmOptions()
        self.tally = Tally()
        """What was asked so far."""
        self.is_remembering = True
        """Whether answers are taken from memory: not while it is measured what asking takes."""
        self._remembered: OrderedDict[str, Said] = OrderedDict()
        self._lock, self._last = threading.Lock(), threading.local()
        self._free = threading.BoundedSemaphore(self.options.concurrency)

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """Best ``k`` texts for each request.

        Args:
            requests: Several are asked at once, as far as ``concurrency`` lets them.
            k: Length of each list, >= 1.

        Returns:
            Text numbers and scores of the first stage: those of the places, whatever stands on them.
        """
        answer = partial(self._one, k=k)
        if len(requests) < 2 or self.options.concurrency < 2:
            return stacked(map(answer, requests), k=k)
        with ThreadPoolExecutor(self.options.concurrency) as workers:
            return stacked(workers.map(answer, requests), k=k)

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """Why each text was found, by the first stage: a language model's own reasons are worth nothing.

        Args:
            request: The question.
            items: Text numbers. Shape (n,).

        Returns:
            As the first stage explains them.
        """
        return self.first.explain(request, items)

    def understand(self, request: Request, items: IntArray) -> Understood:
        """How the first stage understood the query; without a word where it does not say."""
        understand: Callable[[Request, IntArray], Understood] | None = getattr(self.first, "understand", None)
        return Understood() if understand is None else understand(request, items)

    @property
    def by_words(self) -> Callable[[], Retriever]:
        """Gives the part that looks at words alone; there is none where the first stage has none."""
        found: Callable[[], Retriever] = self.first.by_words  # type: ignore[attr-defined]
        return found

    @property
    def is_by_meaning(self) -> bool:
        """Whether the first stage finds by meaning alone."""
        return bool(getattr(self.first, "is_by_meaning", False))

    def _one(self, request: Request, k: int) -> Shortlist:
        self.tally.add(requests=1)
        if not request.query.strip():
            return self._found(request, k)
        if names_a_person(request.query):
            self._fall_back(WITHHELD)
            return self._found(request, k)
        return self._rewritten(request, k) if self.options.mode == REWRITE else self._reranked(request, k)

    def _found(self, request: Request, k: int) -> Shortlist:
        ranked = self.first.retrieve([request], k=k)
        n = int(np.count_nonzero(ranked.items[0] != NONE))
        return ranked.items[0][:n], ranked.scores[0][:n]

    def _reranked(self, request: Request, k: int) -> Shortlist:
        texts, scores = self._found(request, max(k, self.options.depth))
        pool = self._sendable(texts[: self.options.depth])
        if len(pool) < 2:
            return texts[:k], scores[:k]
        asking = ask_for_order(request.query, [self.products[int(texts[place])] for place in pool])
        order = self._asked(asking, partial(read_order, n=len(pool)))
        if order is None:
            return texts[:k], scores[:k]
        texts = texts.copy()
        texts[pool] = texts[[pool[place] for place in order]]
        return texts[:k], scores[:k]

    def _sendable(self, texts: IntArray) -> list[int]:
        """Places of the texts that do not speak to the model; the others keep theirs."""
        found = [place for place, text in enumerate(texts.tolist()) if not self._speaks(text)]
        if len(found) < len(texts):
            self.tally.add(**{REFUSED_ITEMS: len(texts) - len(found)})
        return found

    def _speaks(self, text: int) -> bool:
        product = self.products[text]
        return orders_in(product.title, product.brand)

    def _rewritten(self, request: Request, k: int) -> Shortlist:
        own = self._found(request, k)
        query = self._asked(ask_for_query(request.query), read_query)
        if query is None or query.casefold() == request.query.casefold().strip():
            return own
        other = self._found(Request(query=query, verbatim=request.verbatim), k)
        return _fused(own, other, k=k)

    def _asked(self, asking: Asking, read: Callable[[str], T | None]) -> T | None:
        """What the model says, read; None where the first stage has to do."""
        last = getattr(self._last, "asked", None)
        if last is not None and last[0] == asking.digest:  # who lists an answer may look a second time, further down
            said: Said | None = last[1]
        else:
            said = self._said(asking)
            self._last.asked = (asking.digest, said)
        if said is None:
            return None
        found = read(said.text)
        if found is None:
            self._fall_back(UNREAD)
        return found

    def _said(self, asking: Asking) -> Said | None:
        with self._lock:
            known = self._remembered.get(asking.digest) if self.is_remembering else None
            if known is not None:
                self._remembered.move_to_end(asking.digest)
        if known is not None:
            self.tally.add(cached=1)
            return known
        left_s = time_left()
        within_s = self.options.timeout_s if left_s is None else min(self.options.timeout_s, left_s - _MARGIN_S)
        if within_s <= 0:
            self._fall_back(LATE)
            return None
        if not self._free.acquire(timeout=within_s if left_s is None else 0):
            self._fall_back(BUSY)
            return None
        try:
            schema = asking.schema if self.options.structured else None
            said = self.model.ask(
                asking.system, asking.user, max_tokens=asking.max_tokens, within_s=within_s, schema=schema
            )
        except Busy as error:
            if error.is_late:
                self._count(asking, None)
            self._fall_back(LATE if error.is_late else BUSY)
            return None
        except ConfigError:  # a key that was withdrawn: shoppers get the first stage, whoever measures is told
            if left_s is None:
                raise
            self._fall_back(BUSY)
            return None
        finally:
            self._free.release()
        self._count(asking, said)
        self._remember(asking.digest, said)
        return said

    def _count(self, asking: Asking, said: Said | None) -> None:
        """Tokens are paid for whether the answer came in time or not; of one that did not they are estimated."""
        prompt = None if said is None else said.input_tokens
        written = None if said is None else said.output_tokens
        is_estimated = prompt is None or written is None
        if prompt is None:
            prompt = estimated_tokens(asking.system + asking.user)
        if written is None:
            written = asking.max_tokens if said is None else estimated_tokens(said.text)
        self.tally.add(asked=1, prompt_tokens=prompt, completion_tokens=written, estimated=int(is_estimated))

    def _remember(self, digest: str, said: Said) -> None:
        if not self.options.cache:
            return
        with self._lock:
            self._remembered[digest] = said
            while len(self._remembered) > self.options.cache:
                self._remembered.popitem(last=False)

    def _fall_back(self, why: str) -> None:
        self.tally.add(**{why: 1})
        fell_back(why)


def _fused(own: Shortlist, other: Shortlist, *, k: int) -> Shortlist:
    """Reciprocal rank fusion: a bad rewriting takes nothing away that the typed words find first."""
    scores: dict[int, float] = {}
    for texts, _ in (own, other):
        for place, text in enumerate(texts.tolist()):
            scores[text] = scores.get(text, 0.0) + 1 / (_RRF + place + 1)
    ordered = sorted(scores, key=lambda text: (-scores[text], text))[:k]
    values: FloatArray = np.array([scores[text] for text in ordered])
    return np.array(ordered, np.int64), values
