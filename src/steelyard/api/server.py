"""A real server: opens a bundle, listens on a socket, says where, and ends in good order."""

from __future__ import annotations

import gc
import logging
import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import uvicorn
from starlette.types import ASGIApp

from steelyard.api.admin_key import ADMIN_KEY_FILE, AdminKey
from steelyard.api.app import Work, create_app
from steelyard.api.book_routes import Books
from steelyard.api.bundle_told import told_of
from steelyard.api.changing import Changer, Pace
from steelyard.api.connections import allow_many_connections, connection_class
from steelyard.api.curator import Curator
from steelyard.api.data_routes import DataReports
from steelyard.api.deadline import Protection
from steelyard.api.exploration import ExplorationKeeper, ExplorationPort, resume
from steelyard.api.exposure import check_tls, exposure_of, listen
from steelyard.api.following import Follower
from steelyard.api.gate import Gate
from steelyard.api.people import PeopleWatch, Readings, SecretKeys
from steelyard.api.rebuilding import Rebuilder, rebuilds_of
from steelyard.api.tally import Meter, Tally, costs_of
from steelyard.assembly import Tools
from steelyard.data.changes.reading import Terms
from steelyard.data.privacy import Pseudonyms
from steelyard.serving.admission import Limits
from steelyard.serving.engine import Engine
from steelyard.serving.exploring import explorer_of
from steelyard.serving.service import About, Service
from steelyard.workflows.stored import stored_quality, stored_refusal

if TYPE_CHECKING:
    from steelyard.documents.progress import Progress

__all__ = ["Settings", "open_service", "serve"]

_log = logging.getLogger(__name__)
USAGE = "usage.jsonl"
"""The journal of the meters, beside the events."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a bundle is served."""

    bundle: Path
    """A bundle, or a folder of bundles."""
    state: Path
    """Folder of the event log."""
    key: Callable[[], bytes]
    """Gives the secret key of the users' pseudonyms; asked once the bundle was found whole."""
    tools: Tools = field(default_factory=Tools)
    """Open the bundle, and what is kept beside it."""
    host: str = "127.0.0.1"
    port: int = 8787
    """0 picks a free one."""
    workers: int = 2
    """Threads that score requests."""
    max_queue: int = 64
    """Requests waiting to be scored; above it the answer is the popular items."""
    deadline_s: float = 10.0
    """Absolute limit on one HTTP request."""
    answer_within_ms: float = 250.0
    """Later answers are the popular items, marked degraded."""
    allow_host: tuple[str, ...] = ()
    """Names the server may be asked by, besides addresses and ``localhost``; ``*`` allows any."""
    image_source: tuple[str, ...] = ()
    """Where the pages may load pictures from, besides the server itself."""
    pictures: str = ""
    """Where the pictures lie that items name without a host: a folder or an https address; nowhere when empty."""
    work: Path | None = None
    """The shop's work folder, for its books and the progress of its run; none where only a bundle is served."""
    ledger: str | None = None
    """Address of a ledger that is not in the work folder."""
    tls_cert: Path | None = None
    """PEM file of the certificate, where this server ends TLS itself."""
    tls_key: Path | None = None
    """PEM file of the certificate's private key, without a password."""
    behind_proxy: bool = False
    """Whether a proxy of the shop's stands in front: its forwarded headers are believed, and the key is asked for."""
    trust_user_ids: bool = False
    """Whether anybody may ask and store events under any user's identifier."""
    new_admin_key: bool = False
    """Whether to make a new administrator's key in place of the one there is."""
    example_users: int = 0
    """How many users of the log anybody may try, without learning who they are."""
    personal_search: float | str = "fitted"
    """Whether searches are put in a shopper's own order: as the bundle found, ``off``, or by a weight."""
    follow: bool = False
    """Whether each bundle that is published in the folder takes the place of the one before, without a stop."""
    curation: Path | None = None
    """File of the rules of merchandisers; none where nobody curates."""
    timezone: str = ""
    """In which the days of rules begin; UTC where it is empty."""
    decimal: str = ""
    """Decimal mark of prices that leave it open, ``comma`` or ``point``, where the shop says so."""
    stock_words: Mapping[str, bool] = field(default_factory=dict)
    """The shop's own words of stock, and whether each means that an item can be had."""
    not_offered: tuple[str, ...] = ()
    """Words in a title or category by which an item is never shown."""
    rebuild_share: float = 0.05
    """Share of the catalogue beside the bundle from which on another bundle should be made."""
    rebuild: str = "never"
    """Whether a run is started then: ``never``, or ``when_due``."""
    rebuild_pause_s: float = 900.0
    """Least time from the end of such a run to the start of the next."""
    run_argv: tuple[str, ...] = ()
    """Command of a run; empty where there is no configuration to run."""
    explore: Mapping[str, Any] = field(default_factory=dict)
    """The table ``[serve.explore]``; nothing is explored without."""
    look_every_s: float = 1.0
    """From one look for another bundle to the next."""
    progress: Callable[[], Progress | None] | None = None
    """Gives the progress of the run that makes the bundles; that of the work folder when left out."""
    previous_key: Callable[[], bytes | None] = lambda: None
    """Gives the key of the pseudonyms before, while it is kept."""
    register: Path | None = None
    """Folder of who was erased and who read people's data; one in the state folder when left out."""

    @property
    def register_folder(self) -> Path:
        """Where it is kept who was erased."""
        return self.register or self.state / "privacy"

    @property
    def bundles_folder(self) -> Path:
        """Where the bundles lie, and the changes since beside them."""
        return self.bundle.parent if (self.bundle / "bundle.json").is_file() else self.bundle

    @property
    def limits(self) -> Limits:
        """Limits on scoring."""
        return Limits(self.workers, self.max_queue, self.answer_within_ms / 1000)

    @property
    def protection(self) -> Protection:
        """Limits on requests."""
        return Protection(self.deadline_s, self.allow_host, self.picture_sources)

    @property
    def picture_sources(self) -> tuple[str, ...]:
        """Where pages may load pictures from, besides the server itself."""
        address = urlsplit(self.pictures)
        is_host = address.scheme == "https" and bool(address.netloc)
        return (*self.image_source, *((f"https://{address.netloc}",) if is_host else ()))


