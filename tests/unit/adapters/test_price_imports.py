"""R5.2: public catalogues become price books: what was asked for, sourced and dated, and nothing guessed."""

import json
from datetime import date
from decimal import Decimal

import pytest

from steelyard import registry
from steelyard.adapters.prices.books import PriceBooks
from steelyard.cost.prices.catalogue import ImportRequest
from steelyard.cost.prices.offers import offers
from steelyard.cost.prices.prices import parse_book
from steelyard.errors import PriceError

DAY = date(2026, 11, 1)
SKYPILOT = """\
InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region,AvailabilityZone
c5.large,,,2,4,,0.097,0.03,eu-central-1,eu-central-1a
c5.large,,,2,4,,0.097,0.05,eu-central-1,eu-central-1b
c5.large,,,2,4,,0.085,0.03,us-east-1,us-east-1a
g5.xlarge,A10G,1.0,4,16,"{'Gpus': [{'Name': 'A10G'}]}",1.258,,eu-central-1,eu-central-1a
t9.free,,,2,4,,0.00,,eu-central-1,eu-central-1a
t9.two,,,2,4,,0.1,,eu-central-1,eu-central-1a
t9.two,,,2,4,,0.2,,eu-central-1,eu-central-1b
t9.none,,,2,4,,,0.1,eu-central-1,eu-central-1a
,A100,1,,,,2.9,,eu-central-1,eu-central-1a
"""
GPUHUNT = """\
instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot,disk_size,gpu_vendor,flags,cpu_arch
e2-standard-2,us-east1-b,0.067,2,8.0,0,,,False,,,,x86
e2-standard-2,us-east1-c,0.067,2,8.0,0,,,False,,,,x86
e2-standard-2,us-east1-b,0.04,2,8.0,0,,,True,,,,x86
g2-standard-4,us-east1-b,0.707,4,16.0,1,L4,24.0,False,,nvidia,,x86
"""
GO = """// generated at 2026-07-20T13:44:30Z for us-east-1
var InitialOnDemandPricesAWS = map[string]map[ec2types.InstanceType]float64{
	"us-east-1": {
		// c5 family
		"c5.large": 0.085000, "t3.small": 0.020800,
	},
	"us-west-2": {
		"c5.large": 0.085000,
	},
}
"""
AZURE_GO = """// generated at 2026-06-18T03:43:41Z
	initialOnDemandPrices["westeurope"] = map[string]float64{
		"Standard_D2s_v5":                       0.115000,
	}
"""
TOKENS = [
    {
        "id": "openai",
        "models": [
            {"id": "small", "prices": {"input_mtok": 0.15, "output_mtok": "0.6", "cache_read_mtok": None}},
            {"id": "long", "prices": {"input_mtok": {"base": 2, "tiers": [{"start": 200000, "price": 4}]}}},
            {
                "id": "moved",
                "prices": [
                    {"prices": {"input_mtok": 1}},
                    {"constraint": {"start_date": "2026-10-01"}, "prices": {"input_mtok": 2}},
                    {"constraint": {"start_date": "2027-01-01"}, "prices": {"input_mtok": 3}},
                    {"constraint": {"start_time": "01:00:00", "end_time": "09:00:00"}, "prices": {"input_mtok": 9}},
                ],
            },
            {"id": "gift", "prices": {"input_mtok": 0}},
        ],
    },
    {"id": "router", "models": [{"id": "openai/small", "prices": {"input_mtok": 0.2}}]},
]


def imported(tmp_path, origin, text, *, name="vms.csv", **more):
    (tmp_path / name).write_text(text, "utf-8")
    request = ImportRequest(source="catalogue, commit 1", **{"as_of": DAY, "cloud": "aws", **more})
    document = registry.load("price-importers", origin).read(tmp_path / name, request)
    return document, parse_book(document, where="made")


def test_a_skypilot_catalogue_gives_the_machines_of_one_region(tmp_path):
    _, book = imported(tmp_path, "skypilot", SKYPILOT, region="eu-central-1", names=("c5.large", "g5.xlarge"))

    c5, g5 = book.instances()
    assert (c5.name, c5.hourly, c5.vcpus) == ("aws/eu-central-1/c5.large", Decimal("0.097"), 2)
    assert c5.memory_gb == Decimal("4.294967296")  # its column says GiB
    assert (g5.gpu, c5.price.source, c5.price.as_of) == ("1 x A10G", "catalogue, commit 1", DAY)


