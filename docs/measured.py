"""Tables of measured figures, written from what benchmarks kept in ``benchmarks/measured`` and from nothing else.

``docs/generate.py`` puts them between marks into the READMEs and onto the page of measured recommenders. A figure that
no benchmark kept is not in a table.
"""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "benchmarks" / "measured"
PUBLISHED = {
    "TIGER": {"beauty": (0.0648, 0.0384)},
    "HSTU": {"beauty": (0.0788, 0.0439)},
    "SASRec + sampled softmax": {"beauty": (0.0921, 0.0531), "toys": (0.0970, 0.0580)},
    "eSASRec": {"beauty": (0.0928, 0.0523), "toys": (0.0939, 0.0538)},
}
"""R@10 and NDCG@10 as the eSASRec benchmark (RecSys 2025) prints them."""
SETS = ("beauty", "toys")
NETWORKS = ("transformer", "two-tower", "fused")
"""How names begin of what is a network, or has one in it."""
SHOPS = {
    "complete_journey": ("a supermarket", "一家超市"),
    "online_retail": ("a wholesaler of gifts", "一家礼品批发商"),
}
WORDS = {
    "en": {
        "model": "model",
        "published": "published",
        "seconds": "processor seconds to tune and fit, {0}",
        "ms": "ms a list",
        "configuration": "configuration",
        "quality": "nDCG@10 (95 %)",
        "money": "a month",
        "chosen": "chosen",
        "feasible": "keeps every floor",
        "loses": "fails a floor or limit",
        "set_aside": "set aside",
        "from": "`{command}`, {day}, {machine}, code {code}",
        "title": "Measured recommenders",
        "intro": "Written by `make docs` from figures that benchmarks kept in `benchmarks/measured`; none is typed.\n"
        "Conditions and failures are in the [log]({0}LOG.md).",
        "loo": "Leave-one-out",
        "loo_intro": "The last item of each user is to be found among all items, those seen removed, ties counted "
        "against the model;\nmean over seeds ± their spread. A fusion's seconds are its own, without its members'. "
        "Published rows: the eSASRec\nbenchmark, RecSys 2025.",
        "basket": "The next basket",
        "fronts": "Whole shops: quality against the bill",
        "of": "{0}: {1} configurations",
        "hard": "How hard the data is, and whether it was true",
        "hard_intro": "What `steelyard hardness` said before anything was trained, and the nDCG@10 measured then: of "
        "the best\ntransformer alone, and of the best model that is neither a network nor a fusion.",
        "shop": "shop",
        "verdict": "a transformer",
        "history": "history adds",
        "order": "order adds",
        "repeats": "repeats",
        "transformer": "best transformer",
        "plain": "best without a network",
        "agreed": "agreed",
        "unlikely": "unlikely to pay",
        "open": "open",
        "worth_a_trial": "worth a trial",
        "unknown": "nothing can be said",
        "yes": "yes",
        "no": "no",
        "undecided": "nothing was promised",
        "to": "to",
    },
    "zh": {
        "model": "模型",
        "published": "已发表",
        "seconds": "调参与训练的处理器秒数，{0}",
        "ms": "每个列表 ms",
        "configuration": "配置",
        "quality": "nDCG@10（95 %）",
        "money": "每月",
        "chosen": "选中",
        "feasible": "满足全部下限",
        "loses": "不满足下限或上限",
        "set_aside": "搁置",
        "from": "`{command}`，{day}，{machine}，代码 {code}",
        "title": "推荐模型实测",
        "intro": "由 `make docs` 根据基准程序保存在 `benchmarks/measured` 中的数字生成，没有手工填写的数字。\n"
        "条件与失败的尝试见[实验记录]({0}LOG.md)。",
        "loo": "留一法",
        "loo_intro": "在全部商品中找出每位用户的最后一件商品，已看过的除外，同分按对模型不利计；"
        "多个种子取平均，± 为其离散程度。融合的秒数是它自己的，不含其成员。\n已发表的数字：eSASRec 基准，RecSys 2025。",
        "basket": "下一个购物篮",
        "fronts": "整家商店：质量与账单",
        "of": "{0}：{1} 种配置",
        "hard": "数据有多难，判断是否成立",
        "hard_intro": "训练之前 `steelyard hardness` 的判断，以及之后实测的 nDCG@10：单独的最好 Transformer，与最好的"
        "非神经网络、非融合模型。",
        "shop": "商店",
        "verdict": "Transformer",
        "history": "历史的增量",
        "order": "顺序的增量",
        "repeats": "复购占比",
        "transformer": "最好的 Transformer",
        "plain": "最好的非神经网络模型",
        "agreed": "判断成立",
        "unlikely": "多半不划算",
        "open": "尚不能判断",
        "worth_a_trial": "值得一试",
        "unknown": "无法下结论",
        "yes": "是",
        "no": "否",
        "undecided": "未作承诺",
        "to": "至",
    },
}


def read(title: str) -> dict[str, Any]:
    """What a benchmark kept; nothing where it was not run."""
    path = FOLDER / f"{title}.json"
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}


