"""The text of HTML as a browser shows it: elements without their tags, what is never shown left out."""

from __future__ import annotations

import html
import re

__all__ = ["TAGS", "plain_text"]

_INLINE = "b|i|em|strong|u|s|small|mark|sub|sup|wbr|q|del|ins|strike|big|tt|bdi|bdo"
_BLOCKS = (
    "a|abbr|acronym|address|applet|area|article|aside|audio|base|blockquote|body|br|button|canvas|caption|center|cite|"
    "code|col|colgroup|data|datalist|dd|details|dfn|dialog|dir|div|dl|dt|embed|fieldset|figcaption|figure|font|footer|"
    "form|frame|frameset|h[1-6]|head|header|hgroup|hr|html|iframe|img|input|kbd|label|legend|li|link|main|map|menu|"
    "meta|meter|nav|noframes|noscript|object|ol|optgroup|option|output|p|param|picture|pre|progress|rp|rt|ruby|samp|"
    "script|search|section|select|slot|source|span|style|summary|svg|table|tbody|td|template|textarea|tfoot|th|thead|"
    "time|title|tr|track|ul|var|video"
)
TAGS = f"{_INLINE}|{_BLOCKS}"
"""Names of elements."""
_VALUE = r"""(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+)"""
_BARE = (
    "allowfullscreen|async|autofocus|autoplay|checked|compact|controls|default|defer|disabled|hidden|ismap|itemscope|"
    "loop|multiple|muted|nohref|noshade|novalidate|nowrap|open|playsinline|readonly|required|reversed|selected"
)
_ATTRIBUTE = rf"[A-Za-z_:@][\w:.@-]{{0,60}}\s*=\s*{_VALUE}"
_ATTRIBUTES = rf"(?:[\s/]+(?:{_ATTRIBUTE}|(?:{_BARE})(?=[\s/>])))"
_HIDDEN = "style|script|head|template|svg|math|iframe|object|noframes"
_HIDDEN_OPENS = re.compile(rf"<({_HIDDEN})\b{_ATTRIBUTES}*\s*>", re.IGNORECASE)
_HIDDEN_CLOSES = re.compile(rf"</({_HIDDEN})\s*>", re.IGNORECASE)
_HIDDEN_TO_THE_END = re.compile(rf"<(?:style|script)\b{_ATTRIBUTES}*\s*>[^<]*[{{;(][^<]*\Z", re.IGNORECASE)
_COMMENT = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[(?!CDATA)[^\]<]*\]>|<!DOCTYPE[^<>]*>|<\?[a-z][^>]{0,300}\?>", re.DOTALL | re.IGNORECASE
)
_CDATA, _CDATA_END = "<![CDATA[", "]]>"
_SMALL_TAG = re.compile(rf"</?(?:{_INLINE}){_ATTRIBUTES}*\s*/?>", re.IGNORECASE)
_TAG = re.compile(
    rf"</?(?:{_BLOCKS}){_ATTRIBUTES}*\s*/?>|</?[A-Za-z][\w]*[:-][\w:-]*{_ATTRIBUTES}*\s*/?>|<[A-Za-z]\w*{_ATTRIBUTES}+\s*/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(
    r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});|&(?:nbsp|amp|quot|lt|gt)(?![A-Za-z0-9=])"
)
_CODE_VALUE = r"""(?:"[^"]*"|'[^']*'|[^\s"'\[\]]+)"""
_SHORTCODE = re.compile(rf"\[(/?)([a-z][a-z0-9_-]{{1,60}})((?:\s+[A-Za-z_][\w-]{{0,60}}={_CODE_VALUE})*)\s*/?\]")
_KNOWN_CODES = frozenset(
    ("caption", "gallery", "embed", "video", "audio", "playlist", "row", "column", "button", "tabs", "tab")
)
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff]")
_ESCAPED_SIGN = re.compile(r"&(?:(?:amp|AMP|#0{0,4}38|#[xX]0{0,4}26);)+")
"""The sign of an entity, itself escaped any number of times."""
_MARKS = re.compile(r"[<&\[]")
_ROUNDS = 12
"""More than any shop's system escapes or nests; only a text that is made to is longer."""


def plain_text(text: str) -> str:
    """What a reader sees of a text that may be HTML, may be escaped, and may be escaped again and again.

    Args:
        text: As a shop's system exports it. ``3 < 5``, ``I <3 tea`` and ``a<b and c>d`` are no tags.

    Returns:
        The text without tags, style, scripts, comments, shortcodes and signs that are not seen; entities as the
        characters they stand for. White space is left as it comes. What a reader sees of that is the same text.
    """
    for _ in range(_ROUNDS):
        seen = _seen_once(text)
        if seen == text:
            return text
        text = seen
    return _MARKS.sub(" ", text)


def _seen_once(text: str) -> str:
    """One layer of marks taken away."""
    text = _UNSEEN.sub("", text)
    if "<" in text:
        text = _without_tags(text)
    if "&" in text:
        text = _ESCAPED_SIGN.sub("&", text)
        text = _ENTITY.sub(lambda found: html.unescape(found[0] if found[0].endswith(";") else found[0] + ";"), text)
    return _without_shortcodes(text) if "[" in text else text


def _without_tags(text: str) -> str:
    text = _COMMENT.sub(" ", _without_cdata(text))
    text = _HIDDEN_TO_THE_END.sub(" ", _without_hidden(text))
    return _TAG.sub(" ", _SMALL_TAG.sub("", text))


def _without_cdata(text: str) -> str:
    """What stands between the marks of character data, without them."""
    kept, at = list[str](), 0
    while (opened := text.find(_CDATA, at)) >= 0 and (end := text.find(_CDATA_END, opened + len(_CDATA))) >= 0:
        kept += [text[at:opened], text[opened + len(_CDATA) : end]]
        at = end + len(_CDATA_END)
    return "".join([*kept, text[at:]])


def _without_hidden(text: str) -> str:
    """Without the elements that are never shown; one that is not closed is none. Each place is looked at once."""
    closes: dict[str, list[tuple[int, int]]] = {}
    for close in _HIDDEN_CLOSES.finditer(text):
        closes.setdefault(close[1].lower(), []).append(close.span())
    if not closes:
        return text
    for spans in closes.values():
        spans.reverse()
    kept, at, start = list[str](), 0, 0
    while opened := _HIDDEN_OPENS.search(text, at):
        at, ahead = opened.end(), closes.get(opened[1].lower(), [])
        while ahead and ahead[-1][0] < at:
            ahead.pop()
        if ahead:
            kept.append(text[start : opened.start()])
            at = start = ahead[-1][1]
    return " ".join([*kept, text[start:]])


def _without_shortcodes(text: str) -> str:
    """``[vc_row]`` and its like go; ``[L]``, ``[2 pack]`` and ``[new]`` stay."""
    closed = set(re.findall(r"\[/([a-z][a-z0-9_-]*)\]", text))

    def shown(found: re.Match[str]) -> str:
        name = found[2]
        is_code = "_" in name or name in closed or (name in _KNOWN_CODES and bool(found[3])) or "=" in found[3]
        return " " if is_code else found[0]

    return _SHORTCODE.sub(shown, text)
