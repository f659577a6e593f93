"""Counts of people that may be shown to anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from steelyard.data.privacy.least_counts import Published, published, with_noise
from steelyard.errors import DataError, StageError
from steelyard.workflows.privacy.erase import note, register_of

if TYPE_CHECKING:
    from steelyard.workflows.privacy.ports import PrivacyShop

__all__ = ["GROUPS", "publish"]

GROUPS = ("query", "item", "category", "kind", "platform")


def publish(shop: PrivacyShop, by: str, *, epsilon: float | None = None, most_groups: int = 1) -> Published:
    """Distinct people of each group: none that is small, or with noise of a stated privacy loss.

    Args:
        shop: An opened shop whose log was prepared.
        by: One of ``GROUPS``.
        epsilon: Privacy loss; without it numbers are rounded to multiples of ``[privacy] least_people``.
        most_groups: Groups that one person counts in, where noise is added.

    Returns:
        What may be shown. With noise: discrete Laplace of scale ``most_groups`` / ``epsilon``.

    Raises:
        StageError: The log was not prepared.
        DataError: Queries with noise were asked for, whose very text may tell of a person; or the month's privacy loss
            would be exceeded.
        MissingExtra: OpenDP is not installed.
    """
    if not shop.store.has("data"):
        raise StageError("the log was not prepared yet: run `steelyard prepare`")
    folder, least = shop.store.path("data"), shop.config.privacy.least_people
    if epsilon is None:
        found = published(shop.tools.privacy.people_by(folder, by), least=least)
    else:
        if by in ("query", "platform"):
            raise DataError(
                f"the words of a {by} come from people, and noise on counts does not hide them: publish --by {by} "
                "without --epsilon, or count items or categories"
            )
        people = shop.tools.privacy.people_by(folder, by, most_groups=most_groups)
        now, limit = shop.tools.clock.now(), shop.config.privacy.epsilon_per_month
        drawn = shop.tools.privacy.noise(len(people), scale=most_groups / epsilon)
        register_of(shop).spend(f"{now:%Y-%m}", epsilon, most=limit, what=f"people by {by}")
        found = with_noise(people, dict(zip(sorted(people), drawn, strict=True)), least=least)
    note(shop, "publish", f"people by {by}")
    return found
