"""``compress``: smaller variants of what was trained, and the list of configurations they make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import Any

from steelyard.compression.neighbours import prune_neighbours
from steelyard.compression.vectors import audit_vectors, vectors_1bit, vectors_fp16, vectors_fp32
from steelyard.config.schema import Rules
from steelyard.data.tables import ShopTables
from steelyard.domain import Cases, Configuration, State, Surface, VectorArray
from steelyard.models.retrieval.hybrid_tuning import tune_hybrid
from steelyard.workflows.ports import Progress, Store
from steelyard.workflows.train import ENCODER_KINDS
from steelyard.workflows.training import Training

__all__ = ["MAX_TUNING_QUERIES", "can_be_judged", "compress", "load_configurations", "recommend_parts"]

MAX_TUNING_QUERIES = 500
"""Fusion has a handful of numbers to fit; more queries cost time and change nothing."""
MAX_AUDIT_QUERIES = 200
"""Queries that compare 1-bit search with exact search."""
_POPULARITY = "parts/recommend/popularity"
_CATALOGUE = "parts/catalogue"


def compress(training: Training, *, progress: Progress) -> list[Configuration]:
    """Make every variant the configuration names, and put the configurations together.

    Args:
        training: Configuration, store and tables.
        progress: Told which variant is being made.

    Returns:
        All configurations to measure; also stored as ``configurations``.

    Raises:
        StageError: ``train`` was not run.
    """
    training.steps.require({"parts/catalogue": "train", "parts/lexical": "train", _POPULARITY: "train"})
    settings, models = training.config.compress, training.config.models
    plan: list[tuple[str, Callable[[], None]]] = []
    if ENCODER_KINDS & set(models.search):
        plan += [(f"encoder {v}", lambda v=v: _encoder(training, v)) for v in settings.encoders]  # type: ignore[misc]
        plan += [(f"vectors {v}", lambda v=v: _vectors(training, v)) for v in settings.vectors]  # type: ignore[misc]
    if "hybrid" in models.search:
        plan += [(f"fusion {e}", lambda e=e: _tune(training, e)) for e in settings.encoders]  # type: ignore[misc]
    if "item-knn" in models.recommend and training.store.has("parts/recommend/item-knn.full"):
        plan += [(f"neighbours {n}", lambda n=n: _neighbours(training, n)) for n in settings.neighbours]  # type: ignore[misc]
    for done, (what, work) in enumerate(plan):
        progress(done, len(plan), what)
        work()
    tuned = {name: training.store.digest(name) for name in training.store.names("tuned/")}
    config = training.config
    key = training.key(tuned, models.model_dump(), settings.model_dump(), config.rules.model_dump())
    training.steps.once("compress/configurations", key, ["configurations"], lambda: _list(training))
    return load_configurations(training.store)


def load_configurations(store: Store) -> list[Configuration]:
    """What ``compress`` stored."""
    return [Configuration(**{**row, "surface": Surface(row["surface"])}) for row in store.read_json("configurations")]


def recommend_parts(kind: str, variant: str = "") -> dict[str, str]:
    """Parts of a recommender's configuration by role."""
    model = f"parts/recommend/{kind}{'.' + variant if variant else ''}"
    return {"model": model, "catalogue": _CATALOGUE, "fallback": _POPULARITY}


def search_configurations(training: Training) -> Iterator[Configuration]:
    """Lexical, then every encoder with every form of vectors that fits it, alone and fused with lexical."""
    config, store = training.config, training.store
    rules = {"rules": config.rules.model_dump()}
    lexical = store.read_json("tuned/lexical")
    base = {"lexical": "parts/lexical", "catalogue": _CATALOGUE}
    for kind in config.models.search:
        if kind == "lexical":
            yield Configuration("lexical", Surface.SEARCH, kind, base, {"retriever": lexical, **rules})
            continue
        for encoder, vectors in _pairs(config.compress.encoders, config.compress.vectors):
            parts = _dense_parts(training, encoder, vectors)
            options: dict[str, Any] = {}
            if kind == "hybrid":
                parts |= {"lexical": "parts/lexical"}
                options |= store.read_json(f"tuned/hybrid-{encoder}")
            yield Configuration(
                f"{kind}-{encoder}-{vectors}", Surface.SEARCH, kind, parts, {"retriever": options, **rules}
            )


def recommend_configurations(training: Training) -> Iterator[Configuration]:
    """Every trained recommender; the neighbours in every form. None where there is nobody to recommend to."""
    config, store = training.config, training.store
    if not can_be_judged(training.shop, config.rules):
        return
    rules = {"rules": config.rules.model_dump(), "candidates": 200}
    for kind in config.models.recommend:
        tuned = store.read_json(f"tuned/{kind}") if store.has(f"tuned/{kind}") else {}
        for variant in config.compress.neighbours if kind == "item-knn" else ("",):
            name = f"{kind}-{variant}" if variant else kind
            options = {"retriever": tuned, **rules}
            yield Configuration(name, Surface.RECOMMEND, kind, recommend_parts(kind, variant), options)


