"""Home Depot from a query side that costs nothing to a language model: every configuration on one frontier.

The shop of ``home_depot_frontier.toml`` is prepared and built once; configurations share all parts that are equal,
and what was measured is not measured again. With ``--endpoint`` a language model joins, re-ranking and rewriting.
Prints how many configurations there are, then the frontier at 80 columns with the price of each step up. ``--list``
says what would be measured and stops; ``--show`` prints what was decided before.

    python benchmarks/frontier.py --work FOLDER [--endpoint http://127.0.0.1:8080/v1 --model smollm2]
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from judged_shops import DATA
from steelyard.adapters.artefacts import Artefacts
from steelyard.config import parse
from steelyard.documents.decision import Decision
from steelyard.models.recipe import InstalledModels
from steelyard.reporting.frontier_steps import steps_text
from steelyard.workflows.building.planned import planned_configurations
from steelyard.workflows.stored import stored_decision

SHOP = Path(__file__).with_name("home_depot_frontier.toml")
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
    parser.add_argument("--endpoint", default="")
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--machine", default="c5.large")
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument(
        "--without", nargs="*", default=[], help="models that are left out: cross and learnt take an hour"
    )
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--show", action="store_true")
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
    surface = decided(chosen.work).surfaces[0]
    print(f"{len(surface.candidates)} were measured; the frontier, {surface.metric}, a point is a hundredth:")
    print(steps_text(surface))


def text_of(chosen: argparse.Namespace) -> str:
    """The shop, with the language model where there is one."""
    text = SHOP.read_text("utf-8").replace("../../shared/data", str(chosen.data.resolve()))
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
