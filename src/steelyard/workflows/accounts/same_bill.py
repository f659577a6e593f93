"""Finds what a ledger holds of the bills that come again: by provider with account and month, or with the invoice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from steelyard.ledger.entries import Entry, LedgerPort, Month, reversal
from steelyard.ledger.invoices.charges import Bookings, Charge, charges_of

__all__ = ["EarlierBilling", "earlier_billing", "issuer_of", "two_forms"]

_TAKEN_BACK = "/taken-back"
_PROVIDERS = (
    ("amazon", "aws"), ("aws", "aws"), ("azure", "microsoft"), ("microsoft", "microsoft"), ("google", "google"),
    ("gcp", "google"), ("alibaba", "alibaba"), ("aliyun", "alibaba"), ("阿里云", "alibaba"),
)  # fmt: skip
"""One provider under several names: how they begin."""

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EarlierBilling:
    """What a ledger holds of the bills of some files."""

    stale: tuple[Entry, ...]
    """Entries that the files do not have and nobody reversed; or what booked them again."""
    beside: tuple[Entry, ...]
    """Those of them that another issuer asks for, or in another currency: a further invoice of the account, or the same
    bill in another form."""
    gone: tuple[Entry, ...]
    """What reversed entries that the files have."""

    @staticmethod
    def reversing_entry(entry: Entry, *, why: str = "not in a later version of the bill") -> Entry:
        """What reverses an entry; reversed itself, it is booked again."""
        text = f"{why}: {entry.text.partition(': ')[2] if entry.corrects else entry.text}"
        return reversal(entry, entry_id=f"{entry.id}{_TAKEN_BACK}", on=entry.on, text=text)


def earlier_billing(ledger: LedgerPort, charges: Sequence[Charge], booked: Bookings) -> EarlierBilling:
    """What the ledger holds of the same bills, whichever month it fell in.

    Args:
        ledger: All its months are looked through.
        charges: Lines of the files, each with its digest.
        booked: Their entries.

    Returns:
        What the files lack, and what they have again. Of lines that come back from an export only the months of their
        entries are looked through: an export holds a month of the ledger, and not the bill.
    """
    wanted = {entry.id for entry in booked.entries}
    views = sorted({entry.view for entry in booked.entries})
    bills = {key for charge in charges for key in _keys(charge)}
    payees = {_payee(charge) for charge in charges}
    months = set(ledger.months())
    if all(charge.is_exported for charge in charges):
        months &= {entry.month for entry in booked.entries}
    held = [
        entry
        for month in sorted(months)
        for view in views
        for entry in ledger.iter_entries(month, view=view)
        if entry.id.startswith("bill/")
    ]
    stale: list[Entry] = []
    beside: list[Entry] = []
    gone: list[Entry] = []
    for entry, line, times in _last_of_lines(held):
        if entry.id in wanted:
            continue
        if times % 2 and line in wanted:
            gone.append(entry)
        elif times % 2 == 0 and line not in wanted:
            for charge in charges_of([entry]):
                if any(key in bills for key in _keys(charge)):
                    (stale if _payee(charge) in payees else beside).append(entry)
    return EarlierBilling(tuple(stale), tuple(beside), tuple(gone))


def two_forms(charges: Sequence[Charge], files: Sequence[int], kinds: Sequence[str]) -> tuple[str, str, str] | None:
    """A bill that is in two of the files, which are of different kinds and tell the same view.

    Args:
        charges: Lines of all files.
        files: By line, the number of its file.
        kinds: By file.

    Returns:
        The two kinds and the bill in words; ``None`` where there is none.
    """
    if len(set(kinds)) < 2:
        return None
    found: dict[tuple[Key, str], str] = {}
    for charge, at in zip(charges, files, strict=True):
        for view in ("billed", "effective"):
            if getattr(charge, view) is None:
                continue
            for key in _keys(charge):
                known = found.setdefault((key, view), kinds[at])
                if known != kinds[at]:
                    invoice = charge.invoice or str(Month.of(charge.billing.start.date()))
                    return known, kinds[at], f"{charge.provider}, {charge.account}, {invoice}"
    return None


def issuer_of(charge: Charge) -> str:
    """Who asks for the money: a reseller, or the provider."""
    return charge.other.get("InvoiceIssuerName") or charge.provider


def _last_of_lines(held: Sequence[Entry]) -> Iterator[tuple[Entry, str, int]]:
    """The last entry of each line of a bill that nobody corrected, the line's first, and how many there are between."""
    corrected = {entry.corrects for entry in held}
    for entry in held:
        line, *times = entry.id.split(_TAKEN_BACK)
        is_by_hand = entry.corrects and not times
        if entry.id not in corrected and not is_by_hand:
            yield entry, line, len(times)


def _keys(charge: Charge) -> Iterator[Key]:
    """What tells a bill: its account and month, or its number; accounts and names are written in several ways."""
    provider = _known(charge.provider)
    account = _folded(charge.account.rstrip("/").rpartition("/")[2]).lstrip("0")
    yield provider, account, str(Month.of(charge.billing.start.date()))
    if charge.invoice:
        yield (*_payee(charge), _folded(charge.invoice))


def _payee(charge: Charge) -> Key:
    """Who asks for the money, and in which currency."""
    known = charge.billed or charge.effective
    return _known(issuer_of(charge)), "" if known is None else known.currency


def _known(name: str) -> str:
    folded = _folded(name)
    return next((known for begin, known in _PROVIDERS if folded.startswith(begin)), folded)


@lru_cache(maxsize=4096)
def _folded(name: str) -> str:
    return "".join(each for each in name.casefold() if each.isalnum())
