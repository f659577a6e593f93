"""What the steps of ``train`` and ``compress`` share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from steelyard import registry
from steelyard.config import Config
from steelyard.data.tables import ShopTables
from steelyard.domain import Cases, CatalogueFacts, IntArray
from steelyard.models.ports import Parts, Retriever
from steelyard.models.text.encode import passages
from steelyard.workflows.ports import Store
from steelyard.workflows.stages import Steps

__all__ = ["Training", "in_text_space"]


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
        known = f"vectors/{encoder.name}"
        vectors = self.store.read_state(known).arrays["vectors"] if variant != "fp32" else None
        with self.store.writing(self.encoder_part(variant)) as folder:
            self.torch_encoder.write_variant(
                folder,
                variant,
                texts=self.passages,
                vectors=vectors,
                seed=self.config.seed,
                query_prefix=encoder.query_prefix,
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
