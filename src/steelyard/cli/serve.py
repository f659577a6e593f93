"""``steelyard serve``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from steelyard.errors import ConfigError

__all__ = ["command"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_KEY = "secret.key"
_CONFIG = "steelyard.toml"


_LONGEST_MS = 60_000


@click.command("serve")
@click.argument("bundle", type=click.Path(path_type=Path), required=False)
@click.option("--config", "-c", type=click.Path(path_type=Path), help="Serve the newest bundle of this shop's file.")
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 picks one.  [default: 8787]")
@click.option("--workers", type=click.IntRange(1, 64), help="Threads that score requests.  [default: 2]")
@click.option("--state", type=click.Path(path_type=Path), help="Folder for events.  [default: state beside the bundle]")
@click.option("--key", type=click.Path(path_type=Path), help="Key file of the users' pseudonyms.")
@click.option("--register", type=click.Path(path_type=Path), help="Folder of who was erased, and who read histories.")
@click.option(
    "--answer-within-ms",
    type=click.IntRange(1, _LONGEST_MS),
    help="Later answers are popular items.  [default: 250, more where [decide] allows a longer p99]",
)
@click.option("--allow-host", multiple=True, help="Name the shop is asked by, besides addresses; * allows any.")
@click.option("--image-source", multiple=True, help="Where pages may load pictures from, such as https:.")
@click.option("--pictures", help="Folder, or https address, of the pictures that items name.")
@click.option("--example-users", type=click.IntRange(0, 100), help="Users of the log anybody may try.  [default: 0]")
@click.option("--tls-cert", type=_FILE, help="Certificate (PEM) to end TLS with; with --tls-key.")
@click.option("--tls-key", type=_FILE, help="The certificate's private key (PEM).")
@click.option("--behind-proxy", is_flag=True, default=None, help="A proxy of yours ends TLS; believe what it forwards.")
@click.option("--follow", is_flag=True, help="Go on with each bundle that is published, without a stop.")
@click.option("--rebuild", is_flag=True, help="Start `steelyard run` when so much was changed that it is due.")
@click.option("--new-admin-key", is_flag=True, help="Make a new administrator's key; the old one opens nothing more.")
@click.pass_obj
def command(serve: Callable[..., None] | None, /, bundle: Path | None, config: Path | None, **given: Any) -> None:
    """Serve a bundle: store front, decision page, HTTP API.

    BUNDLE is a bundle's folder or a folder of bundles; without it, the newest of the shop in ./steelyard.toml.
    On 127.0.0.1 nothing is asked. Another address needs TLS or a proxy, and the administrator's key for everything
    that is not for shoppers; the key is printed once, at the first such start.
    With --follow a bundle that is published later takes the place of the one before; no request fails over it.
    --rebuild makes such bundles as the catalogue changes: one run at a time, beside the server; it follows them.
    """
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")  # the threads of --workers share the cores already
    from steelyard.assembly import Tools  # noqa: PLC0415 - only now, after the number of threads is set

    folder, section = _find(bundle, config, is_followed=given.pop("follow"), is_rebuilt=given.pop("rebuild"))
    out = folder.parent if (folder / "bundle.json").is_file() else folder
    state, key = given.pop("state") or out / "state", given.pop("key")
    settings = {**section, **{name: value for name, value in given.items() if value is not None}}
    if serve is None:
        raise click.UsageError("no server was handed in: start with `steelyard` or `python -m steelyard`")
    settings |= {"key": partial(_key, key, state, out), "previous_key": partial(_previous, key, state, out)}
    serve(announce=_announce, hand_over=_hand_over, tools=Tools(), bundle=folder, state=state, **settings)


def _announce(name: str, address: str) -> None:
    click.echo(f"{name or 'Steelyard'} answers at {address}  (decision: {address}/decision, API: {address}/docs)")


def _hand_over(key: str, path: Path) -> None:
    click.echo(
        f"administrator's key: {key}\n  shown only now, keep it safe; {path} holds its hash. Send it as "
        "`Authorization: Bearer KEY`, or type it at /login"
    )


def _find(
    bundle: Path | None, config: Path | None, *, is_followed: bool = False, is_rebuilt: bool = False
) -> tuple[Path, dict[str, Any]]:
    """The bundle to serve, and the values of the ``serve`` section where a configuration was named."""
    if bundle is not None and config is not None:
        raise ConfigError("give a bundle or --config, not both")
    if bundle is not None and not (bundle / _CONFIG).is_file():
        if is_rebuilt:
            raise ConfigError(
                f"--rebuild starts `steelyard run`, which needs the shop's configuration, and {bundle} is a folder of "
                "bundles: name the file with -c, or leave --rebuild out"
            )
        return bundle, {"follow": is_followed}
    from steelyard.cli.opening import open_shop  # noqa: PLC0415 - as above

    path = config or bundle or Path(_CONFIG)
    opened = open_shop(path)
    out = opened.work / "bundles"
    section = opened.config.serve.model_dump() | ({"rebuild": "when_due"} if is_rebuilt else {})
    section["follow"] = is_followed = is_followed or section["rebuild"] == "when_due"
    if not opened.store.has("bundle") and not (is_followed and out.is_dir()):
        raise ConfigError(f"there is no bundle in {opened.work} yet: run `steelyard run` first")
    address = opened.tools.accounting.ledger_address(opened.config.cost.ledger)
    books: dict[str, Any] = {"work": opened.work, "ledger": address, "pictures": _pictures(opened)}
    books["timezone"] = opened.config.shop.timezone
    books["answer_within_ms"] = min(opened.config.decide.answer_within_ms, _LONGEST_MS)
    books["register"] = opened.base / opened.config.privacy.folder
    for name in ("tls_cert", "tls_key", "curation"):
        section[name] = None if section[name] is None else opened.base / section[name]
    newest = out if is_followed else opened.work / opened.store.read_json("bundle")["path"]
    items = opened.config.data.items
    words = {"decimal": items.decimal or "", "stock_words": items.stock_words, "not_offered": items.not_offered}
    books["run_argv"] = (sys.executable, "-P", "-m", "steelyard", "run", "-c", str(path))
    return newest, {**section, **books, **words}


def _pictures(opened: Any) -> str:
    """Where the shop's pictures lie; a folder is relative to the configuration file."""
    where: str = opened.config.shop.pictures
    return where if not where or "://" in where else str(opened.base / where)


def _key(named: Path | None, state: Path, out: Path) -> bytes:
    """The key of the users' pseudonyms: the one named, one that lies near, or a new one in the state folder."""
    found = _key_file(named, state, out)
    if found is not None:
        return found.read_bytes()
    if named is not None:
        raise ConfigError(f"no key file at {named}")
    from steelyard.cli.opening import pseudonym_key  # noqa: PLC0415 - only where there is no key yet

    click.echo(f"no key found near {out}: made {state / _KEY}; it cannot recognise users of the log", err=True)
    return pseudonym_key(state / _KEY)


def _key_file(named: Path | None, state: Path, out: Path) -> Path | None:
    near = [named] if named is not None else [folder / _KEY for folder in (state, out, out.parent)]
    return next((path for path in near if path.is_file()), None)


def _previous(named: Path | None, state: Path, out: Path) -> bytes | None:
    """The key before, while `steelyard privacy rotate-key` keeps it beside the key."""
    path = _key_file(named, state, out)
    before = path.with_name(f"{path.name}.previous") if path is not None else None
    return before.read_bytes() if before is not None and before.is_file() else None
