"""A log of events in columns, drawn from a seed."""

import numpy as np

from steelyard.data.features.columns import EventColumns, Rows

KINDS = np.array(["impression", "view", "click", "add_to_cart", "purchase"])
HOUR_MS = 3_600_000
START_MS = 1_735_689_600_000


def log_of(n, *, seed=0, days=40, users=60, items=25):
    generator = np.random.default_rng(seed)
    kind = KINDS[generator.choice(len(KINDS), n, p=[0.5, 0.25, 0.15, 0.06, 0.04])]
    user = np.char.add("u", generator.integers(0, users, n).astype(str))
    user[generator.random(n) < 0.05] = ""
    looks = np.isin(kind, ("view", "click"))
    return EventColumns(
        np.char.add("e", np.arange(n).astype(str)),
        np.sort(START_MS + generator.integers(0, days * 24 * HOUR_MS, n)),
        kind,
        {"user": user, "item": np.char.add("i", (generator.zipf(1.3, n) % items).astype(str))},
        {"dwell_ms": np.where(looks, generator.integers(0, 90_000, n), 0)},
    )


def rows_of(time_ms, *, seed=1, users=60, items=25):
    generator = np.random.default_rng(seed)
    n = len(time_ms)
    user = np.char.add("u", generator.integers(0, users + 2, n).astype(str))
    user[::17] = ""
    return Rows(
        np.asarray(time_ms, np.int64),
        {"user": user, "item": np.char.add("i", generator.integers(0, items + 2, n).astype(str))},
    )
