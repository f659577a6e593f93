"""A shop of eighteen configurations whose measurements stand here; all that is made of them is the real code's.

From it the golden decision is made: ``python -m tests.golden.write``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

import numpy as np

from steelyard.adapters.prices.books import PriceBooks
from steelyard.config import parse
from steelyard.cost import usage_record
from steelyard.documents.decision import Decision
from steelyard.documents.machine import MachineFacts
from steelyard.documents.readings import Reading
from steelyard.domain import Configuration, Interval, Measurement, Surface, Upkeep
from steelyard.workflows.decide import decide
from steelyard.workflows.evidence.standing import standing
from steelyard.workflows.pricing.price import Evidence, price
from steelyard.workflows.promises.promises import check_rows, correction_said

__all__ = ["WORLD", "World"]

NOW = datetime(2026, 11, 20, 16, 42, 7, tzinfo=UTC)
N = {Surface.SEARCH: 1000, Surface.RECOMMEND: 2000}
TOML = """
[shop]
name = "Complete Journey"
currency = "USD"
language = "en"
[data.items]
path = "items.csv"
[data.items.columns]
item_id = "id"
title = "title"
[load.search]
peak_rps = 100
requests_per_month = 20000000
[load.recommend]
peak_rps = 200
requests_per_month = 40000000
[decide.search]
min_quality_share = 0.99
max_p99_ms = 50
[decide.recommend]
min_quality_share = 0.97
max_p99_ms = 50
[measure]
bootstrap = 200
"""
MACHINE = MachineFacts(
    cpu_model="Intel(R) Xeon(R) Processor @ 2.50GHz", cpu_flags=("avx", "avx2", "fma", "avx512f", "avx512_vnni"),
    architecture="x86_64", cores=2, usable_cores=2, memory_bytes=25276514304, os="Linux 6.1",
    python="CPython 3.11.2", steelyard="0.1.0",
    libraries={"numpy": "2.4.6", "onnxruntime": "1.26.0", "tantivy": "0.26.0"}, git_commit=None,
)  # fmt: skip
_SEARCH = """
lexical             .7020  0.55   96  11  lexical
dense-static-1bit   .5420  0.95  142  25  encoder=minilm-static vectors=minilm-static.1bit
hybrid-static-1bit  .7239  1.50  163  36  encoder=minilm-static vectors=minilm-static.1bit lexical
dense-static-fp16   .5477  3.00  170  40  encoder=minilm-static vectors=minilm-static.fp16
hybrid-3l-int8-1bit .7409  3.50  150  29  encoder=minilm-3l-int8 vectors=minilm.1bit lexical
dense-3l-int8-fp16  .6407  5.00  157  33  encoder=minilm-3l-int8 vectors=minilm.fp16
dense-int8-1bit     .6620  4.70  141  24  encoder=minilm-int8 vectors=minilm.1bit
hybrid-int8-1bit    .7449  6.20  162  35  encoder=minilm-int8 vectors=minilm.1bit lexical
hybrid-int8-fp16    .7469  8.40  189  50  encoder=minilm-int8 vectors=minilm.fp16 lexical
hybrid-fp32-fp16    .7479 11.40  318 118  encoder=minilm-fp32 vectors=minilm.fp16 lexical
dense-fp32-fp32     .6720 33.00  327 122  encoder=minilm-fp32 vectors=minilm.fp32
hybrid-fp32-fp32    .7480 33.60  348 133  encoder=minilm-fp32 vectors=minilm.fp32 lexical
"""
_RECOMMEND = """
item-knn-20x8bit .1391 0.15  98   9  model=item-knn.20x8bit
item-knn-50x8bit .1409 0.20 118  21  model=item-knn.50x8bit
item-knn-full    .1411 0.35 310 148  model=item-knn.full
popularity       .0612 0.10  72   1  model=popularity
content          .0838 0.65 120  17  model=content
ials             .1389 1.60 180  31  model=ials
"""
"""Name, quality, milliseconds of a request, megabytes of memory and disk, parts."""
_CPU_S = {
    "parts/lexical": 40.0, "parts/catalogue": 5.0, "parts/encoder/minilm-static": 3.0,
    "parts/encoder/minilm-3l-int8": 30.0, "parts/encoder/minilm-int8": 60.0, "parts/encoder/minilm-fp32": 20.0,
    "parts/vectors/minilm-static.1bit": 8.0, "parts/vectors/minilm-static.fp16": 7.0,
    "parts/vectors/minilm.1bit": 310.0, "parts/vectors/minilm.fp16": 305.0, "parts/vectors/minilm.fp32": 300.0,
    "parts/recommend/item-knn.20x8bit": 21.0,
    "parts/recommend/item-knn.50x8bit": 22.0, "parts/recommend/item-knn.full": 20.0, "parts/recommend/content": 11.0,
    "parts/recommend/popularity": 2.0,
}  # fmt: skip
"""Processor time of making each part; that of one was not recorded, so what needs it has no total."""
_FOLDERS = {"encoder": "parts/encoder/", "vectors": "parts/vectors/", "model": "parts/recommend/", "lexical": "parts/"}


@dataclass(frozen=True)
class World:
    """What was measured of every configuration, and what was read over HTTP."""

    @cached_property
    def config(self):
        """The shop's settings."""
        return parse(TOML, name="steelyard.toml")

    @cached_property
    def configurations(self):
        """All of them."""
        return [found for surface in N for found, _ in _rows(surface)]

    @cached_property
    def measured(self) -> Mapping[Surface, list[Measurement]]:
        """By surface."""
        return {surface: [measured for _, measured in _rows(surface)] for surface in N}

    @cached_property
    def decision(self) -> Decision:
        """As ``steelyard decide`` makes it after a check."""
        named = {each.configuration: each for found in self.measured.values() for each in found}
        limits = dict.fromkeys(named, 50.0)
        standings = standing(_READINGS, self.configurations, named, limits_ms=limits, seed=0)
        said = {name: text for name, each in standings.items() if (text := correction_said(name, each))}
        evidence = Evidence(
            configurations=self.configurations,
            measurements=self.measured,
            usage=usage_record(_usage()),
            machine=MACHINE,
            http_overhead_cpu_s=0.0012,
            data_bytes=400_000_000,
            checks=check_rows(standings, limits),
            corrections={name: each.correction for name, each in standings.items()},
            corrections_said=said,
        )
        book = PriceBooks().load("aws-us-east-1")
        return decide(self.config, price(self.config, evidence, book=book, now=NOW), now=NOW)


