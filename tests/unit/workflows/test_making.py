"""What each configuration was made of: parents once, the rest as the overhead of a search among many."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.documents.configurations import Built
from steelyard.domain import Configuration, Surface
from steelyard.workflows.pricing.making import Made, is_of_today, made_of, making_usage
from steelyard.workflows.stages import StepRecord, Usage

CATALOGUE = "parts/catalogue"
STEPS = {
    "prepare": (("data",), "9"),
    "train/catalogue": ((CATALOGUE, "parts/cards"), "4"),
    "train/lexical-tuning": (("tuned/lexical",), "5"),
    "train/lexical": (("parts/lexical",), "1"),
    "train/encoder": (("parts/encoder/tiny-fp32",), "20"),
    "train/vectors": (("vectors/tiny",), "100"),
    "compress/encoder-int8": (("parts/encoder/tiny-int8",), "13"),
    "compress/vectors-1bit": (("parts/vectors/tiny.1bit",), "3"),
    "compress/vectors-fp32": (("parts/vectors/tiny.fp32",), "2"),
    "compress/hybrid-int8": (("tuned/hybrid-int8",), "7"),
    "compress/hybrid-fp32": (("tuned/hybrid-fp32",), "8"),
    "train/popularity": (("parts/recommend/popularity", "tuned/popularity"), "3.5"),
    "train/item-knn": (("parts/recommend/item-knn.full", "tuned/item-knn"), "19"),
    "compress/neighbours-20x8bit": (("parts/recommend/item-knn.20x8bit",), "1.5"),
    "compress/configurations": (("configurations",), "0.5"),
}


def hybrid(variant, vectors):
    parts = {"lexical": "parts/lexical", "encoder": f"parts/encoder/tiny-{variant}",
             "vectors": f"parts/vectors/tiny.{vectors}", "catalogue": CATALOGUE}  # fmt: skip
    return Configuration(f"hybrid-{variant}-{vectors}", Surface.SEARCH, "hybrid", parts, {})


LEXICAL = Configuration("lexical", Surface.SEARCH, "lexical", {"lexical": "parts/lexical", "catalogue": CATALOGUE}, {})
NEIGHBOURS = Configuration(
    "item-knn-20x8bit", Surface.RECOMMEND, "item-knn",
    {"model": "parts/recommend/item-knn.20x8bit", "fallback": "parts/recommend/popularity", "catalogue": CATALOGUE}, {},
)  # fmt: skip
POPULAR = Configuration(
    "popularity", Surface.RECOMMEND, "popularity",
    {"model": "parts/recommend/popularity", "fallback": "parts/recommend/popularity", "catalogue": CATALOGUE}, {},
)  # fmt: skip
ALL = (LEXICAL, hybrid("fp32", "fp32"), hybrid("fp32", "1bit"), hybrid("int8", "1bit"), NEIGHBOURS, POPULAR)


PARENTS = {
    "vectors/tiny": ("parts/encoder/tiny-fp32",),
    "parts/encoder/tiny-int8": ("vectors/tiny",),
    "parts/vectors/tiny.fp32": ("vectors/tiny",),
    "parts/vectors/tiny.1bit": ("vectors/tiny", "parts/encoder/tiny-fp32"),
    "parts/recommend/item-knn.20x8bit": ("parts/recommend/item-knn.full",),
}


def built(configurations=ALL):
    tuned = {"lexical": ["tuned/lexical"], "hybrid-fp32-fp32": ["tuned/lexical", "tuned/hybrid-fp32"],
             "hybrid-fp32-1bit": ["tuned/lexical", "tuned/hybrid-fp32"],
             "hybrid-int8-1bit": ["tuned/lexical", "tuned/hybrid-int8"]}  # fmt: skip
    needs = {each.name: (*each.parts.values(), *tuned.get(each.name, ())) for each in configurations}
    return Built(configurations, needs, PARENTS)


def steps(of=STEPS):
    return {name: Made(outputs, Decimal(cpu_s)) for name, (outputs, cpu_s) in of.items()}


def own(usage, name):
    return sum(usage.parts[part] for part in usage.needs[name])


def test_a_configuration_bears_its_parents_each_once():
    usage = making_usage(steps(), built())

    lexical = Decimal(1 + 5 + 2)  # of the catalogue each of two surfaces bears half
    assert own(usage, "lexical") == lexical
    assert own(usage, "hybrid-int8-1bit") == lexical + 13 + 20 + 100 + 3 + 7
    assert own(usage, "hybrid-fp32-1bit") == lexical + 20 + 100 + 3 + 8
    assert own(usage, "item-knn-20x8bit") == Decimal("1.5") + 19 + Decimal("3.5") + 2
    assert "vectors/tiny" in usage.needs["hybrid-int8-1bit"]
    assert usage.steps["prepare"].cpu_s == 9  # of nobody alone


def test_a_variant_is_never_cheaper_to_make_than_what_it_is_made_of():
    usage = making_usage(steps(), built())

    teacher = sum(usage.parts[part] for part in ("parts/encoder/tiny-fp32", "vectors/tiny"))
    assert own(usage, "hybrid-int8-1bit") > own(usage, "lexical") + teacher


@settings(deadline=None)
@given(st.data())
def test_what_is_borne_and_what_was_made_for_others_is_what_was_metered(data):
    seconds = {name: (outputs, str(data.draw(st.integers(1, 10**6)) * 2)) for name, (outputs, _) in STEPS.items()}
    some = data.draw(st.lists(st.sampled_from(ALL), min_size=1, unique_by=lambda each: each.name))
    usage = making_usage(steps(seconds), built(tuple(some)))

    metered = sum(Decimal(cpu_s) for name, (_, cpu_s) in seconds.items() if name != "prepare")
    for_surface = {each.surface: own(usage, each.name) + usage.others[each.name] for each in some}
    assert all(own(usage, each.name) + usage.others[each.name] == for_surface[each.surface] for each in some)
    assert sum(for_surface.values()) == metered


def test_steps_are_read_from_their_records():
    record = StepRecord("key", {"parts/lexical": "digest"}, Usage(wall_s=1.0, cpu_s=1.5, peak_rss_bytes=7))

    assert made_of({"train/lexical": record}) == {"train/lexical": Made(("parts/lexical",), Decimal("1.5"), 7)}


def test_records_of_older_versions_and_of_configurations_that_are_gone_do_not_count():
    one = Made(("parts/recommend/item-knn.full",), Decimal(1))
    two = Made(("parts/recommend/item-knn.full", "tuned/item-knn"), Decimal(1))
    look = Made(("measured/lexical",), Decimal(1))

    assert is_of_today("train/recommend/item-knn.full", one, built())
    assert not is_of_today("train/item-knn", two, built())  # what an older version wrote
    assert is_of_today("train/item-knn", two, Built(ALL))  # where nothing was built since, it is all there is
    assert is_of_today("measure/lexical", look, built())
    assert not is_of_today("measure/gone", look, built())
    assert is_of_today("measure", look, built())
    assert is_of_today("prepare", Made(("data",), Decimal(1)), built())
