import json
import random
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from packed import package

from steelyard.adapters.artefacts import seal
from steelyard.adapters.bundle import Bundle
from steelyard.data.privacy import Pseudonyms
from steelyard.documents.decision import read_decision
from steelyard.domain import Request, Surface
from steelyard.errors import ArtefactError, StageError
from steelyard.serving.lists.fields import Range
from steelyard.serving.lists.listing import Question
from steelyard.serving.search_pages import SearchPages
from steelyard.workflows.bundles.package import Details

DETAILS = Details(query_examples=("green tea",), max_history=20)


@pytest.fixture
def out(toy_store, search, recommend, tmp_path, toy_decision):
    package(toy_store, search=search, recommend=recommend, out=tmp_path, decision=toy_decision, details=DETAILS)
    return tmp_path


def titles(shown):
    return [one.title for one in shown]


def test_a_bundle_answers_all_three_surfaces(out):
    bundle = Bundle.open(out)
    engine = bundle.engine()

    found = engine.answer(Surface.SEARCH, Request(query="lamps for a desk"), k=5, explain=True)
    liked = engine.answer(Surface.RECOMMEND, Request(history=(0, 2)), k=5, explain=True)
    similar = engine.answer(Surface.SIMILAR, Request(items=(1,)), k=5, explain=True)

    assert engine.surfaces == ("search", "recommend", "similar")
    assert all("lamp" in title for title in titles(found))
    assert found[0].reasons[0].kind == "matches_words"
    assert all("tea" in title for title in titles(liked))
    assert liked[0].reasons[0].title in {"green tea number 0", "green tea number 2"}
    assert all("lamp" in title for title in titles(similar))


def test_an_item_nobody_took_has_similar_ones_by_its_text(out):
    engine = Bundle.open(out).engine()

    similar = engine.answer(Surface.SIMILAR, Request(items=(38,)), k=5, explain=True)

    assert len(similar) == 5
    assert all("tea" in title for title in titles(similar))
    assert similar[0].reasons[0].kind == "instead_of"


def test_what_is_bought_with_an_item_is_a_shelf_of_its_own_and_similar_items_are_like_it(out):
    engine = Bundle.open(out).engine()

    similar = engine.answer(Surface.SIMILAR, Request(items=(1,)), k=5, explain=True)
    bought = engine.bought_with([1], k=5, explain=True)

    assert engine.shelves == ("search", "recommend", "similar", "bought_with")
    assert {one.reasons[0].kind for one in similar} == {"instead_of"}
    assert all(one.category != ("Lamps",) for one in bought)


def test_a_search_by_words_stands_by_whatever_search_was_chosen(toy_store, search, tmp_path, toy_decision):
    by_meaning = replace(search, name="static", kind="dense", parts={"catalogue": "parts/catalogue"}, options={})

    package(toy_store, search=by_meaning, recommend=None, out=tmp_path, decision=toy_decision)

    beside = Bundle.open(tmp_path).facts["beside"]
    assert beside["words"]["parts"] == {"lexical": "parts/lexical", "catalogue": "parts/catalogue"}


def test_words_alone_are_answered_by_the_parts_that_are_loaded_already(out):
    engine = Bundle.open(out).engine()

    assert engine.has_words
    assert all(
        "lamp" in title for title in titles(engine.by_words(Request(query="desk lamps"), k=3, explain=True).items)
    )


def test_the_scores_of_similar_items_do_not_rise(out):
    engine = Bundle.open(out).engine()

    similar = engine.answer(Surface.SIMILAR, Request(items=(1,)), k=39, explain=False)

    scores = [one.score for one in similar]
    assert scores == sorted(scores, reverse=True)
    assert len({one.id for one in similar}) == len(similar) == 19


def test_a_bundle_says_what_it_is(out, toy_decision, toy_key):
    bundle = Bundle.open(out)
    about = bundle.about()

    assert (about.shop.name, about.shop.currency, about.made_at) == ("Toy shop", "EUR", "2026-03-01")
    assert about.query_examples == ("green tea",)
    assert read_decision(about.decision) == toy_decision
    assert len(about.logged.of(Pseudonyms(toy_key)("user 3"))) == 8
    assert bundle.folder.name == bundle.digest[:16]


def test_the_same_content_is_the_same_bundle(toy_store, search, recommend, out, tmp_path_factory, toy_decision):
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    again = [
        package(toy_store, search=search, recommend=recommend, out=folder, decision=toy_decision, details=DETAILS)
        for folder in (out, elsewhere)
    ]

    assert again[0] == Bundle.open(out).folder
    assert again[0].name == again[1].name
    assert [path.name for path in sorted(out.iterdir())] == sorted([again[0].name, "latest"])


def test_opening_a_bundle_leaves_it_as_it_was(out):
    Bundle.open(out).engine().answer(Surface.SEARCH, Request(query="tea"), k=1, explain=False)

    Bundle.open(out)


def test_only_a_search_can_be_packaged_and_similar_items_are_told_by_text(toy_store, search, tmp_path, toy_decision):
    package(toy_store, search=search, recommend=None, out=tmp_path, decision=toy_decision)

    engine = Bundle.open(tmp_path).engine()

    assert engine.surfaces == ("search", "similar")
    assert len(engine.popular(k=3)) == 3
    assert all("tea" in one.title for one in engine.answer(Surface.SIMILAR, Request(items=(0,)), k=3, explain=False))


