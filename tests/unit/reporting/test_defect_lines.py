from decimal import Decimal

from steelyard.cli.cost.grid import wrapped
from steelyard.documents.defect_prices import DefectPrice, DefectPrices, Unpriced
from steelyard.reporting.defect_lines import defect_lines


def price(reason, change, low, high, loss=None):
    ends = (
        {} if loss is None else dict(zip(("loss_per_month", "loss_low", "loss_high"), map(Decimal, loss), strict=True))
    )
    return DefectPrice(
        table="events", reason=reason, count=1234, share=0.021, surface="recommend", model="item-knn",
        metric="ndcg@10(judged)", clean=0.2, change=change, low=low, high=high, n_seeds=4, **ends,
    )  # fmt: skip


def prices(*rows, currency="EUR"):
    left = (Unpriced(table="items", reason="text_html", count=5000, why="mended"),)
    return DefectPrices(seed=1, currency=currency, value_kind="assumed", rows=rows, unpriced=left)


def test_a_loss_is_told_with_its_interval_and_a_gain_is_not_a_negative_loss():
    rows = (
        price("traffic_fast", -0.009, -0.012, -0.004, (310, 140, 420)),
        price("event_duplicate", 0.002, 0.001, 0.003, (-70, -100, -30)),
    )

    lines = defect_lines(prices(*rows), language="en")

    assert lines[1:4] == [
        "traffic_fast: 1,234 rows of events (2.10%)",
        "  recommend (item-knn): -0.90 % ndcg@10 (95 %: -1.20 to -0.40 %)",
        "  about 310 EUR of loss a month (140 to 420, assumed)",
    ]
    assert "  about 70 EUR of gain a month (30 to 100, assumed)" in lines
    assert lines[-2:] == ["Nothing: it is mended on reading", "  text_html (5,000)"]


def test_what_may_be_chance_is_no_loss():
    chance = price("clock_midnight", 0.003, -0.001, 0.006, (-400, -900, 70))
    same = price("items_near_duplicate", 0.0, 0.0, 0.0, (0, 0, 0))

    lines = defect_lines(prices(chance, same), language="en")

    assert "  which may be nothing: between 900 EUR gained and 70 EUR lost a month" in lines
    assert "  no difference: the model ranks as before" in lines


def test_the_lines_fit_a_screen_of_80_cells_in_both_languages():
    rows = [price("traffic_around_clock", -0.0912, -0.1234, -0.0456, (3_123_456, 1_234_567, 5_234_567))]

    for language in ("en", "zh"):
        for found in (prices(*rows), prices(price("x", -0.1, -0.2, 0.1), currency="")):
            lines = defect_lines(found, language=language)
            assert all(len(wrapped(line, 80)) == 1 for line in lines if "elasticity" not in line)
    assert "  每月约损失 3,123,456 EUR（1,234,567 ~ 5,234,567，假设）" in defect_lines(prices(*rows), language="zh")
