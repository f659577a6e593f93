"""The whole product in one script: a shop's data, models, measurements, prices, a decision, and answers with reasons.

    python examples/mini.py

It takes a few seconds, needs neither network nor accelerator, and leaves nothing behind. `steelyard run` does the same
with a shop's own files, and more: it tunes, measures each configuration in a process of its own, compares transformers,
serves what was chosen and holds it to its promise. Read from top to bottom; `main`, at the end, is the order of things.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from steelyard import cost, domain, registry
from steelyard.assembly import Tools
from steelyard.compression.neighbours import prune_neighbours
from steelyard.config.schema import Cost
from steelyard.cost.facts import exact
from steelyard.decision.capacity import size
from steelyard.decision.choose import Limits, choose
from steelyard.decision.space import Demand, Load, place
from steelyard.decision.wording import floor_text, money_text, say
from steelyard.domain import NONE, Candidate, Cases, Measurement, Request, State, Surface, Texts
from steelyard.errors import DataError
from steelyard.evaluation.compare import bootstrap_interval, paired_interval
from steelyard.evaluation.judge import judge, metric_names
from steelyard.models.pipeline import Pipeline
from steelyard.models.ports import Retriever
from steelyard.models.retrieval.lexical import Lexical, documents, fit_lexical
from steelyard.models.retrieval.neighbours import ItemNeighbours
from steelyard.models.retrieval.popularity import Popularity
from steelyard.testing import ToyShop, toy_shop

SEED, K = 7, 10
"""Of all that is drawn; length of a list, and the rank at which quality is judged."""
TODAY = datetime.now(UTC).date()
REQUESTS_PER_MONTH, PEAK_RPS, ANSWER_KB = 60_000_000, 1000.0, 2.0
TRAFFIC_GB = exact(REQUESTS_PER_MONTH * ANSWER_KB / 1e6)
"""What each surface has to carry and send: assumed here; a shop writes it into `steelyard.toml`."""
FLOOR = Limits(max_p99_ms=100, min_quality_share=0.9)
"""A configuration keeps at least this share of the best one's quality, and answers 99 of 100 requests in time."""


# 1. The shop: a catalogue, a log of purchases, and queries of which somebody judged what answers them.
def judged_queries(shop: ToyShop) -> Cases:
    """Queries for a thing of one brand, such as "tea house 2 kettle": right are the products that are both."""
    right: dict[str, list[int]] = {}
    for text, (brand, category) in enumerate(zip(shop.texts.brand, shop.texts.category, strict=True)):
        right.setdefault(f"{brand} {category.split(' > ')[-1]}", []).append(text)
    return Cases(
        Surface.SEARCH,
        ids=tuple(right),
        requests=tuple(Request(query=query) for query in right),
        relevant=tuple(shop.facts.representative[texts] for texts in right.values()),
        gains=tuple(np.ones(len(texts)) for texts in right.values()),
        is_synthetic=True,
    )


def check(shop: ToyShop, cases: Sequence[Cases]) -> None:
    """Refuse data that a model would quietly learn nonsense from; all problems are said at once."""
    n_items, log = len(shop.facts.text_of_item), shop.interactions
    judged = np.concatenate([items for each in cases for items in each.relevant])
    counts = {
        "purchases of items that are not in the catalogue": ((log.items < 0) | (log.items >= n_items)).sum(),
        "judged items that are not in the catalogue": (judged >= n_items).sum(),
        "products without a title": sum(not title.strip() for title in shop.texts.title),
    }
    problems = [f"{count} {what}" for what, count in counts.items() if count]
    if problems:
        raise DataError(f"the shop's data cannot be used: {'; '.join(problems)}: correct the files and run again")
    print(f"{n_items} items, {len(log.items)} purchases of {log.n_users} people: checked")


# 2. Models: every way to answer that is to be compared. What making one takes is recorded, since it is paid for.
@dataclass(frozen=True, slots=True)
class Model:
    """One way to answer one surface, and its size on disk."""

    name: str
    surface: Surface
    retriever: Retriever
    n_bytes: int


@contextmanager
def recorded(usage: dict[str, Any], stage: str) -> Iterator[None]:
    """Processor time and memory of a stage, as the bill wants them."""
    began = time.process_time()
    yield
    usage[stage] = {"cpu_s": time.process_time() - began, "peak_rss_bytes": resident_bytes()}


def resident_bytes() -> int:
    """Largest memory of this process so far; Linux counts it in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def bytes_of(state: State) -> int:
    """Size of a model's arrays."""
    return sum(array.nbytes for array in state.arrays.values())


def search_model(name: str, texts: Texts, folder: Path) -> Model:
    """Lexical search: a term index finds candidates, BM25F and the order of words sort them."""
    state = fit_lexical(texts)
    folder.mkdir()
    Tools().files.write_term_index("tantivy", folder, documents(texts))
    on_disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    index = registry.load("indexes", "tantivy").open(folder)
    return Model(name, Surface.SEARCH, Lexical(state, index), on_disk + bytes_of(state))


