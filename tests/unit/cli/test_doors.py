"""The doors of a shop that is still being built, and what a user is told at the end."""

from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.unit.workflows.toy_run import WORDS, ToyTools, open_run, write_shop

from steelyard.cli.doors import Doors
from steelyard.cli.ending import say_next
from steelyard.cli.whole_run import do_all
from steelyard.errors import ConfigError, MeasurementError


class Server:
    """A server that notes what is done with it."""

    def __init__(self, argv, port):
        self.argv, self.port, self.did = argv, port, []
        self.url = f"http://127.0.0.1:{port or 40000}"

    def __enter__(self):
        self.did.append("started")
        return self

    def stop(self):
        self.did.append("stopped")

    def let_go(self):
        self.did.append("let go")
        return 4711


class Written:
    """The progress of a run, in a list."""

    def __init__(self, is_there=False):
        self.documents, self._is_there = [], is_there

    def write(self, document):
        self.documents.append(document)

    def exists(self):
        return self._is_there


class Serving:
    """Servers in memory; one port is taken."""

    def __init__(self, taken=(), is_there=False):
        self.taken, self.servers, self.written = taken, [], Written(is_there)

    def is_free(self, port):
        return port not in self.taken

    def running(self, argv, *, port):
        self.servers.append(Server(argv, port))
        return self.servers[-1]

    def progress(self, work):
        return self.written


def tools_of(serving):
    tools = ToyTools()
    tools.serving = serving
    return tools


def test_a_taken_port_is_refused_before_anything_is_started():
    serving = Serving(taken=(8787,))

    with pytest.raises(ConfigError, match="port 8787 is taken by another program: name a free one with --port, or 0"):
        Doors(tools_of(serving), Path("steelyard.toml"), 8787)

    assert serving.servers == []


def test_doors_that_were_not_opened_have_no_server_to_end():
    serving = Serving()
    doors = Doors(tools_of(serving), Path("steelyard.toml"), 8787)

    doors.close()

    assert not doors.is_open
    assert serving.servers[0].did == []


def test_the_server_of_the_doors_follows_the_bundles_of_the_shop(capsys):
    serving = Serving()
    doors = Doors(tools_of(serving), Path("my shop/steelyard.toml"), 8787)

    doors.open()

    (server,) = serving.servers
    assert server.did == ["started"]
    assert ["serve", "-c", "my shop/steelyard.toml", "--follow", "--port", "{port}"] == server.argv[4:]
    assert capsys.readouterr().out.startswith("open http://127.0.0.1:8787/ : the shop is up after 0 s")


def test_doors_are_ended_once():
    serving = Serving()
    doors = Doors(tools_of(serving), Path("steelyard.toml"), 0)
    doors.open()

    doors.close()
    doors.close()

    assert serving.servers[0].did == ["started", "stopped"]


def test_a_milestone_is_told_with_its_seconds(capsys):
    Doors(tools_of(Serving()), Path("steelyard.toml"), 0).say("the decision is there")

    assert capsys.readouterr().out == "the decision is there after 0 s\n"


# A whole run with doors.


@contextmanager
def opened(folder, serving, *, refuses=False):
    """A shop as the command line opens it, over the world in memory."""
    tools = tools_of(serving)
    run = open_run(write_shop(folder, WORDS), tools=tools)
    tools.measuring.refuses = refuses
    names = ("config", "base", "work", "store", "steps", "key", "tools", "erased")
    found = SimpleNamespace(**{name: getattr(run, name) for name in names})
    tools.measuring.cases = lambda: _cases(found)
    yield found


def _cases(found):
    from steelyard.workflows.session import Run

    return Run.of(found).cases()


def test_a_run_opens_its_doors_with_the_first_bundle_and_leaves_them_open(tmp_path, capsys):
    serving = Serving()
    with opened(tmp_path / "shop", serving) as shop:
        doors = Doors(shop.tools, tmp_path / "shop", 8787)

        decision = do_all(shop, tmp_path / "shop" / "steelyard.toml", doors)

    assert decision.of("search").chosen == "lexical"
    assert doors.is_open
    assert serving.servers[0].did == ["started"]
    assert capsys.readouterr().out.count("the shop is up") == 1
    assert (serving.written.documents[0].stage, serving.written.documents[-1].is_done) == ("prepare", True)


