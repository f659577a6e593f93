"""``steelyard features``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click

from steelyard.cli.labels.screen import print_rows, print_sentences
from steelyard.cli.opening import config_option, open_shop
from steelyard.documents.feature_table import FeatureTable, feature_table_builtins

__all__ = ["command"]


@click.command("features")
@config_option
@click.option(
    "--for",
    "of",
    type=click.Choice(["items", "users", "pairs"]),
    default="items",
    show_default=True,
    help="Whose table; pairs are users with items that they met.",
)
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
    help="The moment (UTC): no event from it on is looked at. The end of the log where it is not given.",
)
@click.option("--plain", is_flag=True, help="Leave values as they are, not on the scale of the learning part.")
@click.option(
    "--select",
    type=click.FloatRange(0, 1),
    metavar="STRENGTH",
    help="Keep the columns that an L1 penalty leaves: 0 keeps all, 1 none.",
)
@click.option(
    "--directions",
    "share",
    type=click.FloatRange(0, 1, min_open=True),
    metavar="SHARE",
    help="Principal directions that keep this share of the variance, in place of the features.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Parquet file that is written too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    path: Path,
    of: Literal["items", "users", "pairs"],
    at: datetime | None,
    plain: bool,
    select: float | None,
    share: float | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Build the features of items, users or pairs as they stood at a moment, and say what each is.

    The table is stored with its manifest, and each feature has a name, a window, a unit and the events it is made of.
    What is usual, the scale, the selection and the directions are learnt from the learning part alone.
    """
    opened = open_shop(path)
    from steelyard.workflows.feature_table import (  # noqa: PLC0415 - slow to import, and not needed to refuse a file
        FeatureQuestion,
        build_features,
    )

    moment = at.replace(tzinfo=UTC) if at else None
    asked = FeatureQuestion(of, moment, is_scaled=not plain, select=select, share=share, out=out)
    table = build_features(opened, asked)
    if as_json:
        click.echo(json.dumps(feature_table_builtins(table), ensure_ascii=False, indent=1, allow_nan=False))
        return
    _show(table, is_chinese=opened.config.shop.language == "zh")


def _show(table: FeatureTable, *, is_chinese: bool) -> None:
    said = [
        f"{table.rows:,} {table.of}, {len(table.columns)} columns, from {table.events:,} events before {table.at}; "
        f"{table.events_later:,} later ones were not looked at",
        f"Learnt from events before {table.learnt_until}: what is usual"
        + (", the scale" if table.is_scaled else "")
        + (f", the selection (penalty {table.selected:g})" if table.selected is not None else "")
        + (f", the directions ({table.explained:.0%} of the variance)" if table.explained is not None else ""),
    ]
    if is_chinese:
        said = [
            f"{table.rows:,} 行，{len(table.columns)} 列，取自 {table.at} 之前的 {table.events:,} 个事件；其后的 "
            f"{table.events_later:,} 个未使用",
            f"通常值、尺度、选择与方向只从 {table.learnt_until} 之前的事件学得",
        ]
    if table.pictures:
        one = table.pictures
        words = (
            "图片向量：{0:,} 个可用，宽 {1}；缺 {2:,}，无法读取 {3:,}，含 NaN {4:,}，宽度不同 {5:,}"
            if is_chinese
            else "Vectors of pictures: {0:,} of width {1} used; {2:,} missing, {3:,} unreadable, {4:,} with NaN or "
            "infinite values, {5:,} of another width"
        )
        counts = (one.n_used, one.width, one.n_missing, one.n_unreadable, one.n_not_finite, one.n_other_width)
        said.append(words.format(*counts))
    if table.left_out:
        said.append(("日志中没有相应事件：" if is_chinese else "No events for: ") + ", ".join(table.left_out))
    print_sentences(said)
    rows = [
        (
            one.name,
            f"{one.window_days:g}" if one.window_days else "∞",
            one.unit,
            "" if one.weight is None else f"{one.weight:.3f}",
            one.what_zh if is_chinese else one.what,
        )
        for one in table.features
    ]
    heads = (
        ("特征", "窗口（天）", "单位", "权重", "含义") if is_chinese else ("feature", "days", "unit", "weight", "what")
    )
    print_rows(heads, rows)