def serve(*, announce: Callable[[str, str], None], hand_over: Callable[[str, Path], None], **settings: Any) -> None:
    """Serve until the process is told to end (SIGTERM or SIGINT), then finish what was begun.

    Args:
        announce: Called once with the shop's name and the server's address, when it answers.
        hand_over: Called with a new administrator's key and where its hash is kept; it is shown only now.
        **settings: Fields of ``Settings``.

    Raises:
        ConfigError: The address cannot or may not be listened on.
        ArtefactError: The bundle is damaged.
        StorageError: The state folder cannot be written, or another server uses it.
    """
    chosen = Settings(**settings)
    has_tls = check_tls(chosen.tls_cert, chosen.tls_key)
    exposure = exposure_of(
        chosen.host, chosen.port, has_tls=has_tls, is_behind_proxy=chosen.behind_proxy, names=chosen.allow_host
    )
    with listen(exposure, chosen.port) as listener:
        seen = chosen.tools.bundles.pointer(chosen.bundle) if chosen.follow else ""
        service = open_service(chosen)
        gate = _gate(chosen, hand_over, is_guarded=exposure.is_guarded, has_tls=has_tls)
        address = _address(chosen.host, listener.getsockname()[1], has_tls=has_tls)
        started = partial(announce, service.about.shop.name, address)
        tally = Tally()
        work = Work(_books(chosen), _progress(chosen), _data(chosen))
        readings = Readings()
        changer = _changer(chosen, service)
        app = create_app(
            service,
            protection=chosen.protection,
            on_start=started,
            tally=tally,
            work=work,
            gate=gate,
            readings=readings,
            changer=changer,
        )
        meter = _meter(chosen, service, tally)
        follower = _follower(chosen, service, meter, changer, seen=seen)
        changer.start()
        gc.collect()
        gc.freeze()  # the models stay for good: no need to look through them again
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _end_quietly)  # uvicorn sends the signal on once it has finished
        people = _people(chosen, service, readings)
        people.start()
        meter.start()
        curator = Curator(service, chosen.curation, timezone=chosen.timezone, every_s=chosen.look_every_s / 2)
        curator.start()
        if chosen.follow:
            follower.start()
        try:
            with _rebuilder(chosen, changer), ExplorationKeeper(service.explorer, _explored(chosen)):
                _run(app, listener, chosen)
        finally:
            follower.close()
            changer.close()
            curator.close()
            people.close()
            service.close()
            meter.close()


def _books(settings: Settings) -> Books | None:
    if settings.work is None:
        return None
    tools, work = settings.tools, settings.work
    return Books(tools.files.artefacts(work), lambda: tools.accounting.ledger(work, settings.ledger))


def _gate(settings: Settings, hand_over: Callable[[str, Path], None], *, is_guarded: bool, has_tls: bool) -> Gate:
    """Asks for the key where more than this machine reaches the server; a key is made at the first such start."""
    path = settings.state / ADMIN_KEY_FILE
    kept = AdminKey.read(path) if is_guarded and not settings.new_admin_key else None
    if settings.new_admin_key or (is_guarded and kept is None):
        key, kept = AdminKey.make()
        kept.write(path, now=datetime.now(UTC))
        hand_over(key, path)
    return Gate(
        kept if is_guarded else None,
        is_behind_proxy=settings.behind_proxy,
        trusts_user_ids=settings.trust_user_ids,
        is_tls=has_tls,
    )


