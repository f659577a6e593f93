"""Erasing people from all that is stored, with a receipt; looking for what is left; verifying the receipt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from steelyard.data.privacy import Pseudonyms
from steelyard.data.privacy.change import Change, Touched
from steelyard.data.privacy.sealing import digest_of, is_sealed, seal_of
from steelyard.data.same_people import Joined
from steelyard.documents.access_line import AccessLine
from steelyard.documents.erasure import ModelRow, PlaceRow, Receipt, erasure_builtins, read_erasure
from steelyard.errors import ArtefactError, DataError
from steelyard.workflows.stored import stored_people

if TYPE_CHECKING:
    from steelyard.workflows.privacy.ports import Looked, PrivacyShop, Register

__all__ = ["Verified", "erase", "known_as", "look_for", "note", "readmit", "reapply", "register_of", "verify_receipt"]

RETRAIN_WITHIN = timedelta(hours=24)
_HEARS_S = 1.0
"""A running server has heard of an erasure after so long, and stores nothing more of the person."""
_FITTED = ("recommend/", "tuned/")
"""What is fitted to behaviour. None holds a pseudonym; ``user-knn`` holds rows of people without one until it is fitted
again."""


def register_of(shop: PrivacyShop) -> Register:
    """The shop's register."""
    return shop.tools.privacy.register(shop.base / shop.config.privacy.folder)


def known_as(shop: PrivacyShop, raw: Collection[str]) -> frozenset[str]:
    """Pseudonyms of raw identifiers under every key that is kept, and of all others of the same people."""
    keys = shop.tools.privacy.keys(shop.work)
    kept = [keys.current(), keys.previous()]
    named = frozenset(Pseudonyms(key)(one) for key in kept if key is not None for one in raw if one)
    return Joined(stored_people(shop.store)).others_of(named)


def erase(shop: PrivacyShop, raw: Sequence[str], *, states: Sequence[Path] = ()) -> tuple[Receipt, Path]:
    """Erase people from everything that is stored, while a server goes on.

    Args:
        shop: An opened shop.
        raw: The shop's own identifiers of the people; they are written nowhere.
        states: Folders of event logs that lie elsewhere.

    Returns:
        The sealed receipt and its file.

    Raises:
        DataError: Nobody was named.
        ArtefactError: Something stored is damaged.
        StorageError: The disk refuses; the same call goes on with the rest.
    """
    named = [one for one in dict.fromkeys(raw) if one]
    if not named:
        raise DataError("nobody is named: give --user ID, or --user-file FILE with one identifier a line")
    people = known_as(shop, named)
    register = register_of(shop)
    register.erase(people)  # first of all: from now on neither a load nor a server takes anything more of them
    return _erased(shop, register, people, n_people=len(named), states=states)


def reapply(shop: PrivacyShop, *, states: Sequence[Path] = ()) -> tuple[Receipt, Path]:
    """Erase everybody on the list once more: after a backup was restored.

    Args:
        shop: An opened shop.
        states: Folders of event logs that lie elsewhere.

    Returns:
        The sealed receipt and its file.
    """
    register = register_of(shop)
    people = register.erased()
    return _erased(shop, register, people, n_people=len(people), states=states)


def readmit(shop: PrivacyShop, raw: Sequence[str]) -> int:
    """Let people be known again who agreed to it; what was erased does not come back but by a load of the shop's files.

    Args:
        shop: An opened shop.
        raw: The shop's own identifiers.

    Returns:
        How many of them had been erased.
    """
    register = register_of(shop)
    n = register.readmit(known_as(shop, raw))
    note(shop, "readmit", f"{n} people")
    return n


def look_for(shop: PrivacyShop, raw: Sequence[str], *, roots: Sequence[Path] = (), is_raw_only: bool = False) -> Looked:
    """Where people stand in all that is stored: their pseudonyms, and their identifiers as they are.

    Args:
        shop: An opened shop.
        raw: The shop's own identifiers.
        roots: Further folders, for example backups.
        is_raw_only: Whether to look for the identifiers themselves, and not for pseudonyms.

    Returns:
        Occurrences by file. The list of the erased is left out: it must know them.
    """
    register = register_of(shop)
    found = shop.tools.privacy.traces(
        [shop.work, register.folder, *roots],
        pseudonyms=() if is_raw_only else known_as(shop, raw),
        raw=raw,
        without=[register.folder / "erased.txt"],
    )
    note(shop, "scan", f"{len(raw)} people")
    return found


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found of a receipt."""

    receipt: Receipt
    is_genuine: bool
    """Whether the shop's key sealed it, and nothing was changed since."""
    n_traces: int = 0
    """Of anybody on the list of the erased, in all that is stored now."""
    models_left: tuple[str, ...] = ()
    """Models that were not fitted again since."""


