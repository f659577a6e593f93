"""The log says whether a search is put in a shopper's own order: habits are found, and none are made up."""

import csv

import numpy as np
from tests.unit.workflows.toy_run import TOML, open_run, untold

from steelyard.adapters.bundle import Bundle
from steelyard.documents.decision import Decision
from steelyard.domain import Surface
from steelyard.models.ranking.personal import PersonalWeights, Traits
from steelyard.models.whole import Whole
from steelyard.workflows.build import load_configurations
from steelyard.workflows.bundles.package import Details, package
from steelyard.workflows.bundles.personal_search import Act, fitted_search, personal_line, replayed, stored_fit
from steelyard.workflows.run import build_stage, prepare_stage

THINGS, BRANDS = ("milk", "bread", "cheese"), ("ash", "birch", "cedar", "dale", "elm", "fir")
SHOP = (
    TOML.replace('time = "at"', 'time = "at"\nquery = "typed"')
    .replace('["popularity", "item-knn"]', '["popularity"]')
    .replace("[split]\n", "[split]\nvalidation_share = 0.1\n")
    .replace('[models.item-knn]\nforms = ["full", "20x8bit"]\n', "")
)


def written(folder, *, habit, text=SHOP):
    """People who buy each thing five times: of their own brand with a probability, else of any."""
    drawn = np.random.default_rng(5)
    with (folder / "items.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("id", "title", "category"))
        rows.writerows((f"{t}-{b}", f"{b} {t} {'fresh ' * n}", t) for t in THINGS for n, b in enumerate(BRANDS))
    with (folder / "events.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("who", "id", "at", "typed"))
        for person in range(90):
            own = {thing: drawn.choice(BRANDS) for thing in THINGS}
            for week in range(6):
                for thing in THINGS:
                    brand = own[thing] if drawn.random() < habit else drawn.choice(BRANDS)
                    at = f"2026-0{week + 1}-{1 + person % 27:02d}T{10 + THINGS.index(thing)}:00:00+00:00"
                    rows.writerow((f"p{person}", f"{thing}-{brand}", at, thing))
    (folder / "steelyard.toml").write_text(text)
    run = open_run(folder)
    prepare_stage(run, untold)
    build_stage(run, untold)
    return run, next(c for c in load_configurations(run.store) if c.surface is Surface.SEARCH)


def packed(run, search, out):
    details = Details(personal=stored_fit(run, search))
    decision = Decision()
    chosen = {Surface.SEARCH: search}
    return package(run.config, run.store, run.tools.bundles, chosen=chosen, out=out, decision=decision, details=details)


def test_habits_are_found_taken_and_served(tmp_path):
    run, search = written(tmp_path, habit=0.9)

    fit = fitted_search(run, search, untold)

    assert fit.is_taken and fit.low > 0.05 and fit.repeat >= 0.5 and fit.n_people == 45
    assert "own order within their tiers" in personal_line(fit)
    assert fitted_search(run, search, untold) == fit == stored_fit(run, search)
    assert Bundle.open(packed(run, search, tmp_path / "out")).about().personal == PersonalWeights(
        fit.repeat, fit.likeness
    )


def test_without_habits_the_search_stays_as_it_is_and_the_figures_say_why(tmp_path):
    run, search = written(tmp_path, habit=0.0)

    fit = fitted_search(run, search, untold)

    assert fit.verdict in ("no_gain", "not_certain") and fit.low <= 0
    assert personal_line(fit).startswith("searches stay the same for everybody: ")
    assert not Bundle.open(packed(run, search, tmp_path / "out")).about().personal


def test_a_log_without_searches_says_nothing_and_a_shop_that_decided_is_not_asked(tmp_path):
    untyped = SHOP.replace('query = "typed"\n', "")
    _, search = written(tmp_path, habit=0.9, text=untyped)

    def verdict(text):
        fit = fitted_search(open_run(tmp_path, text=text), search, untold)
        return fit and fit.verdict

    assert verdict(untyped) == "no_searches"
    assert verdict(SHOP + '[serve]\npersonal_search = "off"\n') is None
    assert verdict(SHOP + "[serve]\npersonal_search = 0.3\n") is None


class OneList:
    """Finds items 0 to 3 for everything, in this order."""

    def whole(self, request):
        return Whole(np.arange(4), np.arange(4), np.array([4.0, 3.0, 2.0, 1.0]), 4)

    def tiers(self, request, items):
        return np.zeros(len(items), np.int64)


def test_a_search_knows_nothing_of_what_came_of_itself_or_later():
    traits = Traits.of(np.arange(4), np.arange(4), np.full(4, np.nan))
    acts = [
        Act(1.0, 3, "purchase", "a", "tea"),
        Act(5.0, 2, "click", "b", "tea"),
        Act(6.0, 2, "purchase", "b", "tea"),
        Act(9.0, 1, "purchase", "c", ""),
    ]

    found = list(replayed({"ann": acts, "bob": acts[:1]}, OneList(), traits, max_history=5))

    assert [each.user for each in found] == ["ann"]  # the first search of each has no history
    assert found[0].liking.repeat.tolist() == [0, 0, 0, 1]
    assert found[0].gains.tolist() == [0, 0, 1, 0]
