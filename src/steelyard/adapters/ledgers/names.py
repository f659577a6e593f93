"""Numbers of accounts and cost centres, as the tables of a ledger name them, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from steelyard.domain import Stage
from steelyard.errors import ArtefactError
from steelyard.ledger.entries import CostCentre

__all__ = ["Names", "reading_rows"]

_NO_CENTRE = ("",) * 5


@contextmanager
def reading_rows(ledger: object) -> Iterator[None]:
    """Turn rows into entries or balances; a word or number in them that no ledger writes is damage.

    Args:
        ledger: How to call it in the message.

    Yields:
        Nothing.

    Raises:
        ArtefactError: A row cannot have been written by a ledger.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise ArtefactError(
            f"{ledger} was changed from outside: a row of it holds {error}; put a copy of it back, it was left as it is"
        ) from error


class Names:
    """What a ledger's tables of names hold, as far as it was read.

    Names are numbered from 1 without gaps, since none is ever removed: to know more, read those above ``n_accounts``
    and ``n_centres``.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Know nothing: what was numbered is not in the ledger after all."""
        self.accounts: dict[str, int] = {}
        self._path_of: dict[int, str] = {}
        self._centres: dict[tuple[str, ...], int] = {}
        self._centre_at: dict[int, CostCentre | None] = {}
        self._new_accounts: list[tuple[int, str]] = []
        self._new_centres: list[tuple[Any, ...]] = []

    @property
    def n_accounts(self) -> int:
        """How many accounts are known; the number of the last."""
        return len(self._path_of)

    @property
    def n_centres(self) -> int:
        """How many cost centres are known; the number of the last."""
        return len(self._centre_at)

    def learn(self, accounts: Iterable[Sequence[Any]], centres: Iterable[Sequence[Any]]) -> None:
        """Take in rows of the ledger: number and path; number, stage, model, configuration, team, experiment."""
        for number, path in accounts:
            self._add_account(number, path)
        for number, *row in centres:
            self._add_centre(number, tuple(row), CostCentre(Stage(row[0]), *row[1:]) if row[0] else None)

    def account(self, path: str) -> int:
        """Number of an account, the next one where it is new."""
        if path not in self.accounts:
            self._add_account(self.n_accounts + 1, path)
            self._new_accounts.append((self.n_accounts, path))
        return self.accounts[path]

    def centre(self, centre: CostCentre | None) -> int:
        """Number of a cost centre, the next one where it is new."""
        row = _NO_CENTRE
        if centre is not None:
            row = (str(centre.stage), centre.model, centre.configuration, centre.team, centre.experiment)
        if row not in self._centres:
            self._add_centre(self.n_centres + 1, row, centre)
            self._new_centres.append((self.n_centres, *row))
        return self._centres[row]

    def take_new(self) -> tuple[list[tuple[int, str]], list[tuple[Any, ...]]]:
        """Rows of the accounts and of the cost centres numbered since the last call; the ledger must keep them."""
        taken = self._new_accounts, self._new_centres
        self._new_accounts, self._new_centres = [], []
        return taken

    def path_of(self, account: int) -> str:
        """Path of a numbered account."""
        return self._path_of[account]

    def centre_at(self, number: int) -> CostCentre | None:
        """A numbered cost centre."""
        return self._centre_at[number]

    def at_or_below(self, account: str) -> list[int]:
        """Numbers of an account and of those below it; of all where it is empty."""
        below = f"{account}/"
        return [number for path, number in self.accounts.items() if not account or f"{path}/".startswith(below)]

    def _add_account(self, number: int, path: str) -> None:
        self.accounts[path] = number
        self._path_of[number] = path

    def _add_centre(self, number: int, row: tuple[str, ...], centre: CostCentre | None) -> None:
        self._centres[row] = number
        self._centre_at[number] = centre