def test_a_run_that_fails_ends_its_server_and_says_why_to_who_watches(tmp_path):
    serving = Serving()
    with opened(tmp_path / "shop", serving, refuses=True) as shop:
        doors = Doors(shop.tools, tmp_path / "shop", 8787)

        with pytest.raises(MeasurementError, match="no space left"):
            do_all(shop, tmp_path / "shop" / "steelyard.toml", doors)

    assert not doors.is_open
    assert serving.servers[0].did == ["started", "stopped"]
    last = serving.written.documents[-1]
    assert last.is_done
    assert "no space left" in last.failure


def test_a_run_without_doors_that_is_refused_at_once_leaves_nothing_of_its_progress(tmp_path):
    serving = Serving()
    with opened(tmp_path / "shop", serving) as shop:
        (tmp_path / "shop" / "items.csv").write_text("id,title,category\n", "utf-8")

        with pytest.raises(Exception, match="no rows"):
            do_all(shop, tmp_path / "steelyard.toml", None)

    assert serving.written.documents == []


def test_a_run_whose_progress_was_watched_before_is_told_from_the_start(tmp_path):
    serving = Serving(is_there=True)
    with opened(tmp_path / "shop", serving) as shop:
        (tmp_path / "shop" / "items.csv").write_text("id,title,category\n", "utf-8")

        with pytest.raises(Exception, match="no rows"):
            do_all(shop, tmp_path / "steelyard.toml", None)

    assert serving.written.documents[-1].is_done
    assert "no rows" in serving.written.documents[-1].failure


def test_an_interruption_is_told_by_its_name(tmp_path):
    serving = Serving(is_there=True)
    with opened(tmp_path / "shop", serving) as shop:

        def interrupted(*_args, **_more):
            raise KeyboardInterrupt

        shop.tools.shop = SimpleNamespace(sources=interrupted)

        with pytest.raises(KeyboardInterrupt):
            do_all(shop, tmp_path / "steelyard.toml", None)

    assert serving.written.documents[-1].failure == "KeyboardInterrupt"


# What a user is told at the end.


def told(capsys, path, **more):
    given = {"surfaces": ["search", "recommend"], "report": Path("report/index.html"), "port": 8787, **more}
    say_next(path, **given)
    return capsys.readouterr().out.splitlines()


def test_the_end_of_a_run_says_what_to_open_edit_do_and_read(capsys):
    assert told(capsys, Path("shop/steelyard.toml")) == [
        "open   steelyard serve -c shop/steelyard.toml   then http://127.0.0.1:8787/ (the shop), "
        "http://127.0.0.1:8787/decision (the choice and its bill)",
        "edit   shop/steelyard.toml: the floors in [decide.search] and [decide.recommend], the traffic in "
        "[load.search] and [load.recommend]",
        "next   steelyard run -c shop/steelyard.toml   (does again only what the edit changes)",
        "read   report/index.html   or: steelyard cost bill -c shop/steelyard.toml",
    ]


def test_a_shop_that_is_served_already_needs_no_second_server(capsys):
    first, *_ = told(capsys, Path("steelyard.toml"), is_served=True, port=9000)

    assert first.startswith("open   http://127.0.0.1:9000/ (the shop)")


def test_a_folder_is_named_with_the_file_in_it_and_blanks_are_quoted(capsys, tmp_path):
    folder = tmp_path / "my shop"
    folder.mkdir()

    lines = told(capsys, folder)

    assert f"edit   {folder}/steelyard.toml" in lines[1]
    assert f"steelyard run -c '{folder}'" in lines[2]


def test_with_nothing_decided_the_tables_are_named_without_a_surface(capsys):
    assert "the floors in [decide], the traffic in [load]" in told(capsys, Path("steelyard.toml"), surfaces=[])[1]
