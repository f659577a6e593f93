"""A product's category speaks for it where its title is silent, and where people buy comes before where they do not."""

from pathlib import Path

import numpy as np
import pytest

from steelyard.adapters.tantivy_index import build_tantivy_index, open_tantivy_index
from steelyard.domain import Cases, Request, Surface, Texts
from steelyard.models.retrieval.category_match import Categories, all_named, fit_categories, numbered
from steelyard.models.retrieval.lexical import Lexical, documents, fit_lexical, options_from, tune_lexical

TITLES = ("Pots red", "Ground", "Pots filter", "Lamp", "Oak desk")
PATHS = ("Kitchen > Pots", "Food > Coffee", "Kitchen > Coffee filters", "Home > Lamps", "Home > Desks")


def texts(titles: tuple[str, ...] = TITLES, paths: tuple[str, ...] = PATHS) -> Texts:
    empty = ("",) * len(titles)
    return Texts(titles, empty, paths, empty, empty)


def opened(
    folder: Path, *, people: tuple[float, ...] | None = None, shop: Texts | None = None, **options: float
) -> Lexical:
    found = shop or texts()
    build_tantivy_index(folder, documents(found))
    state = fit_lexical(found, people=None if people is None else np.array(people))
    return Lexical(state, open_tantivy_index(folder), options=options_from(options))


def first(shop: Lexical, query: str) -> str:
    return TITLES[int(shop.retrieve([Request(query=query)], k=1).items[0, 0])]


def test_shares_are_of_the_category_where_most_people_take_the_word_and_names_count_by_word() -> None:
    starts, held = np.array([0, 3, 5]), np.array([0, 1, 2, 1, 3], np.int32)
    in_path = np.array([True, False, False, False, False])
    people = np.array([2.0, 3.0, 5.0, 9.0])

    known = Categories(fit_categories(np.array([0, 1, 1, 2]), starts, held, in_path=in_path, people=people))

    both = known.signals(np.array([0, 1]), np.array([0, 1, 2, 3]))
    assert both[:, 0] == pytest.approx([1 / 2, 0, 0, 0])
    assert both[:, 1] == pytest.approx([(2 / 8) / 2, (1 + 3 / 9) / 2, (1 + 3 / 9) / 2, (9 / 9) / 2])
    assert not known.signals(np.array([], np.int64), np.array([0, 1])).any()


def test_paths_that_are_alike_have_one_number() -> None:
    assert numbered(("b", "a", "b", "")).tolist() == [0, 1, 0, 2]
    assert numbered(()).tolist() == []


def test_of_what_a_category_names_the_one_that_people_take_comes_first(tmp_path: Path) -> None:
    few, many = (0.0, 1.0, 20.0, 0.0, 0.0), (0.0, 20.0, 1.0, 0.0, 0.0)

    (tmp_path / "few").mkdir()
    (tmp_path / "many").mkdir()

    assert first(opened(tmp_path / "few", people=few), "coffee") == "Pots filter"
    assert first(opened(tmp_path / "many", people=many), "coffee") == "Ground"


def test_a_catalogue_without_categories_or_behaviour_is_searched_as_before(tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    (tmp_path / "unsold").mkdir()
    bare = opened(tmp_path / "bare", shop=texts(paths=("",) * 5))
    unsold = opened(tmp_path / "unsold")

    assert bare.categories is None
    assert first(bare, "oak") == "Oak desk"
    assert first(unsold, "coffee") in {"Ground", "Pots filter"}
    assert not unsold.of_categories(unsold.read("").plan, np.arange(5)).any()


def test_a_category_that_names_all_words_counts_as_a_title_that_holds_them(tmp_path: Path) -> None:
    shop = opened(tmp_path)

    def named(query: str) -> list[bool]:
        plan = shop.read(query).plan
        return all_named(shop.categories, plan.units[plan.is_needed], np.arange(5)).tolist()

    assert named("coffee") == [False, True, True, False, False]
    assert named("kitchen pots") == [True, False, False, False, False]
    assert not any(named("")) and not all_named(None, np.array([0]), np.arange(5)).any()


def test_tuning_scores_as_searching_does(tmp_path: Path) -> None:
    shop = opened(tmp_path, people=(3.0, 7.0, 2.0, 1.0, 4.0))
    queries = ("coffee", "pots", "lamps", "desks", "kitchen pots") * 5
    judged = tuple(shop.best(query, 1)[0] for query in queries)

    tuned = tune_lexical(
        shop,
        Cases(
            Surface.SEARCH,
            tuple(f"{query}-{at}" for at, query in enumerate(queries)),
            tuple(Request(query=query) for query in queries),
            judged,
            (np.ones(1),) * len(queries),
        ),
        seed=0,
    )

    assert tuned["tuning"]["before"] == 1.0, "what searching puts first, tuning finds first"
