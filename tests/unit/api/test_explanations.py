"""An explanation is given to who runs the shop, where it is asked for by name; everybody else gets the list alone."""

import pytest

ASKED = "/v1/search?q=7 3&explain=true"


def test_whoever_runs_the_shop_is_told(shopper):
    answer = shopper.get(ASKED).json()

    told = answer["explanation"]
    assert (told["tells"], [item["id"] for item in told["items"]]) == (False, ["item-7", "item-3"])
    assert [item["score"] for item in told["items"]] == [item["score"] for item in answer["items"]]


def test_a_body_asks_for_it_too(shopper):
    assert "explanation" in shopper.post("/v1/search", {"q": "7", "explain": True}).json()


@pytest.mark.parametrize("more", ["", "&explain=false"])
def test_who_does_not_ask_is_not_told(shopper, more):
    answer = shopper.get(f"/v1/search?q=7{more}").json()

    assert "explanation" not in answer
    assert bool(answer["items"][0]["reasons"]) is not bool(more)


def test_shoppers_get_the_reasons_alone(shopper):
    forwarded = {"x-forwarded-for": "203.0.113.9"}

    answer = shopper.get(ASKED, headers=forwarded).json()

    assert "explanation" not in answer and answer["items"][0]["reasons"]


def test_the_explanation_is_described(shopper):
    document = shopper.get("/openapi.json").json()
    schemas = document["components"]["schemas"]

    assert schemas["ScorePart"]["properties"]["parts"]["items"] == {"$ref": "#/components/schemas/ScorePart"}
    assert schemas["ScorePart"]["properties"]["raw"]["description"].startswith("The figure behind it")
    (explain,) = [each for each in document["paths"]["/v1/search"]["get"]["parameters"] if each["name"] == "explain"]
    assert explain["schema"] == {"type": "boolean"} and "explanation" in explain["description"]
