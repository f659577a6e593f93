"""How long ago each item of a history was, seen from each of its places: what attention may look at besides the order.

Source: Zhai et al. 2024, "Actions Speak Louder than Words" (HSTU), arXiv:2402.17152: bias by logarithms of time.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from steelyard.domain import FloatArray, IntArray, Request

__all__ = ["N_AGES", "age_steps", "asked_times"]

N_AGES = 24
"""Steps of an age: within a minute, then each twice as long as the one before; the last is eight years and more."""
_STEP_S = 60.0


def age_steps(times_s: FloatArray, asked_s: FloatArray) -> npt.NDArray[np.int64]:
    r"""How long before each place is asked each item was, in steps of :math:`\lfloor\log_2(1 + minutes)\rfloor`.

    Args:
        times_s: Of the items, in seconds. Shape (..., n).
        asked_s: When what comes after each of them is asked, or came. Shape (..., n).

    Returns:
        By place that is asked and item, in [0, ``N_AGES``); 0 where the item is later than the question. Shape
        (..., n, n).
    """
    minutes = np.maximum(asked_s[..., :, None] - times_s[..., None, :], 0.0) / _STEP_S
    exponents = np.frexp(1.0 + minutes)[1] - 1
    return np.asarray(np.minimum(exponents, N_AGES - 1), np.int64)


def asked_times(request: Request, items: IntArray) -> tuple[FloatArray, FloatArray]:
    """When items of a request were, and when what came after each of them did, or is asked.

    An item that the past does not reach back to counts as old as the oldest that is known. Where no time is known, and
    for items that are asked about, all are of one time: then only the order tells anything.

    Args:
        request: The question, with the past of its user.
        items: Of its history or those asked about, oldest first. Shape (n,).

    Returns:
        Seconds. Shapes (n,) and (n,).
    """
    known = {} if request.items else dict(zip(request.past.items, request.past.times_s, strict=True))
    found = [known.get(item) for item in items.tolist()]
    oldest = min((time for time in found if time is not None), default=None)
    if oldest is None:
        return np.zeros(len(items)), np.zeros(len(items))
    times = np.array([oldest if time is None else time for time in found], np.float64)
    latest = times[-1] if request.asked_s is None else request.asked_s
    return times, np.append(times[1:], latest)