def blocks(language: str) -> dict[str, str]:
    """Tables of a README by the name of their marks."""
    return {
        "leave-one-out": leave_one_out(language),
        "frontiers": frontiers(language, is_short=True),
        "verdicts": verdicts(language),
    }


def page(language: str, *, to_root: str) -> str:
    """The whole page of tables."""
    say = WORDS[language]
    lines = [f"# {say['title']}", "", say["intro"].format(to_root), ""]
    if alone := leave_one_out(language):
        sources = _sources(language, [f"leave-one-out-{each}" for each in SETS])
        lines += [f"## {say['loo']}", "", say["loo_intro"], "", alone, "", *sources]
    lines += [f"## {say['basket']}", "", *_baskets(language), f"## {say['fronts']}", ""]
    lines += [frontiers(language, is_short=False)]
    if told := verdicts(language):
        say = WORDS[language]
        lines += ["", f"## {say['hard']}", "", say["hard_intro"], "", told, "", *_sources(language, ["hardness"])]
    return "\n".join(lines).rstrip() + "\n"


def filled(text: str, language: str) -> str:
    """A document with its marked tables written anew.

    Args:
        text: The document.
        language: Of the tables.

    Returns:
        The document; what is not between marks as it was.

    Raises:
        ValueError: A mark has no end.
    """
    for name, table in blocks(language).items():
        begin, end = f"<!-- measured: {name} -->", f"<!-- end: {name} -->"
        if begin in text and end not in text:
            raise ValueError(f"{begin} has no {end}")
        text = re.sub(f"{begin}.*?{end}", lambda _, t=table, b=begin, e=end: f"{b}\n{t}\n{e}", text, flags=re.S)
    return text


def leave_one_out(language: str) -> str:
    """R@10/NDCG@10 of each model on each set beside what was published; empty where nothing was measured."""
    say = WORDS[language]
    found = {name: _of_seeds(read(f"leave-one-out-{name}").get("rows", ())) for name in SETS}
    found = {name: rows for name, rows in found.items() if rows}
    sets = list(found)
    if not sets:
        return ""
    heads = [f"{name.title()} R@10/NDCG@10" for name in sets]
    head = [say["model"], *heads, *(say["seconds"].format(name.title()) for name in sets), say["ms"]]
    lines = []
    for name, published in PUBLISHED.items():
        cells = ["{:.4f}/{:.4f}".format(*published[each]) if each in published else "–" for each in sets]
        lines.append([f"{say['published']}: {name}", *map(_bare, cells), *[""] * (len(sets) + 1)])
    names = dict.fromkeys(name for rows in found.values() for name in rows)
    for name in sorted(
        names, key=lambda each: max(_mean(rows[each], "ndcg@10") for rows in found.values() if each in rows)
    ):
        rows = [found[each].get(name) for each in sets]
        seconds = [f"{_mean(row, 'tune CPU-s') + _mean(row, 'build CPU-s'):,.0f}" if row else "–" for row in rows]
        ms = [_mean(row, "CPU ms a user") for row in rows if row]
        lines.append([f"`{name}`", *(_scored(row) for row in rows), *seconds, f"{max(ms):.2f}"])
    return _table(head, lines)


def frontiers(language: str, *, is_short: bool) -> str:
    """Configurations of whole shops, the cheapest first: in short the steps that are worth asking about."""
    say, parts = WORDS[language], []
    for shop, names in SHOPS.items():
        whole = read(f"frontier-{shop}")
        if not whole:
            continue
        rows = whole["rows"]
        shown = _asked_about(rows) if is_short else sorted(rows, key=_dearer)
        head = [say["configuration"], say["quality"], "CPU ms", say["money"], ""]
        parts += [
            say["of"].format(names[language != "en"], len(rows)),
            "",
            _table(head, [_priced(r, say) for r in shown]),
        ]
        parts += ["", *([] if is_short else _sources(language, [f"frontier-{shop}"]))]
    return "\n".join(parts).rstrip()


def verdicts(language: str) -> str:
    """Of each shop what was said before training, and what was measured then; empty where nothing was kept."""
    say, lines = WORDS[language], []
    for row in read("hardness").get("rows", ()):
        best = _best_of(row["shop"])
        if best is None:
            continue
        network, plain = best
        figures = [_share(row, name, say["to"]) for name in ("history", "order", "repeats")]
        measured = [_bare(f"{quality:.4f}") + f" `{name}`" for name, quality in (network, plain)]
        is_better = network[1] > plain[1]
        agreed = {"unlikely": not is_better, "worth_a_trial": is_better}.get(row["verdict"])
        told = say["undecided" if agreed is None else "yes" if agreed else "no"]
        name = SHOPS.get(row["shop"], (row["shop"].title(),) * 2)[language != "en"]
        lines.append([name, *figures, say[row["verdict"]], *measured, told])
    names = ("shop", "history", "order", "repeats", "verdict", "transformer", "plain", "agreed")
    return _table([say[name] for name in names], lines) if lines else ""


