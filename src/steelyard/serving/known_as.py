"""Under which pseudonym a user is known: the person's, of today's key, and while that was changed the one before."""

from __future__ import annotations

from collections.abc import Callable, Mapping

__all__ = ["KnownAs"]

_MOST_CARRIED = 100_000
"""People whose events wait to be given their new pseudonym."""


class KnownAs:
    """Pseudonyms of users, without those of people who were erased.

    Args:
        pseudonym: From a raw user identifier to its keyed pseudonym.
    """

    def __init__(self, pseudonym: Callable[[str], str]) -> None:
        self._pseudonym = pseudonym
        self._before: Callable[[str], str] | None = None
        self._carried: dict[str, str] = {}
        self._joined: set[str] = set()
        self._person_of: Mapping[str, str] = {}
        self.erased: frozenset[str] = frozenset()
        """Pseudonyms of everybody who was erased."""

    def join(self, person_of: Mapping[str, str]) -> None:
        """Know people by one pseudonym who have several identifiers, from now on.

        Args:
            person_of: From a pseudonym to the one that stands for the person.
        """
        self._person_of, self._joined = person_of, set()

    def rekey(self, pseudonym: Callable[[str], str], before: Callable[[str], str] | None) -> None:
        """Go on under another key.

        Args:
            pseudonym: Of the new key.
            before: Of the key before, while it is kept.
        """
        self._pseudonym, self._before = pseudonym, before
        self._carried.clear()

    def carried(self) -> dict[str, str]:
        """People who came since the last call, by the pseudonym that they had before: that of today.

        They had another under the key before, or before it was known that two identifiers are one person.
        """
        found, self._carried = self._carried, {}
        return found

    def before(self, user: str, aliases: Mapping[str, str]) -> str:
        """The pseudonym under the key before; empty where there is none, or the person was erased."""
        old = self._before(user) if self._before is not None and user not in aliases else ""
        return "" if old in self.erased else old

    def now(self, user: str, aliases: Mapping[str, str]) -> str:
        """The pseudonym under which a user is known; empty for somebody who was erased.

        Args:
            user: The shop's own identifier.
            aliases: Pseudonyms of the users to try, by the names that anybody may use.

        Returns:
            Who comes for the first time since the key was changed is remembered for ``carried``.
        """
        name = aliases.get(user) or self._pseudonym(user)
        person = self._person_of.get(name, name)
        if name in self.erased or person in self.erased:
            return ""
        if person != name and name not in self._joined and len(self._carried) < _MOST_CARRIED:
            self._joined.add(name)
            self._carried[name] = person
        name = person
        if self._before is not None and name and user not in aliases:
            old = self._before(user)
            if old in self.erased:
                return ""
            if len(self._carried) < _MOST_CARRIED:
                self._carried[old] = name
        return name
