"""What a line pays for: every key has its words, and the sentences of earlier versions are known by them."""

import re

import pytest

from steelyard.documents.earlier_lines import key_of_sentence
from steelyard.documents.line_words import words_of
from steelyard.domain import LineKey, Stage

DETAILS = {
    LineKey.SERVING_MACHINES: "4 x aws/us-east-1/t3.micro",
    LineKey.RESERVED_MACHINES: "2 x aws/us-east-1/t3.micro",
    LineKey.ON_DEMAND_MACHINES: "aws/us-east-1/t3.micro",
    LineKey.SPOT_MACHINES: "aws/us-east-1/t3.micro",
    LineKey.BALANCER: "surroundings/load-balancer",
    LineKey.BALANCER_TRAFFIC: "surroundings/balancer-traffic",
    LineKey.PUBLIC_ADDRESSES: "surroundings/public-address",
    LineKey.ZONE_TRAFFIC: "surroundings/zone-traffic",
    LineKey.NAT_GATEWAY: "surroundings/nat-gateway",
    LineKey.LOGS: "surroundings/logs",
    LineKey.BACKUPS: "surroundings/snapshots",
    LineKey.CDN: "surroundings/cdn",
    LineKey.DOMAIN_NAME: "surroundings/domain",
}
NAMED_BY_OTHERS = (LineKey.SERVICE_CHARGE, LineKey.PEOPLE_ROLE, LineKey.OTHER)
"""Their sentence is a name that somebody gave: nothing tells it from another."""


@pytest.mark.parametrize("key", LineKey)
def test_every_line_has_words_in_both_languages(key):
    said = words_of(key, "a/b")

    assert said.en
    assert re.search("[一-鿿]", said.zh) or said.zh == "a/b"
    assert "{" not in said.en + said.zh


@pytest.mark.parametrize("key", [key for key in LineKey if key not in NAMED_BY_OTHERS])
def test_the_sentence_of_an_earlier_version_gives_the_key_again(key):
    stage = Stage.SERVING if key.value.endswith("machines") else Stage.TRAINING
    detail = DETAILS.get(key, "parts/lexical" if words_of(key, "?") != words_of(key, "!") else "")

    assert key_of_sentence(words_of(key, detail).en, stage) == (key, detail)


@pytest.mark.parametrize("sentence", ["a service, requests", "engineer", "load balancer, surroundings/none", "2 x box"])
def test_a_sentence_that_nobody_knows_is_kept_as_it_is(sentence):
    key, detail = key_of_sentence(sentence, Stage.MAINTENANCE)

    assert key is LineKey.OTHER
    assert words_of(key, detail).en == sentence
