"""Dense search: a query's vector against the vectors of all product texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from steelyard.config.schema import Config
from steelyard.documents.explanation import Derivation
from steelyard.domain import (
    FloatArray,
    IntArray,
    Match,
    Ranked,
    Reason,
    Request,
    Surface,
    Understood,
    VectorArray,
)
from steelyard.errors import ArtefactError, ConfigError
from steelyard.models.building import Bench, Part, Work
from steelyard.models.deriving import Stopwatch
from steelyard.models.ports import Encoder, Parts
from steelyard.models.recipe import Need, Plan, Recipe, Variant
from steelyard.models.refusals import refusal
from steelyard.models.retrieval.hybrid_derivation import dense_derivation
from steelyard.models.retrieval.meaning_floor import Floor, fit_floor, foreign_queries, has_letters
from steelyard.models.retrieval.shortlists import Shortlist, stacked
from steelyard.models.retrieval.vectors import VectorSearch, open_vectors
from steelyard.models.text.parts import FULL, full_encoder, learnt_mark, text_vectors, upkeep_of

__all__ = ["DenseRecipe", "DenseRetriever", "dense_forms", "floor_part", "nearest_to_whole", "open_dense", "whole_of"]

_NEAREST_TO_WHOLE = ("fp16", "fp32", "1bit")
_OPTIONS = ("oversampling", "floor", "sure")


class DenseRetriever:
    """Finds the texts whose vectors are most like the query's.

    Args:
        encoder: Encodes queries into the space of the vectors.
        vectors: One for each text.
        query_prefix: Put before every query, where the encoder was trained so.
        floor: What a text must reach to be an answer.

    Raises:
        ArtefactError: Encoder and vectors differ in width.
    """

    is_by_meaning = True
    """It puts all that is near enough into order, and does not say where the result ends."""

    def __init__(
        self, encoder: Encoder, vectors: VectorSearch, *, query_prefix: str = "", floor: Floor | None = None
    ) -> None:
        if encoder.width != vectors.width:
            raise ArtefactError(
                f"the encoder gives vectors of width {encoder.width}, stored are vectors of width {vectors.width}: "
                "they were made by different encoders; run build again"
            )
        self.encoder = encoder
        self.vectors = vectors
        self.query_prefix = query_prefix
        self.floor = floor or Floor()

    def retrieve(self, requests: Sequence[Request], *, k: int) -> Ranked:
        """Best ``k`` texts for each request.

        Args:
            requests: Those without letters get no texts.
            k: Length of each list, >= 1.

        Returns:
            Text numbers, shape (requests, k), and cosines in [-1, 1], none below the floor.
        """
        return stacked((self._one(request, k) for request in requests), k=k)

    def scores(self, query: str, texts: IntArray) -> FloatArray:
        """Cosine of the query with each of ``texts``.

        Args:
            query: What the shopper typed.
            texts: Text numbers. Shape (n,).

        Returns:
            Shape (n,), in [-1, 1]; 0 for a query without words.
        """
        return self.vectors.scores(self.encode(query), texts) if query.strip() else np.zeros(len(texts))

    def explain(self, request: Request, items: IntArray) -> list[list[Reason]]:
        """That a text means something similar, with the cosine as its share.

        Args:
            request: The question.
            items: Text numbers. Shape (n,).

        Returns:
            For each text one reason of kind ``similar_meaning``, or none where the cosine is not positive.
        """
        cosines = self.scores(request.query, items)
        return [[Reason("similar_meaning", min(float(cosine), 1.0))] if cosine > 0 else [] for cosine in cosines]

    def understand(self, request: Request, items: IntArray) -> Understood:
        """How near the best text is: meaning is all that is looked at.

        Args:
            request: The question.
            items: Text numbers of the answer, best first. Shape (n,).

        Returns:
            Weak where nothing is nearer than the nearest text of a query without an answer.
        """
        if not len(items):
            return Understood(Match.NOTHING, is_weak=True)
        return Understood(Match.MEANING, is_weak=bool(self.scores(request.query, items[:1])[0] < self.floor.sure))

    def derivation(self, request: Request, items: IntArray, *, depth: int, watch: Stopwatch) -> Derivation:
        """How the scores of some texts came about, as ``Deriving`` says."""
        return dense_derivation(self, request, items, depth=depth, watch=watch)

    def nearest(self, query: str) -> float:
        """Cosine of the nearest text; -1 where there is none."""
        return float(self.vectors.search(self.encode(query), k=1)[1].max(initial=-1.0))

    def encode(self, query: str) -> VectorArray:
        """Vector of one query, of length 1. Shape (width,)."""
        return np.asarray(self.encoder.encode([self.query_prefix + query])[0], np.float32)

    def _one(self, request: Request, k: int) -> Shortlist:
        if not has_letters(request.query):
            return np.empty(0, np.int64), np.empty(0)
        texts, cosines = self.vectors.search(self.encode(request.query), k=k)
        n_near = int(np.count_nonzero(cosines >= self.floor.floor))
        return texts[:n_near], cosines[:n_near]


def open_dense(parts: Parts, options: Mapping[str, Any]) -> DenseRetriever:
    """The dense retriever (plugin ``dense``).

    Args:
        parts: Roles ``encoder`` and ``vectors``.
        options: ``oversampling`` of 1-bit search, instead of the one its audit set; ``floor`` and ``sure`` as
            ``floor_part`` gave them.

    Returns:
        The retriever.

    Raises:
        ConfigError: An option is not known.
        ArtefactError: The parts do not fit together.
    """
    unknown = sorted(set(options) - set(_OPTIONS))
    if unknown:
        raise ConfigError(f"dense search has no option {', '.join(unknown)}; it has {', '.join(_OPTIONS)}")
    encoder = parts.encoder("encoder")
    prefix = str(getattr(encoder, "query_prefix", ""))
    floor = Floor(**{name: float(options[name]) for name in ("floor", "sure") if name in options})
    of_vectors = {name: options[name] for name in ("oversampling",) if name in options}
    return DenseRetriever(encoder, open_vectors(parts.state("vectors"), of_vectors), query_prefix=prefix, floor=floor)


def floor_part(plan: Plan, form: str) -> Part:
    """What a text must reach to be shown for its meaning alone, fitted once for each encoder.

    Args:
        plan: Lists the forms.
        form: Of the encoder.

    Returns:
        The part; its values are options of ``open_dense``, and ``REFUSED`` where this form was taught and does not pay.
        It looks at the vectors that are nearest to whole ones.
    """
    config = plan.config
    parts = {
        "encoder": plan.form("encoder", full_encoder(config), form),
        "vectors": plan.form("vectors", text_vectors(config), nearest_to_whole(config)),
    }
    return Part(
        f"tuned/floor{learnt_mark(config)}-{form}",
        partial(_fitted_floor, parts),
        tuple(parts.values()),
        work=Work.COMPRESS,
    )


def nearest_to_whole(config: Config) -> str:
    """The form of vectors that values are fitted with: of those that are made, the one nearest to whole ones."""
    made = config.compress.vectors
    return next((form for form in _NEAREST_TO_WHOLE if form in made), made[0])


def _fitted_floor(parts: Mapping[str, Part], bench: Bench) -> Mapping[str, Any]:
    dense = open_dense(bench.open(parts), {})
    floor = asdict(fit_floor(dense.nearest, foreign_queries(bench.shop.texts, seed=bench.seed)))
    return {**floor, **refusal(bench.state(parts["encoder"]).facts)}


def dense_forms(plan: Plan) -> Iterator[tuple[str, str, dict[str, Part]]]:
    """Encoders with vectors: the first with every form of vectors, the others with the smallest.

    The two savings hardly interact, so not every pair is tried unless ``[compress] pairs`` asks for it.

    Args:
        plan: Lists the forms.

    Yields:
        tuple[str, str, dict[str, Part]]: Form of the encoder, form of the vectors, and the parts by role.
    """
    config = plan.config
    full, vectors = full_encoder(config), text_vectors(config)
    is_every = config.compress.pairs == "every"
    for place, encoder in enumerate(config.compress.encoders):
        for form in config.compress.vectors if is_every or not place else config.compress.vectors[-1:]:
            parts = {"encoder": plan.form("encoder", full, encoder), "vectors": plan.form("vectors", vectors, form)}
            yield encoder, form, parts


def whole_of(kind: str, plan: Plan, name: str) -> str:
    """The variant that another is a smaller form of: the first encoder with the first form of vectors.

    Args:
        kind: Of the recipe.
        plan: Lists the forms, largest first.
        name: Of a variant.

    Returns:
        Its name; empty for the whole one itself.
    """
    compress = plan.config.compress
    whole = f"{kind}-{compress.encoders[0]}-{compress.vectors[0]}"
    return "" if name == whole else whole


class DenseRecipe(Recipe):
    """``dense``: texts whose meaning is like the query's."""

    surface = Surface.SEARCH
    needs = frozenset({Need.TEXT, Need.ENCODER})

    def variants(self, plan: Plan) -> Iterable[Variant]:
        """Every encoder with the vectors that suit it."""
        for encoder, vectors, parts in dense_forms(plan):
            is_plain = (encoder, vectors) == (FULL, FULL)
            name = f"dense-{encoder}-{vectors}"
            whole = whole_of("dense", plan, name)
            yield Variant(
                name, parts, floor_part(plan, encoder), upkeep=upkeep_of(encoder), whole=whole, is_uncompressed=is_plain
            )

    def open(self, parts: Parts, options: Mapping[str, Any]) -> DenseRetriever:
        """The roles ``encoder`` and ``vectors``; options as ``floor_part`` gave them."""
        return open_dense(parts, options)
