"""A small shop on disk, and the one call that prepares it."""

import json
from datetime import UTC, datetime

import pyarrow.parquet as pq

from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.shop.sources import Sources
from steelyard.config import Config
from steelyard.documents.quality import quality_builtins
from steelyard.documents.reasons import REASONS
from steelyard.workflows.prepare import prepare

KEY = b"a key for tests only, 32 bytes.."
NOW = datetime(2024, 6, 1, tzinfo=UTC)
ITEM_COLUMNS = {"item_id": "sku", "title": "title", "price": "price"}
EVENT_COLUMNS = {"user": "user", "item_id": "sku", "time": "time", "quantity": "quantity"}


class Shop:
    def __init__(self, folder):
        self.folder = folder
        self.store = Artefacts(folder / "work")

    def write(self, name, text, encoding="utf-8"):
        (self.folder / name).write_bytes(text.encode(encoding))
        return self

    def prepare(
        self,
        *,
        items=None,
        events=None,
        judgements=None,
        now=NOW,
        accept=tuple(REASONS),
        more=None,
        erased=frozenset(),
        **sections,
    ):
        """Losses stop nothing here, since two rows are much of a small shop, unless ``accept`` is given."""
        data = {
            "accept": accept,
            "expect": sections.pop("expect", ()),
            "items": {"path": "items.csv", "columns": ITEM_COLUMNS, **(items or {})},
        }
        if events is not None:
            data["events"] = {"path": "events.csv", "columns": EVENT_COLUMNS, **events}
        if judgements is not None:
            columns = {"query": "query", "item_id": "sku", "gain": "gain"}
            data["judgements"] = {"path": "judgements.csv", "columns": columns, **judgements}
        data |= more or {}
        sections = {**sections, "split": {"synthetic_queries": 20, **sections.get("split", {})}}
        config = Config.model_validate({"data": data, **sections})
        with Sources(self.folder, scratch=self.folder / "work" / "tmp", threads=1) as sources:
            quality = prepare(
                config,
                sources=sources,
                store=self.store,
                key=KEY,
                now=now,
                progress=lambda done, total, what: None,
                erased=erased,
            )
            return quality_builtins(quality)

    @property
    def data(self):
        return self.store.path("data")

    def rows(self, name):
        return pq.read_table(self.data / f"{name}.parquet").to_pylist()

    def split(self):
        return json.loads((self.data / "split.json").read_text("utf-8"))


def reasons(quality, table=None, *, without=("times_without_zone",)):
    """Counts by reason; the log of a small shop has times of no zone, which most tests are not about."""
    found = (f for f in quality["findings"] if table in (None, f["table"]))
    return {f["reason"]: f["count"] for f in found if f["reason"] not in without}