def can_be_judged(shop: ShopTables, rules: Rules) -> bool:
    """Whether any recommender can be right: somebody took something new afterwards that may be offered now.

    Args:
        shop: The prepared tables.
        rules: Whether sold-out items are offered.

    Returns:
        False where every list would have quality 0, which tells nothing of any model.
    """
    relevant = shop.recommend_test.relevant
    if not rules.exclude_out_of_stock:
        return bool(relevant)
    return any(bool((shop.facts.in_stock[items] > 0).any()) for items in relevant)


def _list(training: Training) -> None:
    configurations = [*search_configurations(training), *recommend_configurations(training)]
    training.store.write_json("configurations", [asdict(c) for c in configurations])


def _pairs(encoders: tuple[str, ...], vectors: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The first encoder with every form of vectors, the others with the smallest: the two savings hardly interact."""
    for encoder in encoders:
        for form in vectors if encoder == encoders[0] else vectors[-1:]:
            yield encoder, form


def _dense_parts(training: Training, encoder: str, vectors: str) -> dict[str, str]:
    return {
        "encoder": training.encoder_part(encoder),
        "vectors": f"parts/vectors/{training.config.models.encoder.name}.{vectors}",
        "catalogue": _CATALOGUE,
    }


def _encoder(training: Training, variant: str) -> None:
    part = training.encoder_part(variant)
    if variant != "fp32":
        key = training.encoder_key(variant)
        training.steps.once(f"compress/encoder-{variant}", key, [part], lambda: training.write_encoder(variant))


def _neighbours(training: Training, variant: str) -> None:
    if variant == "full":
        return
    n, bits = variant.removesuffix("bit").split("x")
    store, part = training.store, f"parts/recommend/item-knn.{variant}"

    def work() -> None:
        full = store.read_state("parts/recommend/item-knn.full")
        store.write_state(part, prune_neighbours(full, n=int(n), bits=int(bits)))

    key = [store.digest("parts/recommend/item-knn.full"), variant]
    training.steps.once(f"compress/neighbours-{variant}", key, [part], work)


def _vectors(training: Training, form: str) -> None:
    """The product vectors in one form; every variant of the encoder answers in their space."""
    name, store = training.config.models.encoder.name, training.store
    part, source = f"parts/vectors/{name}.{form}", f"vectors/{name}"

    def work() -> None:
        vectors: VectorArray = store.read_state(source).arrays["vectors"]
        store.write_state(part, _formed(training, form, vectors))

    key = [store.digest(source), form, training.config.compress.oversampling, training.key()]
    training.steps.once(f"compress/vectors-{form}", key, [part], work)


def _formed(training: Training, form: str, vectors: VectorArray) -> State:
    """The vectors in a form; 1-bit ones audited against exact search with the shop's own tuning queries."""
    if form != "1bit":
        return vectors_fp16(vectors) if form == "fp16" else vectors_fp32(vectors)
    queries = [request.query for request in training.tuning.requests[:MAX_AUDIT_QUERIES]]
    small = vectors_1bit(vectors, oversampling=training.config.compress.oversampling)
    if not queries:
        return small
    opened = training.open_parts({"encoder": training.encoder_part("fp32")}).encoder("encoder")
    prefix = training.config.models.encoder.query_prefix
    asked = opened.encode([prefix + query for query in queries])
    return audit_vectors(vectors_fp32(vectors), small, asked)


def _tune(training: Training, encoder: str) -> None:
    """Fusion fitted once for each encoder, with the vectors nearest to whole ones."""
    config, store = training.config, training.store
    form = next(f for f in ("fp16", "fp32", "1bit") if f in config.compress.vectors)
    parts = {**_dense_parts(training, encoder, form), "lexical": "parts/lexical"}
    lexical = store.read_json("tuned/lexical")

    def work() -> None:
        retriever: Any = training.open_retriever("hybrid", parts, {"lexical": lexical})
        tuned = tune_hybrid(retriever, _first(training.tuning, MAX_TUNING_QUERIES))
        store.write_json(f"tuned/hybrid-{encoder}", {"lexical": lexical, **tuned})

    key = [*(store.digest(part) for part in parts.values()), lexical, training.key()]
    training.steps.once(f"compress/hybrid-{encoder}", key, [f"tuned/hybrid-{encoder}"], work)


def _first(cases: Cases, n: int) -> Cases:
    return replace(
        cases, ids=cases.ids[:n], requests=cases.requests[:n], relevant=cases.relevant[:n], gains=cases.gains[:n]
    )
