"""Surfaces that could not be judged: why, what is served all the same, and what to do. Never left unsaid."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from steelyard.config import Config
from steelyard.documents.decision import NotJudged
from steelyard.documents.split import SplitDocument
from steelyard.domain import Configuration, Surface
from steelyard.workflows.building.planned import planned_as

__all__ = ["not_judged", "served_unjudged"]

_POPULARITY = "popularity"


def not_judged(config: Config, split: SplitDocument, *, judged: Collection[Surface]) -> tuple[NotJudged, ...]:
    """What is missing from a decision, as data for its document.

    Args:
        config: The shop's configuration.
        split: How the data were divided.
        judged: Surfaces that were measured.

    Returns:
        Each surface that the configuration asks for and that was not measured.
    """
    if Surface.RECOMMEND in judged or not config.models.recommend:
        return ()
    has_log = config.data.events is not None
    why, why_zh = _why(split, has_log=has_log)
    do, do_zh = _do(split, has_log=has_log)
    served = "the most popular items, the same for everybody" if has_log else "nothing for this surface"
    served_zh = "热门商品，对所有人相同" if has_log else "该功能不提供内容"
    return (
        NotJudged(
            surface=str(Surface.RECOMMEND),
            why=why,
            why_zh=why_zh,
            served=served,
            served_zh=served_zh,
            do=do,
            do_zh=do_zh,
            says=f"Recommendation cannot be judged: {why}. Served instead: {served}. {do}.",
            says_zh=f"推荐无法评估：{why_zh}。目前提供：{served_zh}。{do_zh}。",
        ),
    )


def served_unjudged(config: Config, chosen: Mapping[Surface, Configuration]) -> dict[Surface, Configuration]:
    """What is packaged: the choice, and popular items where recommendation could not be judged.

    Args:
        config: The shop's configuration.
        chosen: What was decided.

    Returns:
        The choice as it is where recommendation was judged, or where there is no log to be popular in.
    """
    if Surface.RECOMMEND in chosen or not config.models.recommend or config.data.events is None:
        return dict(chosen)
    return {**chosen, Surface.RECOMMEND: planned_as(config, Surface.RECOMMEND, _POPULARITY)[0].configuration({})}


def _why(split: SplitDocument, *, has_log: bool) -> tuple[str, str]:
    if not has_log:
        return "there is no behaviour log to learn from", "没有可供学习的行为日志"
    if _learns_nothing(split):
        return "no event of the log is learnt from", "日志中没有任何可供学习的事件"
    counts = split.recommend.test
    users, cold, again = counts.users, counts.cold_users, counts.users_with_nothing_new
    if counts.targets and counts.targets_in_stock == 0:
        return (
            f"everything that the {users:,} users of the judging period interacted with is out of stock now",
            f"评估期内 {users:,} 位用户交互过的商品现在全部无货",
        )
    return (
        f"nobody has a history and something new after it (of {users:,} users in the judging period {cold:,} have no "
        f"earlier event, {again:,} came back to known items only)",
        f"没有用户既有历史记录、之后又有新的商品（评估期内 {users:,} 位用户中，{cold:,} 位没有更早的事件，"
        f"{again:,} 位之后只与以前交互过的商品有交互）",
    )


def _learns_nothing(split: SplitDocument) -> bool:
    found = split.positive_events
    return not (found.train or found.validation or found.test)


def _do(split: SplitDocument, *, has_log: bool) -> tuple[str, str]:
    if not has_log:
        return "Add a behaviour log in [data.events] and run again", "请在 [data.events] 中加入行为日志后重新运行"
    if _learns_nothing(split):
        return (
            "`steelyard check` says why; mend the log, or the setting that leaves its events out, and run again",
            "原因见 `steelyard check`；请修正日志，或修改将这些事件排除在外的设置，然后重新运行",
        )
    counts = split.recommend.test
    if counts.targets and counts.targets_in_stock == 0:
        return (
            "Export the stock again, or set exclude_out_of_stock = false in [rules], and run again",
            "请重新导出库存，或在 [rules] 中设置 exclude_out_of_stock = false，然后重新运行",
        )
    if split.exclude_seen and counts.users_with_nothing_new:
        return (
            "Set exclude_seen = false in [rules], so that what was taken before is offered and counts, or give a "
            "longer log, and run again",
            "请在 [rules] 中设置 exclude_seen = false，使以前交互过的商品也可推荐并计入，或提供更长的日志，再重新运行",
        )
    return (
        "Give a longer log, in which users come back, or a larger test_share in [split], and run again",
        "请提供更长的日志（包含再次光顾的用户），或在 [split] 中增大 test_share，然后重新运行",
    )