def test_of_several_zones_the_dearest_spot_price_is_taken_and_the_range_said(tmp_path):
    _, book = imported(tmp_path, "skypilot", SKYPILOT, region="eu-central-1", names=("c5.large",))

    _, spot = offers(book, "c5.large")
    assert (spot.price.per_unit.amount, spot.low, spot.high) == (Decimal("0.05"), Decimal("0.03"), Decimal("0.05"))
    assert "highest of the zones" in spot.price.source


def test_all_that_is_wrong_with_a_catalogue_is_named_at_once(tmp_path):
    with pytest.raises(PriceError) as error:
        imported(tmp_path, "skypilot", SKYPILOT, region="eu-central-1")

    said = str(error.value).splitlines()
    assert len(said) == 3
    assert "t9.free: a price of 0 is usually one nobody filled in" in said[0]
    assert "t9.two: 2 prices on demand in one region (0.1, 0.2)" in said[1]
    assert "t9.none: no price" in said[2]


def test_a_price_of_zero_is_taken_only_when_somebody_confirms_it(tmp_path):
    _, book = imported(
        tmp_path, "skypilot", SKYPILOT, region="eu-central-1", names=("t9.free",), confirmed_free=("t9.free",)
    )

    assert book.instances()[0].hourly == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"region": "eu-central-2"}, "no region 'eu-central-2'; near: .*eu-central-1"),
        ({"names": ("c5.lrge",)}, "no machine 'c5.lrge' .near: .*c5.large"),
        ({"as_of": None}, "does not say when it was made"),
    ],
)
def test_what_is_not_in_the_catalogue_is_named_with_what_is_near(tmp_path, changes, said):
    with pytest.raises(PriceError, match=said):
        imported(tmp_path, "skypilot", SKYPILOT, **{"region": "eu-central-1", **changes})


