"""Product texts that were damaged on the way, hold mark-up, or are in another language than the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.data.detectors.counting import count_flags
from steelyard.data.quality import Check, Finding, Severity
from steelyard.data.values.html_text import TAGS

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, Wanted

__all__ = ["text_findings"]

_MOJIBAKE = (
    "[ÃÂÐÑ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â[€‚„†‡‰‹›™œž\u0080-\u009f]|ï¿½|ðŸ|ï»¿"  # UTF-8 as Windows-1252
    "|[äåæçèé][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"  # Chinese so
    "|[À-ÿ¡-¿]{5,}"  # GBK or Big5 as Latin-1
    "|锟斤拷|烫烫烫|屯屯屯|锛[岄堝]|鐨[勫勬]|鈥[滄檚]|[縺繧繝][\u3040-\uffef][縺繧繝]"  # UTF-8 as GBK or Shift_JIS
)
_HTML = (
    f"(?i)</?(?:{TAGS})(?:\\s*/?|[\\s/][^<>]{{0,500}}=[^<>]{{0,500}})>|</?[a-z]\\w*[:-][\\w:-]*[^<>]{{0,500}}>"
    "|<[a-z]\\w*\\s[^<>]{0,500}=[^<>]{0,500}>|&(?:[a-zA-Z]{2,8}|#[0-9]{2,6}|#x[0-9a-fA-F]{2,5});"
)
"""What ``clean`` takes out; ``a<b and c>d`` is none."""
_PLACEHOLDER = (
    "(?i)^\\s*(?:n/?a|#n/a|#ref!|#name\\?|null|none|nil|nan|undefined|unknown|todo|tbd|xxx+|-+|\\?+|\\.+|untitled"
    "|no title|test|test (?:product|item)|dummy|sample|placeholder|lorem ipsum[^\\n]*|测试|测试商品|无|暂无|无标题"
    "|未命名|待定|テスト|테스트)\\s*$"
)
SCRIPTS = {
    "Japanese": "[ぁ-ヿ]",
    "Korean": "[가-힣]",
    "Chinese": "[一-鿿]",
    "Cyrillic": "[Ѐ-ӿ]",
    "Arabic": "[؀-ۿ]",
    "Hebrew": "[֐-׿]",
    "Greek": "[α-ωΑ-Ω]",
    "Thai": "[฀-๿]",
    "Latin": "[a-zA-Z]",
}
"""By name, what a text of the script holds, the surest first: Japanese has Chinese characters too."""


def text_findings(frame: Frame, wanted: Wanted, *, n_in: int, language: str) -> list[Finding]:
    """What the texts of the catalogue suffer from.

    Args:
        frame: Rows that were kept.
        wanted: The roles that were read.
        n_in: Rows of the table, for shares.
        language: ``en``, ``zh`` or ``mixed``: where it is mixed, several languages are no trouble.

    Returns:
        A finding for each kind of damage there is.
    """
    titles, described = _outputs(wanted, "title"), _outputs(wanted, "description")
    both = [*titles, *described]
    title = titles[0]
    checks = [
        _flag("text_encoding_damaged", _any(both, _MOJIBAKE), "read in another encoding than written: Ã© for é"),
        _flag("text_replacement", _any(both, "\ufffd"), "characters were lost in a conversion and are U+FFFD now"),
        _flag("text_html", _any(both, _HTML), "HTML was left in the text; it is taken out", severity="info"),
        _flag("title_placeholder", _matches(title, _PLACEHOLDER), "stands for a title that is not there", of=title),
    ]
    return [*count_flags(frame, checks, table="items", n_in=n_in), *_languages(frame, title, n_in, language)]


def _languages(frame: Frame, title: str, n_in: int, language: str) -> list[Finding]:
    script = nw.coalesce(*(nw.when(_matches(title, p)).then(nw.lit(name)) for name, p in SCRIPTS.items()))
    marked = frame.with_columns(script.alias("_script"))
    counted = marked.filter(~nw.col("_script").is_null()).group_by("_script").agg(nw.len().alias("_n"))
    found = {str(row["_script"]): int(row["_n"]) for row in counted.collect().rows(named=True)}
    if "Chinese" in found and found.get("Japanese", 0) >= found["Chinese"]:
        found["Japanese"] += found.pop("Chinese")  # a Japanese title may hold no kana
    if len(found) < 2:
        return []
    ordered = dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))
    main, *others = ordered
    if main == "Chinese" and others == ["Latin"]:
        return []  # brands and models
    n = sum(ordered[name] for name in others)
    says = f"titles are in another script than most, which are {main}: words of one language do not find the other"
    severity: Severity = "info" if language == "mixed" else "warning"
    strange = marked.filter(nw.col("_script").is_in(others)).select("row", title).sort("row").head(5).collect()
    samples = tuple(strange.rows(named=True))
    return [Finding("items", "language_mixed", severity, "flag", n, n / n_in, says, samples, ordered)]


def _outputs(wanted: Wanted, name: str) -> list[str]:
    role = wanted.role(name)
    return list(role.outputs) if role else []


def _matches(name: str, pattern: str) -> nw.Expr:
    return nw.col(name).str.contains(pattern)


def _any(names: list[str], pattern: str) -> nw.Expr:
    return nw.any_horizontal(*(_matches(name, pattern) for name in names), ignore_nulls=True)


def _flag(reason: str, when: nw.Expr, says: str, *, severity: Severity = "warning", of: str = "") -> Check:
    return Check(reason, severity, "flag", when, says, values_of=of)