def _meter(settings: Settings, service: Service, tally: Tally) -> Meter:
    journal = settings.tools.accounting.journal(settings.state / USAGE)
    return Meter(tally, journal.append, costs_of(service.about.decision), now=lambda: datetime.now(UTC))


def _people(settings: Settings, service: Service, readings: Readings) -> PeopleWatch:
    """Hears of erasures and of a new key."""
    privacy = settings.tools.privacy
    return PeopleWatch(
        service,
        privacy.register(settings.register_folder),
        keys=SecretKeys(settings.key, settings.previous_key),
        carry=lambda moved: privacy.rename_events(settings.state, moved),
        readings=readings,
        now=lambda: datetime.now(UTC),
    )


def _progress(settings: Settings) -> Callable[[], Progress | None] | None:
    if settings.progress is not None or settings.work is None:
        return settings.progress
    read = settings.tools.serving.progress(settings.work).read
    return read


def _data(settings: Settings) -> Callable[[], DataReports] | None:
    if settings.work is None:
        return None
    store = settings.tools.files.artefacts(settings.work)

    def read() -> DataReports:
        trained = stored_quality(store) if store.has("data") else None
        return DataReports(trained, stored_refusal(store))

    return read


def _changer(settings: Settings, service: Service) -> Changer:
    """Takes changes of the catalogue beside the bundles, and has the service answer with them."""
    currency, hidden = service.about.shop.currency, settings.not_offered
    terms = Terms(currency, settings.decimal, settings.stock_words, not_offered=hidden)
    return Changer(
        service,
        partial(settings.tools.bundles.changes, settings.bundles_folder),
        terms=terms,
        now=lambda: datetime.now(UTC).isoformat(timespec="milliseconds"),
        pace=Pace(rebuild_share=settings.rebuild_share),
    )


def _rebuilder(settings: Settings, changer: Changer) -> Rebuilder:
    """Starts runs as the catalogue changes, where the shop wants that."""
    rebuilds = None
    if settings.rebuild == "when_due":
        folder = settings.tools.workers.rebuilds(settings.bundles_folder / "rebuild", settings.run_argv)
        rebuilds = rebuilds_of(folder, changer, progress=_progress(settings), pause_s=settings.rebuild_pause_s)
    return Rebuilder(rebuilds, every_s=settings.look_every_s)


def _follower(settings: Settings, service: Service, meter: Meter, changer: Changer, *, seen: str) -> Follower:
    """Has the service and the meters go on with each bundle that is published."""
    bundles = settings.tools.bundles

    def opened() -> tuple[Engine, About] | None:
        bundle = bundles.open(settings.bundle)
        return None if bundle.digest == service.about.digest else (bundle.engine(), told_of(bundle, settings))

    def take(engine: Engine, about: About) -> None:
        changer.swap(engine, about)
        meter.follow(costs_of(about.decision))

    settle_s = settings.limits.answer_within_s + settings.look_every_s
    pointer = partial(bundles.pointer, settings.bundle)
    return Follower(pointer, opened, take, seen=seen, every_s=settings.look_every_s, settle_s=settle_s)


def open_service(settings: Settings) -> Service:
    """The service of a bundle, asked once on each surface so that nothing is left to load."""
    allow_many_connections()
    bundle = settings.tools.bundles.open(settings.bundle)
    about = told_of(bundle, settings)
    erased = settings.tools.privacy.register(settings.register_folder).erased()
    settings.tools.privacy.erase_events(settings.state, erased)  # a restored log may know them again
    service = Service(
        bundle.engine(),
        about,
        events=settings.tools.serving.events(settings.state),
        pseudonym=Pseudonyms(settings.key()),
        now=lambda: datetime.now(UTC),
        limits=settings.limits,
    )
    service.explorer = explorer_of(settings.explore, bundle=about.digest)
    if service.explorer is not None:
        resume(service.explorer, _explored(settings))
    service.forget(erased)
    service.warm_up()
    return service


def _explored(settings: Settings) -> ExplorationPort:
    """Where is kept what a place that explores has learnt."""

    def keys() -> list[bytes]:
        return [key for key in (settings.key(), settings.previous_key()) if key is not None]

    return settings.tools.serving.exploration(settings.state, keys)


def _run(app: ASGIApp, listener: socket.socket, settings: Settings) -> None:
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=connection_class(settings.deadline_s),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=max(1, round(settings.deadline_s)),
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _address(host: str, port: int, *, has_tls: bool) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"{'https' if has_tls else 'http'}://{shown}:{port}"


def _end_quietly(number: int, _: object) -> None:
    _log.info("event=ended signal=%d", number)