def train(shop: ToyShop, folder: Path, parts: dict[str, Any]) -> list[Model]:
    """Search over all fields and over titles alone; what sells; what is bought next, and a smaller form of that."""
    blank = ("",) * len(shop.texts.title)
    titles = replace(shop.texts, description=blank, category=blank, brand=blank)
    with recorded(parts, "lexical"):
        models = [search_model("lexical", shop.texts, folder / "lexical")]
    with recorded(parts, "lexical-titles"):
        models += [search_model("lexical-titles", titles, folder / "titles")]
    with recorded(parts, "popularity"):
        popular = Popularity().fit(shop.interactions, seed=SEED)
    with recorded(parts, "item-knn"):
        neighbours = ItemNeighbours().fit(shop.interactions, seed=SEED)
    with recorded(parts, "item-knn-20x8bit"):
        small = prune_neighbours(neighbours.state(), n=20, bits=8)
    return [
        *models,
        Model("popularity", Surface.RECOMMEND, popular, bytes_of(popular.state())),
        Model("item-knn", Surface.RECOMMEND, neighbours, bytes_of(neighbours.state())),
        Model("item-knn-20x8bit", Surface.RECOMMEND, ItemNeighbours.from_state(small), bytes_of(small)),
    ]


def pipeline(model: Model, shop: ToyShop) -> Pipeline:
    """The model with the shop's rules around it: in stock, nothing bought before, and never an empty list."""
    fallback = Popularity().fit(shop.interactions, seed=SEED) if model.surface is Surface.RECOMMEND else None
    return Pipeline(model.retriever, shop.facts, surface=model.surface, fallback=fallback)


# 3. Measure: quality with its interval, time and memory of every model, on the same requests.
def measure(model: Model, shop: ToyShop, cases: Cases) -> Measurement:
    """What one model does: quality of all answers, and the time of each request when it comes alone."""
    answers, metric = pipeline(model, shop), metric_names(K)["ndcg"]
    quality = judge(answers.answer(cases.requests, k=K), cases, k=K)[metric]
    cpu_s = np.array([timed(answers, request) for request in cases.requests])
    return Measurement(
        configuration=model.name,
        metric=metric,
        quality=bootstrap_interval(quality, seed=SEED),
        per_request=quality,
        cpu_s_per_request=bootstrap_interval(cpu_s, seed=SEED),
        service_s=cpu_s,  # wall time would also count whatever else this machine is doing
        peak_rss_bytes=resident_bytes(),
        disk_bytes=model.n_bytes,
        is_synthetic=cases.is_synthetic,
    )


def timed(answers: Pipeline, request: Request) -> float:
    """Processor seconds of one request."""
    began = time.process_time()
    answers.answer([request], k=K)
    return time.process_time() - began


# 4. Price: the cheapest machines that carry the peak in time, and the month's bill, from prices with source and date.
def terms_of(book: cost.PriceBook, usage: dict[str, Any]) -> cost.Terms:
    """What all bills have in common: prices, what making the models took, and the settings of cost."""
    taken = cost.read_usage(usage, on=TODAY)
    machine = cost.training_instance(book, peak_rss_bytes=taken.peak_rss_bytes)
    return cost.Terms(book, Cost(), taken, machine, TODAY, n_surfaces=2, account_gb=2 * TRAFFIC_GB)


def hosting(machine: cost.Instance, n_replicas: int, measured: Measurement) -> cost.Hosting:
    """So many machines of one type, with what they hold and send."""
    replicas = domain.Fact(Decimal(n_replicas), "replica", domain.FactKind.DERIVED, "sized by simulation", TODAY)
    return cost.Hosting(machine, replicas, measured.disk_bytes, REQUESTS_PER_MONTH, TRAFFIC_GB)


def price(model: Model, measured: Measurement, terms: cost.Terms) -> Candidate:
    """The model with its machines, its bill and its unit cost; without them where no machine has the memory."""
    machines = {each.name: each for each in terms.book.instances() if each.arch == "x86_64"}
    placement = place(
        Load(measured.service_s, PEAK_RPS, FLOOR.max_p99_ms, measured.peak_rss_bytes),
        list(machines.values()),
        Demand(max_utilisation=0.6, spare=1),
        size=partial(size, seed=SEED),
        cost=lambda machine, n: cost.hosting_cost(hosting(machines[machine.name], n, measured), terms),
    )
    configuration, capacity = domain.Configuration(model.name, model.surface, model.name, {}), placement.capacity
    if capacity is None:
        return Candidate(configuration, measured, None, None, None)
    machine = machines[capacity.instance]
    served = hosting(machine, capacity.replicas, measured)
    bill = cost.bill(cost.Operation(model.name, (model.name,), False, served, REQUESTS_PER_MONTH, ANSWER_KB), terms)
    unit_cost = cost.unit_cost(
        bill,
        per_hour=machine.price.per_unit,
        cores=machine.cores,
        cpu_s=exact(measured.cpu_s_per_request.mean),
        rate_rps=exact(capacity.rate_per_replica_rps),
        requests_per_month=REQUESTS_PER_MONTH,
    )
    return Candidate(configuration, measured, capacity, bill, unit_cost)