def test_nothing_chosen_is_not_packaged(toy_store, tmp_path, toy_decision):
    with pytest.raises(StageError, match="nothing was chosen"):
        package(toy_store, search=None, recommend=None, out=tmp_path, decision=toy_decision)


def test_a_part_that_was_not_made_is_named_and_nothing_is_left_behind(toy_store, search, tmp_path, toy_decision):
    search.parts["lexical"] = "parts/gone"

    with pytest.raises(StageError, match="parts/gone"):
        package(toy_store, search=search, recommend=None, out=tmp_path / "out", decision=toy_decision)

    assert not (tmp_path / "out").exists()


def test_a_damaged_bundle_is_made_again_by_packaging(toy_store, search, recommend, out, toy_decision):
    folder = Bundle.open(out).folder
    (folder / "bundle.json").write_text("{}")

    package(toy_store, search=search, recommend=recommend, out=out, decision=toy_decision, details=DETAILS)

    assert Bundle.open(out).folder == folder


@pytest.mark.parametrize("seed", range(12))
def test_a_flipped_bit_anywhere_is_refused_before_parsing(out, seed, tmp_path_factory):
    copy = tmp_path_factory.mktemp("copy")
    shutil.copytree(out, copy, dirs_exist_ok=True)
    draw = random.Random(seed)
    file = draw.choice([path for path in sorted(copy.rglob("*")) if path.is_file() and path.stat().st_size])
    content = bytearray(file.read_bytes())
    content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    file.write_bytes(content)

    with pytest.raises(ArtefactError):
        Bundle.open(copy)


@pytest.mark.parametrize("pointer", ["", "../../etc", "0" * 64, "zz"])
def test_a_pointer_to_nothing_is_refused(out, pointer):
    (out / "latest").write_text(pointer)

    with pytest.raises(ArtefactError):
        Bundle.open(out)


def test_a_bundle_of_another_format_is_refused(out):
    folder = Bundle.open(out).folder
    facts = json.loads((folder / "bundle.json").read_text())
    (folder / "bundle.json").write_text(json.dumps({**facts, "format": 2}))

    with pytest.raises(ArtefactError, match="format 2"):
        Bundle(folder, "d")


def test_a_folder_without_a_bundle_is_refused(tmp_path):
    with pytest.raises(ArtefactError, match="holds none"):
        Bundle.open(tmp_path)


def test_serving_loads_neither_training_nor_table_engines(out):
    code = (
        "import sys; from pathlib import Path; from steelyard.assembly import Tools\n"
        "from steelyard.domain import Request, Surface\n"
        "import steelyard.api.server\n"
        "engine = Tools().bundles.open(Path(sys.argv[1])).engine()\n"
        "for surface, request in (('search', Request(query='tea')), ('recommend', Request(history=(1,)))):\n"
        "    assert engine.answer(Surface(surface), request, k=3, explain=True)\n"
        "rare = {'torch', 'duckdb', 'pyarrow', 'pandas', 'transformers', 'implicit', 'onnx', 'scipy'}\n"
        "heavy = rare & set(sys.modules)\n"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)\n"
    )

    done = subprocess.run([sys.executable, "-c", code, str(out)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_the_bills_are_sealed_in_the_bundle_and_a_bundle_without_them_opens(
    toy_store, search, recommend, out, tmp_path_factory, toy_decision
):
    bills = {"book": {"name": "b", "as_of": "2026-11-02", "currency": "EUR"}, "surfaces": {}}
    folder = tmp_path_factory.mktemp("with-bills")
    details = Details(query_examples=("green tea",), max_history=20, bills=bills)

    made = package(toy_store, search=search, recommend=recommend, out=folder, decision=toy_decision, details=details)

    assert json.loads(Bundle.open(folder).about().bills) == bills
    assert Bundle.open(out).about().bills == b""
    (made / "bills.json").write_text("{}")
    with pytest.raises(ArtefactError, match=r"bills.json"):
        Bundle.open(folder)


def test_a_bundle_filters_counts_and_proposes(out):
    bundle = Bundle.open(out)
    engine = bundle.engine()
    pages = SearchPages(engine, bundle.digest)

    page = pages.page(pages.check(Question("lamp", k=3, filters={"category": "home"}, facets=("category",))))

    assert (len(page.items), page.counts) == (3, (20, 20))
    assert [(value.value, value.n) for value in page.facets[0].values] == [("Home", 20)]
    assert engine.suggest("des", k=1)[0].kind == "product"


def test_a_bundle_of_an_earlier_version_filters_and_says_how_to_have_proposals(out, tmp_path_factory):
    folder = tmp_path_factory.mktemp("earlier") / "bundle"
    shutil.copytree(Bundle.open(out).folder, folder)
    for name in ("fields", "suggestions"):
        shutil.rmtree(folder / name)
    bundle = Bundle(folder, seal(folder))
    engine = bundle.engine()
    pages = SearchPages(engine, bundle.digest)

    page = pages.page(pages.check(Question("lamp", filters={"price": Range(max=9)})))

    assert page.items == []
    with pytest.raises(StageError, match="steelyard package"):
        engine.suggest("des", k=1)
