"""What a user agent says of who is behind a request: nothing, an agent that shops for somebody, or a robot."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

if TYPE_CHECKING:
    from collections.abc import Callable

    from steelyard.data.schema import Frame, SourcePort

__all__ = ["agent_values", "class_of_agent"]

_AGENTS = re.compile(
    r"ChatGPT-User|ChatGPT Agent|OAI-Operator|Operator/|Claude-User|Claude-Web|Perplexity-User|Gemini-Deep-Research"
    r"|Google-Shopping-Agent|GoogleAgent|Google-Agent|MistralAI-User|DuckAssistBot|Amazon-?BuyForMe|BuyForMe"
    r"|Copilot-?(?:Agent|Checkout)|NovaAct|Nova-?Act|AgentKit|browser-use|Manus-User|Doubao-?Agent|Kimi-?User"
    r"|shopping[- ]?agent",
    re.IGNORECASE,
)
"""Names under which assistants fetch pages when somebody asked them to, as their makers publish them."""
_ROBOTS = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|headless|phantomjs|selenium|puppeteer|playwright|scrapy|curl/|wget/|httpclient"
    r"|python-requests|python-httpx|aiohttp|okhttp/|java/|libwww|go-http-client|node-fetch|axios/|guzzle|urllib"
    r"|monitor|uptime|pingdom|lighthouse|externalhit|embedly|bytespider|petalbot|yisou|sogou web|360spider",
    re.IGNORECASE,
)


_LOOKED_UP = 5000
"""So many of the commonest user agents are looked up in the list of the uap project, at a third of a millisecond."""


def class_of_agent(value: str, *, is_looked_up: bool = True) -> str:
    """``agent``, ``hostile`` (a crawler, a script, a headless browser), or empty where it may be a person's.

    Args:
        value: The header as it was sent.
        is_looked_up: Whether the list of the uap project is asked too, and not the names known here alone.

    Returns:
        The class.
    """
    if _AGENTS.search(value):
        return "agent"
    if _ROBOTS.search(value):
        return "hostile"
    return "hostile" if is_looked_up and _device_family()(value) == "Spider" else ""


def agent_values(sources: SourcePort, kept: Frame) -> Frame | None:
    """Classes of the user agents of a log.

    Args:
        sources: Holds the scratch table ``user_agents`` afterwards.
        kept: Checked events.

    Returns:
        ``user_agent _ua_class _ua_reason`` of those that are no person's; ``None`` where no column gives them, or all
        may be people's.
    """
    if "user_agent" not in kept.collect_schema().names():
        return None
    distinct = kept.filter(~nw.col("user_agent").is_null()).group_by("user_agent").agg(nw.len().alias("n"))
    n = n_seen = 0
    columns = {"user_agent": "text", "_ua_class": "text", "_ua_reason": "text"}
    reasons = {"agent": "traffic_agent", "hostile": "traffic_robot_named"}
    with sources.writing(columns, name="user_agents") as rows:  # type: ignore[arg-type]
        for batch in sources.batches(distinct.sort("n", "user_agent", descending=[True, False])):
            found = [
                (value, class_of_agent(value, is_looked_up=n_seen + i < _LOOKED_UP))
                for i, value in enumerate(batch["user_agent"])
            ]
            n_seen += len(found)
            named = [(value, kind, reasons[kind]) for value, kind in found if kind]
            n += len(named)
            rows.write({name: [row[i] for row in named] for i, name in enumerate(columns)})
    return sources.table("user_agents") if n else None


@cache
def _device_family() -> Callable[[str], str]:
    """What kind of device sent it, by the list of the uap project where that is installed."""
    try:
        from ua_parser import parse_device  # noqa: PLC0415 - optional, and slow to import
    except ImportError:
        return lambda value: ""

    def family(value: str) -> str:
        device = parse_device(value)
        return device.family if device is not None else ""

    return family
