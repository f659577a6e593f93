"""Money under arbitrary amounts: exact sums, no unknown counted as nothing, no order that changes an answer."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.config.schema import Cost
from steelyard.cost import Hosting, Operation, Terms, bill, parse_book, read_usage, shares_by_kind
from steelyard.cost.facts import assumed
from steelyard.decision.pareto import dominates, frontier, hypervolume
from steelyard.domain import Bill, CostLine, Fact, FactKind, LineKey, Money, Price, Stage, Unpriced
from steelyard.domain.shown import amount, plain

DAY = date(2026, 10, 1)
KINDS = st.sampled_from([FactKind.MEASURED, FactKind.QUOTED, FactKind.ASSUMED])
CENTS = st.integers(0, 10**9).map(lambda n: Decimal(n).scaleb(-4))
QUALITIES = st.integers(0, 20).map(lambda n: n / 20)
POINTS = st.lists(st.tuples(st.integers(1, 20).map(Decimal), QUALITIES), max_size=12)


@st.composite
def lines(draw, unknown=False):
    quantity = Fact(draw(CENTS), "hour", draw(KINDS), "test", DAY)
    price = Price("x", Money(draw(CENTS), "USD"), "hour", draw(KINDS), "test", DAY)
    if unknown:
        return CostLine(Stage.SERVING, LineKey.SERVING_MACHINES, quantity, Unpriced("x", "hour", "not in the book"))
    return CostLine(Stage.SERVING, LineKey.SERVING_MACHINES, quantity, price)


@given(st.lists(lines(), max_size=20))
def test_a_total_is_the_exact_sum_whatever_the_order(found):
    naive = sum((Fraction(line.quantity.value) * Fraction(line.price.per_unit.amount) for line in found), Fraction(0))

    forward, backward = Bill("b", tuple(found), "USD"), Bill("b", tuple(reversed(found)), "USD")

    assert Fraction(forward.total.amount) == naive
    assert forward.total == backward.total


@given(st.lists(lines(), max_size=5), lines(unknown=True), st.lists(lines(), max_size=5))
def test_one_unknown_price_anywhere_leaves_no_total(before, unknown, after):
    assert Bill("b", (*before, unknown, *after), "USD").total is None


@given(st.lists(lines(), min_size=1, max_size=20))
def test_shares_by_kind_sum_to_one_or_to_nothing(found):
    made = Bill("b", tuple(found), "USD")

    total = sum(shares_by_kind(made).values())

    assert abs(total - (1 if made.total.amount else 0)) < Decimal("1e-20")


def egress_book(ends, prices):
    row = {"service": "egress", "unit": "GB", "kind": "quoted", "source": "x", "as_of": "2026-09-06"}
    machine = {"service": "instance", "unit": "hour", "kind": "quoted", "source": "x", "as_of": "2026-09-06"}
    rows = [{**machine, "name": "m", "price": "1", "vcpus": 1, "memory_gb": "1"}]
    for number, (end, price) in enumerate(zip([*ends, None], prices, strict=False)):
        rows.append({**row, "name": f"tier-{number}", "price": str(price), "up_to_gb": end})
    return parse_book({"name": "b", "currency": "USD", "rows": rows}, where="b")


@settings(max_examples=60)
@given(
    st.lists(st.integers(1, 5000), max_size=4, unique=True).map(sorted),
    st.lists(st.integers(1, 100), min_size=5, max_size=5),
    st.integers(1, 10_000),
    st.integers(0, 10_000),
)
def test_a_surface_pays_its_share_of_every_tier_of_the_shops_traffic(ends, prices, own_gb, other_gb):
    book = egress_book(ends, prices)
    machine = book.instances()[0]
    account = own_gb + other_gb
    usage = read_usage({"prepare": {"cpu_s": 0}}, on=DAY)
    terms = Terms(book, Cost(), usage, machine, DAY, account_gb=Decimal(account))
    hosting = Hosting(machine, assumed(1, "replica", source="test", as_of=DAY), 0)

    made = bill(Operation("c", (), False, hosting, own_gb * 1000, 1000.0), terms)

    sent = [line for line in made.lines if line.stage is Stage.BANDWIDTH]
    naive = Fraction(0)  # price every GB of the account by the tier it falls into, and take the surface's part
    for gb in range(account):
        tier = sum(gb >= end for end in ends)
        naive += prices[tier]
    naive *= Fraction(own_gb, account)
    assert abs(sum(Fraction(line.cost.amount) for line in sent) - naive) < Fraction(1, 10**12)
    assert abs(sum(line.quantity.value for line in sent) - own_gb) < Decimal("1e-12")


@given(POINTS)
def test_the_frontier_is_every_point_that_nothing_dominates(points):
    is_on = frontier(points)

    for point, on in zip(points, is_on, strict=True):
        naive = not any(
            other[0] <= point[0] and other[1] >= point[1] and (other[0] < point[0] or other[1] > point[1])
            for other in points
        )
        assert on == naive


@given(POINTS, POINTS)
def test_hypervolume_counts_the_cells_that_some_point_covers(points, more):
    reference = (Decimal(21), 0.0)

    volume = hypervolume(points, reference=reference)

    cells = sum(
        any(cost <= x and quality * 20 >= y for cost, quality in points) for x in range(1, 21) for y in range(1, 21)
    )
    assert abs(volume - cells / 20) < 1e-9
    assert hypervolume([*points, *more], reference=reference) >= volume - 1e-12


@given(st.tuples(CENTS, QUALITIES), st.tuples(CENTS, QUALITIES))
def test_two_points_never_dominate_each_other(one, other):
    assert not (dominates(one, other) and dominates(other, one))


@given(st.integers(1, 10**15).map(lambda n: Decimal(n).scaleb(-9)))
def test_a_shown_amount_is_never_nothing_and_within_half_a_unit_of_what_is_shown(value):
    shown = Decimal(amount(value))

    assert shown > 0
    assert abs(shown - value) <= max(Decimal("0.005"), value * Decimal("0.0005"))
    assert "E" not in plain(value)


@given(st.integers(-1, 1), st.integers(3, 12))
def test_an_amount_that_rounds_to_nothing_has_no_sign(value, places):
    assert str(Money(Decimal(value).scaleb(-places), "USD")) == "0.00 USD"
