"""The order in which configurations are built, and which are not built at all."""

from decimal import Decimal

from steelyard.domain import Surface, Upkeep
from steelyard.models.recipe import Variant
from steelyard.workflows.building.planned import Planned
from steelyard.workflows.building.race import Passed, race, waves


def planned(name, *, whole="", transformer=False, encoder=True, surface=Surface.SEARCH):
    variant = Variant(name, {}, upkeep=Upkeep(has_transformer=transformer), whole=whole)
    return Planned(name.split("-")[0], surface, variant, {}, {}, encoder)


LEXICAL = planned("lexical", encoder=False)
POPULARITY = planned("popularity", encoder=False, surface=Surface.RECOMMEND)
WHOLE = planned("hybrid-fp32", transformer=True)
INT8 = planned("hybrid-int8", transformer=True, whole="hybrid-fp32")
STATIC = planned("hybrid-static", whole="hybrid-fp32")
ALL = [INT8, WHOLE, STATIC, LEXICAL, POPULARITY]
LEAST = {"hybrid-int8": Decimal(300), "hybrid-static": Decimal(230), "hybrid-fp32": Decimal(310)}


class Desk:
    """Bills are known; what is chosen is the cheapest that was looked at and keeps the floor."""

    def __init__(self, bills, keeping):
        self.bills, self.keeping, self.looked = bills, keeping, []

    def look(self, group):
        self.looked.append([each.name for each in group])

    def beaten(self, one):
        held = [name for group in self.looked for name in group if name in self.keeping and name != "popularity"]
        best = min(held, key=self.bills.__getitem__, default=None)
        if best is None or LEAST[one.name] <= self.bills[best]:
            return None
        least, bill = f"{LEAST[one.name]:.2f}", f"{self.bills[best]:.2f}"
        return Passed(one.name, one.surface, one.kind, least, best, bill, "USD")


BILLS = {
    "lexical": Decimal(233),
    "hybrid-fp32": Decimal(400),
    "hybrid-static": Decimal(258),
    "hybrid-int8": Decimal(380),
}


def test_what_needs_no_encoder_comes_first_then_whole_ones_then_those_without_a_transformer():
    assert [[each.name for each in group] for group in waves(ALL)] == [
        ["lexical", "popularity"],
        ["hybrid-fp32"],
        ["hybrid-static"],
        ["hybrid-int8"],
    ]


def test_a_form_that_cannot_be_cheaper_than_what_is_chosen_is_not_built():
    desk = Desk(BILLS, keeping={"hybrid-static", "hybrid-fp32"})

    raced = race(ALL, desk)

    assert desk.looked == [["lexical", "popularity"], ["hybrid-fp32"], ["hybrid-static"]]
    assert [(each.name, each.least, each.by, each.bill) for each in raced.passed] == [
        ("hybrid-int8", "300.00", "hybrid-static", "258.00")
    ]
    assert [each.name for each in raced.measured] == ["hybrid-fp32", "hybrid-static", "lexical", "popularity"]


def test_nothing_is_passed_over_while_nothing_keeps_the_floors():
    raced = race(ALL, Desk(BILLS, keeping=set()))

    assert raced.passed == ()
    assert len(raced.measured) == len(ALL)


def test_a_whole_one_is_measured_whatever_it_costs_since_the_quality_of_its_forms_is_judged_by_it():
    desk = Desk({**BILLS, "lexical": Decimal(1)}, keeping={"lexical"})

    raced = race(ALL, desk)

    assert ["hybrid-fp32"] in desk.looked
    assert [each.name for each in raced.passed] == ["hybrid-static", "hybrid-int8"]


def test_what_the_floors_refer_to_by_name_is_always_measured():
    desk = Desk(BILLS, keeping={"hybrid-static"})

    assert race(ALL, desk, named={"hybrid-int8"}).passed == ()


def test_everything_is_measured_where_it_is_asked_for():
    desk = Desk(BILLS, keeping={"hybrid-static"})

    assert race(ALL, desk, is_everything=True).passed == ()


def test_a_form_whose_whole_one_was_not_planned_is_never_passed_over():
    alone = planned("dense-int8", transformer=True, whole="dense-fp32")
    desk = Desk({**BILLS, "dense-int8": Decimal(500)}, keeping={"lexical"})

    assert race([LEXICAL, alone], desk).passed == ()