@pytest.mark.parametrize(
    ("origin", "text", "said"),
    [
        ("skypilot", "a,b\n1,2\n", "not a SkyPilot catalogue: no column InstanceType"),
        ("skypilot", SKYPILOT.replace("0.085", "-1"), "line 4: '-1' is not a price"),
        ("gpuhunt", "a,b\n1,2\n", "not a gpuhunt catalogue: no column instance_name"),
        ("gpuhunt", GPUHUNT.replace("True", "yes"), "line 4: spot is 'yes'"),
        ("karpenter", "[]", "not a price list of a Karpenter provider"),
        ("karpenter", "{", "cannot be read"),
        ("genai-prices", '{"a": 1}', "not the data of genai-prices"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_name(tmp_path, origin, text, said):
    with pytest.raises(PriceError, match=said):
        imported(tmp_path, origin, text, region="us-east-1")


def test_a_gpuhunt_catalogue_has_zones_and_spot_on_lines_of_their_own(tmp_path):
    _, book = imported(tmp_path, "gpuhunt", GPUHUNT, cloud="gcp", region="us-east1")

    e2, g2 = book.instances()
    assert (e2.name, e2.hourly, g2.gpu) == ("gcp/us-east1/e2-standard-2", Decimal("0.067"), "1 x L4 24 GB")
    assert [each.price.per_unit.amount for each in offers(book, "e2-standard-2")] == [Decimal("0.067"), Decimal("0.04")]


def test_karpenters_go_source_says_its_day_and_sizes_come_from_a_book(tmp_path):
    specs = PriceBooks().load("aws-us-east-1")

    _, book = imported(tmp_path, "karpenter", GO, name="aws.go", region="us-east-1", as_of=None, specs=specs)

    t3, c5 = book.instances()
    assert (c5.hourly, c5.memory_gb, c5.price.as_of) == (Decimal("0.085"), 4, date(2026, 7, 20))
    assert (t3.baseline_share, t3.cores) == (Decimal("0.2"), Decimal("0.4"))


def test_without_sizes_a_machine_is_not_guessed(tmp_path):
    with pytest.raises(PriceError, match=r"c5\.large: vCPUs and memory are not known"):
        imported(tmp_path, "karpenter", GO, name="aws.go", region="us-west-2")


def test_azures_names_lose_what_all_of_them_begin_with(tmp_path):
    specs = PriceBooks().load("azure-eastus")

    _, book = imported(tmp_path, "karpenter", AZURE_GO, name="a.go", cloud="azure", region="westeurope", specs=specs)

    assert [each.name for each in book.instances()] == ["azure/westeurope/D2s_v5"]


@pytest.mark.parametrize(
    "document",
    [
        {"cn-hangzhou": {"ecs.c7.large": 0.407698}},
        {"prices": {"cn-hangzhou": {"on_demand": {"ecs.c7.large": 0.407698}, "spot": {"ecs.c7.large": 0.1}}}},
        {
            "cn-hangzhou": {
                "instanceTypePrices": {"ecs.c7.large": {"vcpu": 2, "memory": 4, "onDemandPricePerHour": 0.407698}}
            }
        },
    ],
)
def test_karpenters_json_is_read_in_its_three_forms(tmp_path, document):
    specs = PriceBooks().load("alibaba-cn-hangzhou")
    more = {"cloud": "alibaba", "region": "cn-hangzhou", "currency": "CNY", "specs": specs}

    _, book = imported(tmp_path, "karpenter", json.dumps(document), name="p.json", **more)

    assert book.instances()[0].hourly == Decimal("0.407698")
    assert book.currency == "CNY"
    assert len(offers(book, "ecs.c7.large")) == (2 if "prices" in document else 1)


def test_token_prices_keep_input_output_and_cached_input_apart(tmp_path):
    _, book = imported(tmp_path, "genai-prices", json.dumps(TOKENS), name="data.json", names=("openai/small",))

    assert {name: row.price.per_unit.amount for name, row in book.every.items()} == {
        "tokens/openai/small/input": Decimal("0.15"),
        "tokens/openai/small/output": Decimal("0.6"),
    }
    assert book.price("tokens/openai/small/input", "Mtoken").unit == "Mtoken"


def test_a_price_with_steps_is_taken_at_its_base_and_says_so(tmp_path):
    _, book = imported(tmp_path, "genai-prices", json.dumps(TOKENS), name="data.json", names=("long",))

    price = book.price("tokens/openai/long/input", "Mtoken")
    assert (price.per_unit.amount, "longer prompts cost more" in price.source) == (2, True)


def test_of_prices_that_changed_the_one_in_force_on_the_day_is_taken(tmp_path):
    _, book = imported(tmp_path, "genai-prices", json.dumps(TOKENS), name="data.json", names=("moved",))

    assert book.price("tokens/openai/moved/input", "Mtoken").per_unit.amount == 2


@pytest.mark.parametrize(("name", "said"), [("gift", "input_mtok is 0"), ("lost", "no model lost; 5 models")])
def test_a_model_for_nothing_or_unknown_is_refused(tmp_path, name, said):
    with pytest.raises(PriceError, match=said):
        imported(tmp_path, "genai-prices", json.dumps(TOKENS), name="data.json", names=(name,))


def test_rows_of_a_plain_csv_keep_their_own_source(tmp_path):
    text = "name,service,unit,kind,price,source,as_of\nperson/x,people,person_hour,invoiced,55.5,payroll,2026-10-01\n"

    document, book = imported(tmp_path, "csv", text, name="own.csv", names=("person/x",))

    assert book.person("x").source == "payroll"
    assert document["currency"] == "USD"
    with pytest.raises(PriceError, match="has no row person/y"):
        imported(tmp_path, "csv", text, name="own.csv", names=("person/y",))


def test_a_catalogue_that_is_not_there_or_not_text_is_named(tmp_path):
    request = ImportRequest(source="x", as_of=DAY, cloud="aws", region="r")
    read = registry.load("price-importers", "skypilot").read

    with pytest.raises(PriceError, match=r"vms\.csv is not there"):
        read(tmp_path / "vms.csv", request)
    (tmp_path / "vms.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(PriceError, match="is not UTF-8"):
        read(tmp_path / "vms.csv", request)
