"""``train``: every model once, tuned on the tuning part, then fitted on all that comes before the judging part."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from steelyard import registry
from steelyard.domain import State
from steelyard.models.pipeline import catalogue_state
from steelyard.models.retrieval.lexical import documents, fit_lexical, tune_lexical
from steelyard.workflows.ports import Progress
from steelyard.workflows.train_recommend import train_recommender
from steelyard.workflows.training import Training

__all__ = ["ENCODER_KINDS", "train"]

ENCODER_KINDS = frozenset({"dense", "hybrid"})


def train(training: Training, *, progress: Progress) -> None:
    """Train every model the configuration names; skip what is there and unchanged.

    Args:
        training: Configuration, store and tables.
        progress: Told which model is being trained.

    Raises:
        StageError: ``prepare`` was not run.
    """
    training.steps.require({"data": "prepare"})
    models = training.config.models
    plan: list[tuple[str, Callable[[], object]]] = [("catalogue", lambda: train_catalogue(training))]
    plan.append(("lexical", lambda: train_lexical(training)))
    if ENCODER_KINDS & set(models.search):
        plan.append(("encoder", lambda: export_encoder(training)))
        plan.append(("vectors", lambda: encode_catalogue(training, progress)))
    kinds = dict.fromkeys((*models.recommend, "popularity", "content"))
    plan += [(kind, lambda kind=kind: train_recommender(training, kind)) for kind in kinds]  # type: ignore[misc]
    for done, (what, work) in enumerate(plan):
        progress(done, len(plan), what)
        work()


def train_catalogue(training: Training) -> None:
    """Facts of the catalogue, cards for the pages, and the users' histories for serving."""

    def work() -> None:
        store, folder = training.store, training.store.path("data")
        store.write_state("parts/catalogue", catalogue_state(training.shop.facts))
        with store.writing("parts/cards") as out:
            registry.load("adapters", "cards")(folder, out)
        histories = registry.load("adapters", "histories")
        store.write_state("parts/histories", histories(folder))

    outputs = ["parts/catalogue", "parts/cards", "parts/histories"]
    training.steps.once("train/catalogue", training.key(), outputs, work)


def train_lexical(training: Training) -> None:
    """Postings and term index over the distinct texts, then parameters tuned on the tuning queries."""

    def index() -> None:
        texts = training.shop.texts
        state = fit_lexical(texts)
        with training.store.writing("parts/lexical") as folder:
            registry.load("adapters", "write-state")(folder, state)
            registry.load("adapters", "tantivy-builder")(folder, documents(texts))

    def tune() -> None:
        retriever = training.open_retriever("lexical", {"lexical": "parts/lexical"}, {})
        training.store.write_json("tuned/lexical", tune_lexical(retriever, training.tuning, seed=training.config.seed))

    training.steps.once("train/lexical", training.key(), ["parts/lexical"], index)
    training.steps.once("train/lexical-tuning", training.key(), ["tuned/lexical"], tune)


def export_encoder(training: Training) -> None:
    """The pre-trained encoder as an fp32 graph, checked against the original."""
    part = training.encoder_part("fp32")
    training.steps.once("train/encoder", training.encoder_key("fp32"), [part], lambda: training.write_encoder("fp32"))


def encode_catalogue(training: Training, progress: Progress) -> None:
    """A vector of every distinct text, by the fp32 encoder."""
    name = training.config.models.encoder.name

    def work() -> None:
        open_encoder = registry.load("encoders", "onnx")
        encoder = open_encoder(training.store.path(training.encoder_part("fp32")), threads=training.threads)
        vectors = encoder.encode(training.passages, progress=progress)
        training.store.write_state(f"vectors/{name}", State({"vectors": vectors.astype(np.float32)}))

    key = training.encoder_key(training.store.digest(training.encoder_part("fp32")))
    training.steps.once("train/vectors", key, [f"vectors/{name}"], work)