# 5. Decide: the cheapest that keeps its floors, and why each other one was not taken.
def decide(surface: Surface, candidates: Sequence[Candidate]) -> Candidate:
    """The choice for one surface, printed with its reasons."""

    def paired(own: domain.FloatArray, reference: domain.FloatArray, share: float) -> domain.Interval:
        return paired_interval(own, reference, seed=SEED, share=share)

    choice = choose(candidates, FLOOR, paired_low=paired)
    print(f"\n{surface}: the floor is {floor_text(FLOOR, choice.reference)}")
    for candidate, judged in zip(candidates, choice.judged, strict=True):
        print(f"  {judged.name:17} {figures(candidate)}  {judged.verdict}")
        for reason in judged.reasons:
            print(f"      {say(reason)}")
    print(f"  => {say(choice.why[0])}")
    return next(each for each in candidates if each.name == choice.chosen)


def figures(candidate: Candidate) -> str:
    """Quality with its interval, time, memory, machines and money of one candidate."""
    measured, capacity, bill = candidate.measured, candidate.capacity, candidate.bill
    quality, cpu_ms, rss_mb = measured.quality, 1e3 * measured.cpu_s_per_request.mean, measured.peak_rss_bytes / 1e6
    said = f"nDCG {quality.mean:.3f} [{quality.low:.3f}, {quality.high:.3f}], {cpu_ms:.2f} ms, {rss_mb:.0f} MB"
    if capacity is None or bill is None or bill.total is None:
        return f"{said}, its price is not known"
    return f"{said}, {capacity.replicas} x {capacity.instance.split('/')[-1]}, {money_text(bill.total)} a month"


def print_bill(chosen: Sequence[Candidate]) -> None:
    """Both surfaces on one bill. One price that is not known leaves it without a total: it is never taken for zero."""
    bill = cost.joint_bill("the shop", [each.bill for each in chosen if each.bill is not None])
    print("\na month of the shop")
    for stage in dict.fromkeys(line.stage for line in bill.lines):
        known = [line.cost.amount for line in bill.lines if line.stage is stage and line.cost is not None]
        print(f"  {stage:12} {sum(known):10.2f} {bill.currency}")
    print(f"  in all       {'not known' if bill.total is None else money_text(bill.total):>14}")


# 6. Serve: the chosen models answer, and say why.
def answer(model: Model, shop: ToyShop, request: Request) -> None:
    """The first answers to one request, each with its strongest reason."""
    answers = pipeline(model, shop)
    items = answers.answer([request], k=3).items[0]
    for item, reasons in zip(items.tolist(), answers.explain(request, items), strict=True):
        why = [f"{each.kind}: {', '.join(each.words) or title_of(each.item, shop)}" for each in reasons[:1]]
        print(f"  {title_of(item, shop):22} {''.join(why)}")


def title_of(item: int, shop: ToyShop) -> str:
    """What an item is called; nothing for none."""
    return "" if item == NONE else str(shop.texts.title[shop.facts.text_of_item[item]])


def main() -> None:
    """From a shop's data to answers with reasons."""
    usage: dict[str, Any] = {"parts": {}}
    with tempfile.TemporaryDirectory(prefix="mini-") as folder:
        with recorded(usage, "prepare"):
            shop = toy_shop(seed=SEED, n_segments=6, n_users=400, items_per_segment=40)
            cases = {Surface.SEARCH: judged_queries(shop), Surface.RECOMMEND: shop.cases}
            check(shop, list(cases.values()))
        with recorded(usage, "train"):
            models = train(shop, Path(folder), usage["parts"])
        with recorded(usage, "measure"):
            measured = [measure(model, shop, cases[model.surface]) for model in models]

        terms = terms_of(Tools().prices.books().load("aws-eu-central-1"), usage)
        candidates = [price(*pair, terms) for pair in zip(models, measured, strict=True)]
        chosen = [decide(s, [each for each in candidates if each.configuration.surface is s]) for s in cases]
        print_bill(chosen)

        search, recommend = (next(model for model in models if model.name == each.name) for each in chosen)
        print('\nsomebody types "tea ketle"')
        answer(search, shop, Request(query="tea ketle"))
        history = shop.cases.requests[8].history
        print(f"\nsomebody bought a {title_of(history[-2], shop)}, and then a {title_of(history[-1], shop)}")
        answer(recommend, shop, Request(history=history))


if __name__ == "__main__":
    main()
