import signal
import stat
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from steelyard.adapters.shop.scratch import Scratch
from steelyard.adapters.shop.sources import Sources

SPILLING = """
    import sys
    from pathlib import Path
    from steelyard.adapters.shop.sources import Sources
    from steelyard.data.schema import Role, Wanted
    folder = Path(sys.argv[1])
    sources = Sources(folder, scratch=folder / "tmp", max_memory_gb=0.06, threads=1)
    personal = [Role(name, (name,), is_personal=True) for name in ("mail", "phone")]
    scanned = sources.scan(Wanted("events", "log.parquet", tuple(personal)), pseudonym=lambda raw: f"{hash(raw):032x}")
    for batch in sources.batches(scanned.sort("mail", "phone")):
        print("sorted", flush=True)
        sys.stdin.readline()
"""


def left_in(folder):
    return [path for path in folder.glob("tmp/steelyard-tables-*/**/*") if path.is_file()]


@pytest.fixture
def child(tmp_path):
    """A process in the middle of a sort that does not fit in memory."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    n = 350_000
    people = {"mail": [f"canary-{i}@mail.example" for i in range(n)], "phone": [f"+49-canary-{i}" for i in range(n)]}
    pq.write_table(pa.table(people), tmp_path / "log.parquet", row_group_size=10_000)
    argv = [sys.executable, "-c", textwrap.dedent(SPILLING), str(tmp_path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "sorted\n"
        yield process
        process.kill()


def test_a_killed_run_leaves_nothing_that_names_people_and_the_next_start_removes_the_rest(child, tmp_path):
    child.send_signal(signal.SIGKILL)
    child.wait()

    left = left_in(tmp_path)
    assert sum(path.stat().st_size for path in left if path.parent.name == "spill") > 0
    assert not [path for path in left if b"canary" in path.read_bytes()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "tmp").iterdir()} == {0o700}
    with Sources(tmp_path, scratch=tmp_path / "tmp", threads=1):
        assert not left_in(tmp_path)
    assert not list((tmp_path / "tmp").iterdir())


def test_the_tables_of_a_run_beside_it_are_left_alone(tmp_path):
    waiting = "import sys; from pathlib import Path; from steelyard.adapters.shop.scratch import Scratch; "
    waiting += "s = Scratch(Path(sys.argv[1])); (s.path / 'x').touch(); print(s.path, flush=True); sys.stdin.readline()"
    argv = [sys.executable, "-c", waiting, str(tmp_path / "tmp")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as beside:
        table = Path(beside.stdout.readline().strip()) / "x"

        Scratch(tmp_path / "tmp").close()
        was_left = table.exists()
        beside.kill()
        beside.wait()
        Scratch(tmp_path / "tmp").close()

    assert was_left
    assert not table.exists()


def test_only_its_own_folders_are_removed(tmp_path):
    dead, other = tmp_path / "steelyard-tables-dead", tmp_path / "tables-of-somebody"
    (dead / "spill").mkdir(parents=True)
    other.mkdir()
    (tmp_path / "steelyard-tables-link").symlink_to(other)

    scratch = Scratch(tmp_path)
    scratch.close()
    scratch.close()

    assert sorted(path.name for path in tmp_path.iterdir()) == ["steelyard-tables-link", "tables-of-somebody"]


def test_a_closed_folder_lets_go_of_its_lock(tmp_path):
    before = len(list(Path("/proc/self/fd").iterdir()))

    for _ in range(3):
        Scratch(tmp_path).close()

    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_starts_at_the_same_moment_do_not_take_each_others_folders(tmp_path):
    def start(_):
        scratch = Scratch(tmp_path)
        is_whole = (scratch.path / "spill").is_dir()
        scratch.close()
        return is_whole

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(start, range(2000)))

    assert not list(tmp_path.iterdir())
