"""Every configuration of a shop on one frontier, from the cheapest to what is hardly ever chosen.

Search goes from lexical to a language model, recommendation from best sellers to transformers and fusion. The shop of
``<name>_frontier.toml`` is prepared and built once; configurations share all parts that are equal, and what was
measured is not measured again. With ``--endpoint`` a language model joins the search, re-ranking and rewriting. Prints
how many configurations there are, then the frontier at 80 columns with the price of each step up, what the winner is
worth against the runner-up, and how sure it is that the best of all is better than each. ``--list`` says what would be
measured and stops; ``--show`` prints what was decided before; ``--store`` keeps the rows in ``benchmarks/measured``.

    python benchmarks/frontier.py --work FOLDER [--endpoint http://127.0.0.1:8080/v1 --model smollm2]
    python benchmarks/frontier.py --work FOLDER --shop complete_journey
    python benchmarks/frontier.py --work FOLDER --shop online_retail
"""

import argparse
import os
import subprocess
import sys
from math import erfc, sqrt
from pathlib import Path

import numpy as np

from judged_shops import DATA
from keeping import keep
from steelyard.adapters.artefacts import Artefacts
from steelyard.config import parse
from steelyard.documents.choice import CandidateRow, SurfaceDecision
from steelyard.documents.decision import Decision
from steelyard.domain import Surface
from steelyard.models.recipe import InstalledModels
from steelyard.reporting.frontier_steps import steps_text
from steelyard.workflows.building.planned import planned_configurations
from steelyard.workflows.measure import load_measurements
from steelyard.workflows.stored import stored_decision

SHOPS = ("home_depot", "complete_journey", "online_retail")
LLM = """
[models.llm]
endpoint = "{endpoint}"
model = "{model}"
modes = ["rerank", "rewrite"]
depth = 10
timeout_s = 60
concurrency = 1
judge_queries = {queries}
machine = "{machine}"
"""
VERBS = ("prepare", "build", "measure", "decide")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--shop", choices=SHOPS, default=SHOPS[0])
    parser.add_argument("--endpoint", default="")
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--machine", default="c5.large")
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument(
        "--without", nargs="*", default=[], help="models that are left out: cross and learnt take an hour"
    )
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--store", action="store_true")
    chosen = parser.parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    path = chosen.work / "steelyard.toml"
    if not chosen.show:
        path.write_text(text_of(chosen), "utf-8")
    planned = planned_configurations(parse(path.read_text("utf-8"), name=path.name, models=InstalledModels()))
    print(f"{len(planned)} configurations: {', '.join(each.name for each in planned)}", flush=True)
    if chosen.list:
        return
    for verb in () if chosen.show else VERBS:
        command = [sys.executable, "-m", "steelyard", verb, "-c", str(path)]
        subprocess.run(command, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"}, stdout=subprocess.DEVNULL)
    decision = decided(chosen.work)
    surface = max(decision.surfaces, key=lambda each: len(each.candidates))
    print(f"{len(surface.candidates)} were measured; the frontier, {surface.metric}, a point is a hundredth:")
    print(steps_text(surface))
    print(worth(surface, decision.shop.currency))
    print(paired(chosen.work, surface))
    if chosen.store:
        keep(f"frontier-{chosen.shop}", [row_of(each, decision.shop.currency) for each in surface.candidates])


def worth(surface: SurfaceDecision, currency: str) -> str:
    """The winner beside the next that keeps every floor, and beside the best of all."""
    rows = {row.name: row for row in surface.candidates}
    if surface.chosen is None:
        return "Nothing keeps every floor."
    won = rows[surface.chosen]
    kept = [row for row in rows.values() if not row.violations and row.monthly is not None and row is not won]
    after = sorted(kept, key=lambda row: (row.monthly, row.name))[:1]
    best = max(rows.values(), key=lambda row: row.quality.mean or 0.0)
    lines = [f"{won.name} wins: {told(won, currency)}."]
    if not after:
        lines.append("  nothing else keeps every floor; the best that does not:")
        after = sorted(
            (row for row in rows.values() if row.monthly is not None and row is not won),
            key=lambda row: -(row.quality.mean or 0.0),
        )[:1]
    for name, each in [("runner-up", row) for row in after] + [("best of all", best)]:
        more = each.monthly - won.monthly if each.monthly is not None and won.monthly is not None else None
        cost = "its price is not known" if more is None else f"{more:+,.2f} {currency} a month"
        points = 100 * ((each.quality.mean or 0.0) - (won.quality.mean or 0.0))
        lines.append(f"  {name} {each.name}: {told(each, currency)}: {points:+.2f} points for {cost}.")
    return "\n".join(lines)


def paired(work: Path, surface: SurfaceDecision) -> str:
    """The best of all beside the others, request by request: what it gains, its error, and the two-sided p."""
    found = load_measurements(Artefacts(work / ".steelyard"), Surface(surface.surface))
    measured = {each.configuration: each for each in found}
    best = max(measured.values(), key=lambda each: each.quality.mean)
    lines = [f"{best.configuration} beside the others, paired over requests (normal approximation):"]
    for name, each in sorted(measured.items(), key=lambda pair: -pair[1].quality.mean):
        gain = best.per_request - each.per_request
        gain = gain[~np.isnan(gain)]
        if each is best or not gain.any():
            continue
        error = gain.std(ddof=1) / sqrt(len(gain))
        lines.append(f"  {name:<24}{gain.mean():+.4f} ± {error:.4f}   p {erfc(gain.mean() / error / sqrt(2)):.1g}")
    return "\n".join(lines)


def told(row: CandidateRow, currency: str) -> str:
    """Quality with its interval, and money."""
    quality = row.quality
    return f"{quality.mean:.4f} ({quality.low:.4f} to {quality.high:.4f}) at {row.monthly} {currency} a month"


def row_of(row: CandidateRow, currency: str) -> dict[str, object]:
    """What is kept of a configuration."""
    return {
        "configuration": row.name,
        "quality": row.quality.mean,
        "low": row.quality.low,
        "high": row.quality.high,
        "CPU ms": row.cpu_ms.mean,
        "MB": row.rss_mb,
        "monthly": None if row.monthly is None else str(row.monthly),
        "currency": currency,
        "on frontier": row.is_on_frontier,
        "verdict": str(row.verdict),
    }


def text_of(chosen: argparse.Namespace) -> str:
    """The shop, with the language model where there is one."""
    text = (
        Path(__file__)
        .with_name(f"{chosen.shop}_frontier.toml")
        .read_text("utf-8")
        .replace("../../shared/data", str(chosen.data.resolve()))
    )
    for name in chosen.without:
        text = text.replace(f', "{name}"', "", 1)
    if not chosen.endpoint:
        return text
    text = text.replace('search = ["lexical", ', 'search = ["lexical", "llm", ')
    return text + LLM.format(**{name: getattr(chosen, name) for name in ("endpoint", "model", "queries", "machine")})


def decided(work: Path) -> Decision:
    """What was decided last."""
    return stored_decision(Artefacts(work / ".steelyard"))


if __name__ == "__main__":
    main()
