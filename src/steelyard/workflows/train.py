"""``train``: every model once, tuned on the tuning part, then fitted on all that comes before the judging part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from steelyard import registry
from steelyard.config import Config
from steelyard.data.tables import ShopTables
from steelyard.domain import Cases, CatalogueFacts, IntArray, State
from steelyard.models.pipeline import catalogue_state
from steelyard.models.ports import Parts, Retriever
from steelyard.models.retrieval.lexical import documents, fit_lexical, tune_lexical
from steelyard.models.text.encode import passages
from steelyard.workflows.ports import Progress, Store
from steelyard.workflows.stages import Steps

__all__ = ["Training", "in_text_space", "train"]

ENCODER_KINDS = frozenset({"dense", "hybrid"})


def in_text_space(cases: Cases, facts: CatalogueFacts) -> Cases:
    """The same search cases with text numbers in place of representatives."""
    relevant: tuple[IntArray, ...] = tuple(facts.text_of_item[items] for items in cases.relevant)
    return replace(cases, relevant=relevant)


@dataclass
class Training:
    """What the steps of ``train`` and ``compress`` share: configuration, store, and the shop's tables, read once."""

    config: Config
    store: Store
    steps: Steps
    base: Path
    """Folder of the configuration file."""
    threads: int = 1
    """Threads of long computations; measurements always use one."""

    @cached_property
    def shop(self) -> ShopTables:
        """The prepared tables, read when first needed."""
        load: Callable[..., ShopTables] = registry.load("adapters", "tables")
        return load(self.store.path("data"), max_history=self.config.models.max_history)

    @cached_property
    def tuning(self) -> Cases:
        """Search cases for tuning, in text space."""
        return in_text_space(self.shop.search_tuning, self.shop.facts)

    @cached_property
    def encoder_folder(self) -> Path:
        """Folder of the pre-trained encoder."""
        find: Callable[[str, Path], Path] = registry.load("adapters", "torch-encoder").find
        return find(self.config.models.encoder.source, self.base)

    @cached_property
    def passages(self) -> list[str]:
        """The product texts as the encoder reads them."""
        return passages(self.shop.texts, prefix=self.config.models.encoder.passage_prefix)

    @cached_property
    def torch_encoder(self) -> Any:
        """The pre-trained encoder, loaded when first needed."""
        open_encoder = registry.load("adapters", "torch-encoder")
        return open_encoder(self.encoder_folder, max_tokens=self.config.models.encoder.max_tokens)

    def write_encoder(self, variant: str) -> None:
        """Write one variant of the encoder as ``parts/encoder/<name>-<variant>``."""
        encoder = self.config.models.encoder
        with self.store.writing(self.encoder_part(variant)) as folder:
            self.torch_encoder.write_variant(
                folder, variant, texts=self.passages, seed=self.config.seed, query_prefix=encoder.query_prefix
            )

    def encoder_part(self, variant: str) -> str:
        """Name of the part that holds a variant of the encoder."""
        return f"parts/encoder/{self.config.models.encoder.name}-{variant}"

    def encoder_key(self, *more: Any) -> list[Any]:
        """What every encoder variant depends on, and more."""
        digest = registry.load("adapters", "digest")
        model = digest(self.encoder_folder / "model.safetensors")
        return self.key(model, self.config.models.encoder.model_dump(), *more)

    def open_retriever(self, kind: str, parts: Mapping[str, str], options: Mapping[str, Any]) -> Retriever:
        """A retriever over stored parts, for tuning."""
        retriever: Retriever = registry.load("retrievers", kind)(self.open_parts(parts), options)
        return retriever

    def open_parts(self, parts: Mapping[str, str]) -> Parts:
        """Stored parts by role."""
        opened: Parts = registry.load("adapters", "parts")(self.store.path, parts)
        return opened

    def key(self, *more: Any) -> list[Any]:
        """What every trained part depends on, and more."""
        return [self.store.digest("data"), self.config.seed, self.config.models.max_history, *more]


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
        store.write_state("parts/histories", histories(folder, max_history=training.config.models.max_history))

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
        vectors = encoder.encode(training.passages, progress=lambda done, total: progress(done, total, "vectors"))
        training.store.write_state(f"vectors/{name}", State({"vectors": vectors.astype(np.float32)}))

    key = training.encoder_key(training.store.digest(training.encoder_part("fp32")))
    training.steps.once("train/vectors", key, [f"vectors/{name}"], work)