def _rows(surface):
    """Configurations of a surface, each with its measurement; requests are easy or hard for all of them alike."""
    random, n = np.random.default_rng(11), N[surface]
    hard = random.normal(0.0, 0.2, n)
    for text in (_SEARCH if surface is Surface.SEARCH else _RECOMMEND).strip().splitlines():
        name, quality, ms, rss_mb, disk_mb, *parts = text.split()
        found = float(quality) + hard - hard.mean() + _centred(random.normal(0.0, 0.01, n))
        yield _configuration(name, surface, parts), _measurement(name, surface, found, [ms, rss_mb, disk_mb])


def _centred(values):
    return values - values.mean()


def _configuration(name, surface, parts):
    named = dict(part.split("=") if "=" in part else (part, part) for part in parts)
    made = {role: _FOLDERS[role] + part for role, part in named.items()} | {"catalogue": "parts/catalogue"}
    kind = name if name in ("lexical", "popularity", "content", "ials") else name.rsplit("-", name.count("-"))[0]
    kind = "item-knn" if name.startswith("item-knn") else kind
    form = named.get("encoder", "").removeprefix("minilm-")
    upkeep = Upkeep(has_transformer=bool(form) and form != "static")
    return Configuration(name, surface, kind, made, upkeep=upkeep, is_uncompressed=name == "dense-fp32-fp32")


def _measurement(name, surface, per_request, figures):
    n, mean, (ms, rss_mb, disk_mb) = N[surface], float(per_request.mean()), map(float, figures)
    end = 1.96 * float(per_request.std()) / n**0.5
    return Measurement(
        configuration=name,
        metric="ndcg@10(gain=linear,unjudged=0)",
        quality=Interval(mean, mean - end, mean + end, n=n),
        per_request=per_request,
        cpu_s_per_request=Interval(ms / 1000, ms / 1010, ms / 990, n=n),
        service_s=np.linspace(0.8, 1.3, 200) * ms / 1000,
        peak_rss_bytes=int(rss_mb * 1e6),
        disk_bytes=int(disk_mb * 1e6),
        is_synthetic=surface is Surface.SEARCH,
    )


def _usage():
    return {
        "prepare": {"cpu_s": 74.0, "peak_rss_bytes": 1_900_000_000},
        "measure": {"cpu_s": 590.0, "peak_rss_bytes": 400_000_000},
        "parts": {name: {"cpu_s": cpu_s} for name, cpu_s in _CPU_S.items()},
    }


def _reading(configuration, rate_rps, *, p99_ms, cpu_ms, promised_p99_ms):
    return Reading(
        configuration=configuration,
        identity="now",
        session="20261120T163000",
        at="2026-11-20T16:40:00+00:00",
        rate_rps=rate_rps,
        p50_ms=p99_ms / 3,
        p99_ms=p99_ms,
        cpu_s_per_request=cpu_ms / 1000,
        requests=int(rate_rps * 20),
        errors=0,
        peak_rss_bytes=160_000_000,
        promised_p99_ms=promised_p99_ms,
        promised_cpu_s=cpu_ms / 1000 * 0.98,
        response_bytes=1900.0,
        busy_share=0.01,
    )


_READINGS = (
    _reading("hybrid-int8-1bit", 62.4, p99_ms=23.258, cpu_ms=7.45, promised_p99_ms=21.813),
    _reading("item-knn-20x8bit", 200.0, p99_ms=3.4, cpu_ms=1.35, promised_p99_ms=3.1),
)
WORLD = World()
