"""A server's own runs go on in a thread, and what is said of them depends on who asks."""

import sys
import threading
import time
from datetime import UTC, datetime, timedelta

from tests.unit.serving.changed_shop import card, shop_of

from steelyard.adapters.change_journal import ChangeJournal
from steelyard.adapters.rebuild_folder import RebuildFolder
from steelyard.api.changing import Changer
from steelyard.api.rebuilding import Rebuilder, rebuilds_of
from steelyard.data.changes.reading import Terms
from steelyard.documents.progress import Progress
from steelyard.errors import ArtefactError
from steelyard.serving.service import About, Service

ROWS = [card("p1", "Steel pan", ("Kitchen", "Pans"), "12.00")]
FAILS = [sys.executable, "-S", "-c", "print('no column price'); raise SystemExit(2)"]
LASTS = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]


def changed(folder):
    """A shop of which so much was changed that a run is due."""
    now = lambda: datetime.now(UTC)  # noqa: E731
    service = Service(shop_of(ROWS), About("d" * 64), events=None, pseudonym=str, now=now)
    changer = Changer(service, lambda: ChangeJournal(folder / "changes"), terms=Terms(), now=lambda: now().isoformat())
    changer.send([{"id": "p2", "title": "Steel kettle"}])
    return service, changer


def test_a_failed_run_is_told_to_all_and_its_words_to_the_shops_own_people(tmp_path):
    service, changer = changed(tmp_path)
    changer.start()
    rebuilds = rebuilds_of(RebuildFolder(tmp_path / "rebuild", FAILS), changer, progress=None, pause_s=60)

    with Rebuilder(rebuilds, every_s=0.01):
        while not changer.state().rebuild.failures:
            time.sleep(0.01)

    own, all_know = changer.state().rebuild, service.health().changes.rebuild
    assert (own.state, own.trouble, own.last_lines) == ("resting", "the run ended with status 2", ("no column price",))
    assert (all_know.trouble, all_know.last_lines) == (own.trouble, ())
    changer.close()
    service.close()


def test_the_run_ends_with_the_block(tmp_path):
    service, changer = changed(tmp_path)
    folder = RebuildFolder(tmp_path / "rebuild", LASTS)
    rebuilds = rebuilds_of(folder, changer, progress=None, pause_s=60)

    with Rebuilder(rebuilds, every_s=0.01):
        while changer.state().rebuild.state != "running":
            time.sleep(0.01)

    assert folder.take()
    folder.release()
    assert folder.read().outcome == "stopped"
    service.close()


def test_a_run_that_was_heard_of_lately_is_waited_for_and_a_silent_or_unreadable_one_is_not(tmp_path):
    service, changer = changed(tmp_path)
    heard = []

    def progress():
        if not heard:
            raise ArtefactError("no progress document")
        return Progress("Toy", heard[0], heard[0])

    def state_after(*, ago_s):
        heard[:] = [] if ago_s is None else [datetime.now(UTC) - timedelta(seconds=ago_s)]
        folder = RebuildFolder(tmp_path / "rebuild" / str(ago_s), LASTS)
        rebuilds = rebuilds_of(folder, changer, progress=progress, pause_s=60)
        rebuilds.step()
        rebuilds.close()
        return rebuilds.state.state

    assert [state_after(ago_s=ago_s) for ago_s in (1, 100, None)] == ["elsewhere", "running", "running"]
    service.close()


def test_a_server_that_starts_no_runs_says_nothing_of_them(tmp_path):
    service, changer = changed(tmp_path)

    with Rebuilder(None):
        assert "rebuild" not in {thread.name for thread in threading.enumerate()}

    assert changer.state().rebuild is None
    service.close()
