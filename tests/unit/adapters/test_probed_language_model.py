"""A language model measured as it is served: in a process of its own, over a real socket, its tokens counted."""

import json

import numpy as np
import pytest
from tests.unit.adapters.test_language_model_endpoint import send, serving
from tests.unit.workflows.toy_run import WORDS, open_run, untold, write_shop

from steelyard.adapters.measuring.probe import Probe
from steelyard.workflows.build import load_configurations
from steelyard.workflows.run import do

TABLE = """
[models.llm]
endpoint = "{address}"
model = "backwards"
depth = 4
timeout_s = 30
concurrency = 2
"""


def backwards(handler, number):
    """Puts what it was shown in the opposite order."""
    answer = {"choices": [{"message": {"content": json.dumps({"order": [4, 3, 2, 1]})}}]}
    send(handler, {**answer, "usage": {"prompt_tokens": 120, "completion_tokens": 9}})


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """What was found of the first stage and of the model over it, and what the endpoint was asked."""
    folder = tmp_path_factory.mktemp("shop")
    with serving(backwards) as (address, asked):
        text = WORDS.replace('search = ["lexical"]', 'search = ["lexical", "llm"]') + TABLE.format(address=address)
        write_shop(folder, text)
        run = open_run(folder, text=text)
        for stage in ("prepare", "build"):
            do(run, stage, untold)
        words, model = load_configurations(run.store)
        requests = run.bench.shop.search_test.requests[:6]
        found = [Probe().measure(each, run.store.root, requests, k=5, timed=[0, 1, 2]) for each in (words, model)]
    return found, asked


def test_the_pool_of_the_first_stage_is_put_in_the_models_order(measured):
    (words, model), _ = measured

    for first, then in zip(words.items.tolist(), model.items.tolist(), strict=True):
        n = min(4, sum(item >= 0 for item in first))
        assert sorted(then) == sorted(first)
        if n == 4:
            assert then[:4] == first[:4][::-1]


def test_what_is_timed_is_asked_and_counted_and_the_rest_is_asked_once(measured):
    (_, model), asked = measured

    timed, in_all = model.facts["asked_timed"], model.facts["asked_in_all"]
    assert 0 < timed["asked"] <= 3
    assert (timed["cached"], timed["estimated"]) == (0, 0)
    assert timed["prompt_tokens"] == 120 * timed["asked"]
    assert timed["completion_tokens"] == 9 * timed["asked"]
    assert in_all["asked"] == len(asked)
    assert np.all(model.service_s > 0)


def test_nothing_is_sent_but_query_and_products(measured):
    _, asked = measured

    assert set(asked[0]) == {"model", "messages", "temperature", "max_tokens", "response_format"}
    assert all(len(each["messages"]) == 2 for each in asked)
