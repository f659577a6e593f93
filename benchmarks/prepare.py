"""Wall time, processor time and peak memory of preparing a shop's tables.

Run: python benchmarks/prepare.py CONFIG.toml [CONFIG.toml ...]; each in a process of its own.
"""

import json
import multiprocessing
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from steelyard.adapters.artefacts import Artefacts
from steelyard.adapters.shop.sources import Sources
from steelyard.config import parse
from steelyard.documents.quality import quality_builtins
from steelyard.workflows.prepare import prepare


def measure(path: str) -> None:
    config = parse(Path(path).read_text("utf-8"), name=path)
    steps = []
    with tempfile.TemporaryDirectory() as work:
        started, cpu = time.monotonic(), time.process_time()
        settings = {"max_memory_gb": config.data.max_memory_gb, "max_columns": config.data.max_columns}
        with Sources(Path(path).parent.resolve(), scratch=Path(work) / "tmp", **settings) as sources:
            quality = prepare(
                config,
                sources=sources,
                store=Artefacts(Path(work) / "store"),
                key=bytes(32),
                now=datetime.now(UTC),
                progress=lambda done, total, what: steps.append((round(time.monotonic() - started, 2), what)),
            )
    result = {
        "config": path,
        "rows": quality_builtins(quality)["rows"],
        "wall_s": round(time.monotonic() - started, 2),
        "cpu_s": round(time.process_time() - cpu, 2),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000,
        "steps": steps,
    }
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        process = multiprocessing.get_context("spawn").Process(target=measure, args=(name,))
        process.start()
        process.join()
