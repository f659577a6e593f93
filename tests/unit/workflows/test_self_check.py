"""The self-check of a bundle: every route a shopper touches, asked of the application without a socket."""

from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.unit.workflows.toy_run import open_run

from steelyard.adapters.bundle import Bundle
from steelyard.adapters.sqlite_events import SqliteEvents
from steelyard.api.app import create_app
from steelyard.data.privacy import Pseudonyms
from steelyard.errors import MeasurementError
from steelyard.serving.service import Service
from steelyard.workflows.promises.self_check import self_check, serve_argv
from steelyard.workflows.run import bundle_of


class InProcess:
    """The measuring port with the application in place of a server; answers may be spoilt by path."""

    def __init__(self, spoilt=None):
        self.spoilt, self.asked, self.argv = spoilt or {}, [], []
        self._client = None

    @contextmanager
    def serve(self, argv, *, cores=None):
        self.argv.append(argv)
        bundle = Bundle.open(bundle_path(argv))
        events = SqliteEvents(state_path(argv))
        given = {"events": events, "pseudonym": Pseudonyms(b"k" * 32), "now": lambda: datetime.now(UTC)}
        service = Service(bundle.engine(), bundle.about(), **given)
        try:
            self._client = TestClient(create_app(service), base_url="http://127.0.0.1")
            self.url = "memory:"
            yield self
        finally:
            service.close()

    def ask(self, base_url, call):
        self.asked.append(call.path)
        if call.body is None:
            answer = self._client.get(call.path, params=dict(call.parameters))
        else:
            answer = self._client.post(call.path, json=dict(call.body))
        assert answer.status_code == 200, (call, answer.text)
        is_json = answer.headers["content-type"].startswith("application/json")
        value = answer.json() if is_json else answer.text
        return self.spoilt[call.path](value) if call.path in self.spoilt else value


def bundle_path(argv):
    return Path(argv[argv.index("serve") + 1])


def state_path(argv):
    return Path(argv[argv.index("--state") + 1])


@pytest.fixture(scope="module")
def bundle(toy_done):
    return bundle_of(open_run(toy_done))


def test_a_sound_bundle_passes_and_every_line_says_what_was_tried(bundle, tmp_path):
    measuring = InProcess()

    lines = list(self_check(bundle, state=tmp_path / "state", measuring=measuring))

    heads = [line.split(":")[0].split(" '")[0] for line in lines]
    assert heads == ["health", "search", "similar to it", "for you", "pages"]
    assert lines[0] == f"health: ok, bundle {Bundle.open(bundle).digest[:12]}"
    assert {"/", "/decision", "/promises", "/docs", "/v1/events", "/v1/similar"} <= set(measuring.asked)


def test_a_second_check_of_one_state_is_a_new_visitor_again(bundle, tmp_path):
    for _ in range(2):
        lines = list(self_check(bundle, state=tmp_path / "state", measuring=InProcess()))

        assert any(line.startswith("for you") for line in lines)


def same_again(first):
    """What is recommended never changes."""
    held = []

    def spoil(answer):
        held.append(answer)
        return held[0]

    return {first: spoil}


def itself():
    """What was found is similar to itself."""
    found = []

    def keep(answer):
        found.extend(answer["items"])
        return answer

    return {"/v1/search": keep, "/v1/similar": lambda answer: {**answer, "items": found}}


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ({"/v1/search": lambda answer: {**answer, "items": []}}, "search '.*' found nothing"),
        ({"/v1/shop": lambda shop: {**shop, "query_examples": []}}, "the bundle proposes no query to try"),
        ({"/v1/similar": lambda answer: {**answer, "items": []}}, "nothing is similar to '"),
        (itself(), "similar items hold the item itself"),
        ({"/v1/recommend": lambda answer: {**answer, "items": []}}, "nothing is recommended to a new visitor"),
        (same_again("/v1/recommend"), "an event did not change the next recommendation"),
        ({"/promises": lambda text: "a blank page"}, "page /promises"),
    ],
)
def test_whatever_is_wrong_ends_the_check_and_is_named(bundle, tmp_path, spoilt, said):
    with pytest.raises(MeasurementError, match=f"the self-check failed: {said}"):
        list(self_check(bundle, state=tmp_path / "state", measuring=InProcess(spoilt)))


def test_a_surface_that_was_not_chosen_is_not_asked(bundle, tmp_path):
    def only_search(decision):
        return {**decision, "surfaces": [row for row in decision["surfaces"] if row["surface"] == "search"]}

    measuring = InProcess({"/v1/decision": only_search})

    lines = list(self_check(bundle, state=tmp_path / "state", measuring=measuring))

    assert "/v1/recommend" not in measuring.asked
    assert not any(line.startswith("for you") for line in lines)


def test_a_bundle_is_served_on_loopback_with_a_state_of_its_own(tmp_path):
    argv = serve_argv(tmp_path / "bundle", tmp_path / "state")

    assert argv[1:6] == ["-P", "-m", "steelyard", "serve", str(tmp_path / "bundle")]
    assert argv[argv.index("--host") + 1] == "127.0.0.1"
    assert argv[argv.index("--port") + 1] == "{port}"
    assert argv[argv.index("--state") + 1] == str(tmp_path / "state")