def _best_of(shop: str) -> tuple[tuple[str, float], tuple[str, float]] | None:
    """Name and nDCG@10 of the best transformer, and of the best that has no network in it."""
    found = {row["configuration"]: row["quality"] for row in read(f"frontier-{shop}").get("rows", ())}
    if not found:
        alone = _of_seeds(read(f"leave-one-out-{shop}").get("rows", ()))
        found = {name: _mean(rows, "ndcg@10") for name, rows in alone.items()}
    networks = {name: quality for name, quality in found.items() if name.startswith("transformer")}
    plain = {name: quality for name, quality in found.items() if not name.startswith(NETWORKS)}
    if not networks or not plain:
        return None
    network, simple = (max(each.items(), key=lambda pair: pair[1]) for each in (networks, plain))
    return network, simple


def _share(row: Mapping[str, Any], name: str, to: str) -> str:
    mean, low, high = (row[f"{name} {end}"] for end in ("mean", "low", "high"))
    if mean is None:
        return "–"
    ends = "" if low is None or high is None or low == high else f" ({100 * low:.0f} {to} {100 * high:.0f})"
    return f"{100 * mean:.0f} %{ends}".replace("-", "−")


def _dearer(row: Mapping[str, Any]) -> tuple[Decimal, float]:
    return Decimal(row["monthly"] or "Infinity"), row["quality"]


def _asked_about(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Steps up in money, the chosen one, and beside them the best neighbours and the best transformer."""
    found: list[Mapping[str, Any]] = []
    for row in sorted(rows, key=lambda row: (_dearer(row)[0], -row["quality"])):
        if row["monthly"] and (not found or row["quality"] > found[-1]["quality"]):
            found.append(row)
    found += [row for row in rows if row["verdict"] == "chosen"]
    for begins in ("item-knn", "transformer"):
        alike = [row for row in rows if row["configuration"].startswith(begins)]
        found += [max(alike, key=lambda row: row["quality"])] if alike else []
    return sorted({row["configuration"]: row for row in found}.values(), key=_dearer)


def _priced(row: Mapping[str, Any], say: Mapping[str, str]) -> list[str]:
    quality = f"{row['quality']:.4f} ({row['low']:.4f}–{row['high']:.4f})"
    money = "–" if row["monthly"] is None else f"{Decimal(row['monthly']):,.2f} {row['currency']}"
    told = [say[row["verdict"]]]
    name = f"**`{row['configuration']}`**" if row["verdict"] == "chosen" else f"`{row['configuration']}`"
    return [name, _bare(quality), f"{row['CPU ms']:.2f}", money, ", ".join(told)]


def _baskets(language: str) -> Iterable[str]:
    say = WORDS[language]
    for title in ("next-basket-ta-feng", "next-basket-complete-journey"):
        rows = read(title).get("rows", ())
        models = [row for row in rows if "ndcg@10" in row]
        if not models:
            continue
        yield f"{title.removeprefix('next-basket-')}, n = {rows[0]['users']:,}"
        yield ""
        yield _table(
            [say["model"], "R@10", "NDCG@10", "CPU-s", "MB", say["ms"]],
            [
                [
                    row["model"],
                    _bare(f"{row['recall@10']:.4f}"),
                    _bare(f"{row['ndcg@10']:.4f}"),
                    f"{row['train CPU-s']:.1f}",
                    f"{row['MB']:.2f}",
                    f"{row['CPU ms']:.2f}",
                ]
                for row in models
            ],
        )
        yield ""
        for row in rows:
            if "more" in row:
                ends = f"{row['more']:+.4f} ({row['low']:+.4f} – {row['high']:+.4f})"
                yield f"- {row['model']}, {row['metric']}: {ends}"
        yield ""
        yield from _sources(language, [title])


def _sources(language: str, titles: Sequence[str]) -> Iterable[str]:
    for title in titles:
        whole = read(title)
        if whole:
            yield WORDS[language]["from"].format(
                **{name: whole[name] for name in ("command", "day", "machine", "code")}
            )
            yield ""


def _is_refused(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> bool:
    """Trees that gain nothing refuse themselves and answer as the weights do: no row of their own."""
    alike = [each for each in rows if each["model"] == "fused-weights" and each["seed"] == row["seed"]]
    figures = ("protocol", "recall@10", "ndcg@10")
    return row["model"] == "fused-trees" and any(all(row[n] == each[n] for n in figures) for each in alike)


def _of_seeds(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["protocol"] == "published" and not _is_refused(row, rows):
            found.setdefault(row["model"], []).append(row)
    return found


def _mean(rows: Sequence[Mapping[str, Any]] | None, name: str) -> float:
    return statistics.fmean(row[name] for row in rows) if rows else 0.0


def _scored(rows: Sequence[Mapping[str, Any]] | None) -> str:
    if not rows:
        return "–"
    spread = statistics.pstdev(row["ndcg@10"] for row in rows)
    told = f"{_mean(rows, 'recall@10'):.4f}/{_mean(rows, 'ndcg@10'):.4f}" + (
        f" ±{spread:.4f}" if spread >= 5e-5 else ""
    )
    return _bare(told)


def _bare(text: str) -> str:
    """Shares without the nought before the point."""
    return re.sub(r"\b0\.", ".", text)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows))