def verify_receipt(shop: PrivacyShop, content: bytes) -> Verified:
    """Check a receipt's seal, and that what it says still holds.

    Args:
        shop: The shop that it is of.
        content: Of the file.

    Returns:
        What was found; a receipt that is not genuine is looked into no further.

    Raises:
        ArtefactError: It is no receipt.
    """
    receipt = read_erasure(content)
    register = register_of(shop)
    if not is_sealed(erasure_builtins(receipt), register.key()):
        return Verified(receipt, is_genuine=False)
    looked = _look(shop, register, register.erased())
    left = tuple(row.name for row in receipt.models if shop.store.digest(row.name) == row.digest)
    return Verified(receipt, is_genuine=True, n_traces=sum(looked.found.values()), models_left=left)


def _erased(
    shop: PrivacyShop, register: Register, people: frozenset[str], *, n_people: int, states: Sequence[Path]
) -> tuple[Receipt, Path]:
    clock = shop.tools.clock
    began, began_s = clock.now(), clock.monotonic_s()
    holdings = shop.tools.privacy.holdings(shop.work, states)
    change = Change(erased=people)
    touched = holdings.apply(change)
    if holdings.is_served:
        clock.sleep(_HEARS_S)
        touched += holdings.logs(change)  # what the server stored before it heard of it
    looked = _look(shop, register, people)
    if looked.found:
        raise ArtefactError(
            f"{sum(looked.found.values())} traces are left in {', '.join(sorted(looked.found)[:5])}: was a run going "
            "on? Run the same command again; the people stay on the list"
        )
    receipt = Receipt(
        id=f"{began:%Y%m%dT%H%M%S}-{digest_of(people, register.key())[:8]}",
        shop=shop.config.shop.name,
        erased_at=began.isoformat(timespec="seconds"),
        n_people=n_people,
        people=digest_of(people, register.key()),
        places=_places(touched),
        models=_models(shop),
        retrain_by=(began + RETRAIN_WITHIN).isoformat(timespec="seconds"),
        not_ours=_files_of(shop),
        n_files=looked.n_files,
        n_bytes=looked.n_bytes,
        n_traces=sum(looked.found.values()),
        seconds=round(clock.monotonic_s() - began_s, 3),
    )
    receipt = replace(receipt, seal=seal_of(erasure_builtins(receipt), register.key()))
    path = register.write_receipt(receipt)
    note(shop, "erase", f"{n_people} people")
    return receipt, path


def _look(shop: PrivacyShop, register: Register, people: frozenset[str]) -> Looked:
    roots = [shop.work, register.folder]
    return shop.tools.privacy.traces(roots, pseudonyms=people, without=[register.folder / "erased.txt"])


def _places(touched: Sequence[Touched]) -> tuple[PlaceRow, ...]:
    sums: Counter[str] = Counter()
    for one in touched:
        sums[one.place] += one.n_rows
    return tuple(PlaceRow(place=place, n_rows=n) for place, n in sums.items())


def _models(shop: PrivacyShop) -> tuple[ModelRow, ...]:
    done = [name for stage in ("train", "compress") for name in shop.store.names(f"steps/{stage}/")]
    names = [name for name in done if name.split("/", 2)[2].startswith(_FITTED)]
    return tuple(ModelRow(name=name, digest=shop.store.digest(name)) for name in names)


def _files_of(shop: PrivacyShop) -> tuple[str, ...]:
    data = shop.config.data
    sources = (data.events, data.judgements, data.users, data.same_users, data.answers)
    return tuple(one.path for source in sources if source is not None for one in (source, *source.join))


def note(shop: PrivacyShop, purpose: str, what: str) -> None:
    """Add a line of the command line to the log of who read people's data."""
    now = shop.tools.clock.now().isoformat(timespec="seconds")
    register_of(shop).note(AccessLine(at=now, who="command line", purpose=purpose, what=what))
