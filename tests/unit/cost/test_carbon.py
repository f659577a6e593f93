"""R5.8: energy and carbon: the golden formula, estimates worked by hand, and what is unknown."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.adapters.carbon_factors import load_factors, read_meters
from steelyard.cost.carbon.emission_factors import Unknown, parse_factors
from steelyard.cost.carbon.energy import Machine, busy_share, embodied, emissions, energy, total
from steelyard.cost.explain import explain_fact
from steelyard.cost.facts import leaves, strength
from steelyard.domain import Fact, FactKind
from steelyard.errors import PriceError

D = Decimal
DAY = date(2026, 11, 1)
FACTORS = load_factors()
MICRO = Machine("aws/us-east-1/t3.micro", 2, D(1))


def fact(value, unit, kind=FactKind.MEASURED, low=None, high=None):
    return Fact(D(str(value)), unit, kind, "a test", DAY, low and D(low), high and D(high))


def test_carbon_is_energy_times_overhead_times_the_grid():
    metered = fact(100, "kWh")

    found = emissions(metered, pue=FACTORS.overhead("aws"), intensity=FACTORS.intensity("aws/us-east-1"))

    assert found.value == D(100) * D("1.135") * D("415.755") == D("47188.1925")
    assert found.unit == "gram"
    assert strength(found) is FactKind.MEASURED  # a meter, and quoted factors
    assert {leaf.as_of for leaf in leaves(found)} == {DAY, date(2024, 3, 25), date(2023, 5, 8)}


def test_an_interval_goes_through():
    pue = fact("1.5", "1", FactKind.ASSUMED, "1.2", "2")

    found = emissions(fact(10, "kWh", low="8", high="12"), pue=pue, intensity=fact(500, "gram/kWh"))

    assert (found.low, found.value, found.high) == (4_800, 7_500, 12_000)


def test_energy_of_a_machine_worked_by_hand():
    hours = fact(2920, "hour")

    idle, half = (energy(MICRO, hours, busy=fact(share, "1"), factors=FACTORS) for share in ("0", "0.5"))

    # Skylake: 0.6446 W a thread idle, 4.1934 W busy; 0.000392 kWh for a GB in an hour.
    assert idle.value == 2920 * (2 * D("0.6446") / 1000 + D("0.000392")) == D("4.909104")
    assert half.value == 2920 * (2 * D("2.419") / 1000 + D("0.000392")) == D("15.2716")
    assert idle.low is None


def test_a_type_that_runs_on_two_processors_has_an_interval():
    found = energy(Machine("azure/eastus/F2s_v2", 2, D(4)), fact(1000, "hour"), busy=fact(1, "1"), factors=FACTORS)

    memory = 4 * D("0.000392") * 1000
    assert found.value == pytest.approx(2 * (D("4.1934") + D("3.9673")) / 2 + memory)
    assert (found.low, found.high) == (2 * D("3.9673") + memory, 2 * D("4.1934") + memory)


def test_an_accelerator_draws_too():
    machine = Machine("aws/us-east-1/g4dn.xlarge", 4, D(16), "1 x T4 16 GB")

    found = energy(machine, fact(10, "hour"), busy=fact(1, "1"), factors=FACTORS)

    # Cascade Lake: 3.9673 W a thread; T4: 71 W.
    assert found.value == 10 * ((4 * D("3.9673") + 71) / 1000 + 16 * D("0.000392"))


def test_making_a_server_is_spread_over_its_life_and_its_threads():
    found = embodied(MICRO, fact(2920, "hour"), factors=FACTORS)

    # 1,610.79 kg, 2 of 96 threads, a twelfth of four years
    assert found.value == pytest.approx(D(1_610_790) * 2 / 96 / 12)


def test_work_takes_its_share_of_the_threads():
    assert busy_share(fact(3600, "core_second"), fact(10, "hour"), vcpus=2).value == D("0.05")
    assert busy_share(fact(10**9, "core_second"), fact(10, "hour"), vcpus=2).value == 1
    with pytest.raises(PriceError, match="no machine hours"):
        busy_share(fact(1, "core_second"), fact(0, "hour"), vcpus=2)


@pytest.mark.parametrize(
    ("machine", "said"),
    [
        (Machine("aws/us-east-1/g6.xlarge", 4, D(16), "1 x L4 24 GB"), "no watts and no embodied carbon are known"),
        (Machine("ours/hall-1/box", 8, D(64)), "meter it"),
        (Machine("aws/us-east-1/t3.micro", 2, D(1), "1 x NPU"), "the accelerator 1 x NPU"),
    ],
)
def test_a_machine_nobody_knows_is_unknown_and_not_zero(machine, said):
    found = energy(machine, fact(10, "hour"), busy=fact(1, "1"), factors=FACTORS)

    assert isinstance(found, Unknown)
    assert said in found.why
    assert emissions(found, pue=fact(1, "1"), intensity=fact(1, "gram/kWh")) is found
    assert total([fact(1, "kWh"), found], "sum", unit="kWh") is found


def test_a_region_nobody_knows_is_unknown_and_near_ones_are_offered():
    found = FACTORS.intensity("aws/us-east-9")

    assert isinstance(found, Unknown)
    assert "aws/us-east-1" in found.why
    assert isinstance(FACTORS.overhead("ours"), Unknown)
    assert isinstance(embodied(Machine("box", 1, D(1)), fact(1, "hour"), factors=FACTORS), Unknown)


@pytest.mark.parametrize(
    ("region", "grams"),
    [
        ("DE", "380.95"),
        ("CN-ZJ", "497.4"),
        ("aws/us-east-1", "415.755"),
        ("azure/eastus", "415.755"),
        ("gcp/us-east1", "560"),
    ],
)
def test_grids_are_known_by_country_province_and_cloud_region(region, grams):
    found = FACTORS.intensity(region)

    assert (found.value, found.unit, found.kind) == (D(grams), "gram/kWh", FactKind.QUOTED)


def test_every_factor_is_above_zero_dated_and_sourced():
    assert len(FACTORS.grid) > 350
    for each in FACTORS.grid.values():
        assert 0 < each.value < 2_000, each
        assert ": " in each.source and each.as_of >= date(2023, 1, 1)
    assert sum(name.startswith("CN-") for name in FACTORS.grid) == 30
    for family in FACTORS.families:
        provider = family.pattern.split("/")[0]
        assert all((provider, each) in FACTORS.processors for each in family.processors), family.pattern


def test_a_data_centre_uses_at_least_what_its_machines_use():
    with pytest.raises(PriceError, match=r"PUE is 0\.9"):
        emissions(fact(1, "kWh"), pue=fact("0.9", "1"), intensity=fact(1, "gram/kWh"))


def test_amounts_of_two_units_are_not_summed():
    with pytest.raises(PriceError, match="cannot be added to kWh"):
        total([fact(1, "kWh"), fact(1, "gram")], "sum", unit="kWh")


@settings(deadline=None)
@given(st.decimals("0", "1", places=3), st.decimals("0", "1", places=3), st.integers(1, 10_000))
def test_more_work_never_takes_less_energy(one, other, hours):
    low, high = (
        energy(MICRO, fact(hours, "hour"), busy=fact(share, "1"), factors=FACTORS).value
        for share in sorted((one, other))
    )

    assert 0 < low <= high


def test_a_figure_is_explained_down_to_its_sources():
    told = explain_fact(
        "carbon", emissions(fact(100, "kWh"), pue=FACTORS.overhead("aws"), intensity=FACTORS.intensity("DE"))
    )

    assert told.splitlines()[0] == "carbon = 43237.8 gram [kWh x PUE x g/kWh]"
    assert "380.95 gram/kWh [quoted; Germany, 2023 (CO2e): codecarbon (MIT" in told


def test_wrong_factor_files_are_refused_with_all_their_problems():
    grid = {"format": 1, "sources": {}, "regions": [{"region": "DE", "grams_per_kwh": "0", "source": "x"}, {}]}

    with pytest.raises(PriceError) as error:
        parse_factors(grid, {"format": 2}, where="own")

    said = str(error.value)
    assert "own: regions, row 1: ValueError grams_per_kwh is 0, not above zero" in said
    assert "own: regions, row 2: KeyError 'region'" in said
    assert "own: no table 'processors' of format 1" in said


def test_meters_are_read_from_a_table(tmp_path):
    (tmp_path / "meters.csv").write_text(
        "configuration,kwh,source,as_of\nsmall,6.1,rack meter of October,2026-10-31\n", "utf-8"
    )

    found = read_meters(tmp_path / "meters.csv")["small"]

    assert (found.value, found.kind, found.as_of) == (D("6.1"), FactKind.MEASURED, date(2026, 10, 31))


def test_meters_that_are_not_right_are_all_named(tmp_path):
    path = tmp_path / "meters.csv"
    path.write_text(
        "configuration,kwh,source,as_of\na,0,m,2026-10-31\nb,1,,2026-10-31\nc,1,m,soon\nd,1,m,2026-10-31\nd,1,m,2026-10-31\n",
        "utf-8",
    )

    with pytest.raises(PriceError) as error:
        read_meters(path)

    for said in (
        "line 2: kwh is '0'",
        "line 3: source: missing",
        "line 4: Invalid isoformat",
        "line 6: d was metered before",
    ):
        assert said in str(error.value)
    with pytest.raises(PriceError, match="not a readable table"):
        read_meters(tmp_path / "none.csv")
    path.write_text("configuration,kwh\n", "utf-8")
    with pytest.raises(PriceError, match="has no rows"):
        read_meters(path)
