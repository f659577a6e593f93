"""Reads changes of the catalogue as shops send them, by the rules of a load: texts, prices, stock, categories.

A load sets a bad value aside and goes on, since nobody waits for it. A change is sent by somebody who can mend it, so
what cannot be read is refused by name, and with it all that was sent together.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from steelyard.data.remarks import Habits
from steelyard.data.values.amounts import MAX_PRICE, codes_of, mentions
from steelyard.data.values.category_paths import PathCutter
from steelyard.data.values.normalise import category_path, clean, unfold
from steelyard.data.values.number_forms import FormCount, decide_mark, says_of_mark
from steelyard.data.values.stock import read_stock
from steelyard.documents.changes import ItemChange, Op
from steelyard.errors import DataError

__all__ = ["FIELDS", "MAX_ID", "MAX_SHOWN", "Read", "Terms", "Trouble", "read_changes", "says_of", "written_price"]

FIELDS = ("op", "id", "title", "description", "category", "brand", "price", "currency", "stock", "image", "attributes")
"""What a change may hold."""
MAX_ID = 256
MAX_SHOWN = 20
"""So many problems are named; the others are counted."""
_OF_OP: Mapping[Op, frozenset[str]] = {
    Op.PRICE: frozenset(("price", "currency")),
    Op.STOCK: frozenset(("stock",)),
    Op.DELETE: frozenset(),
}
"""What a change may hold besides ``op`` and ``id``, where that is not everything."""
_NEEDED = {Op.PRICE: "price", Op.STOCK: "stock"}
_PLACES = Decimal("0.0001")
_DIGIT = re.compile(r"[1-9]")
_BETWEEN = re.compile(r"[ ']")
_HALF = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NAMES = {"item_id": "id", "item": "id", "product_id": "id", "sku": "id"}
"""Other names of a field that mean nothing else."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What of a batch cannot be done."""

    line: int
    """Of the batch, from 1."""
    field: str
    says: str
    """What was found, and what to do."""

    def __str__(self) -> str:
        return f"change {self.line}: {self.says}"


@dataclass(frozen=True, slots=True)
class Terms:
    """How the shop writes."""

    currency: str = ""
    """ISO code; empty where nobody knows, and then every currency is taken."""
    decimal: str = ""
    """``comma`` or ``point``, where the shop says so."""
    stock_words: Mapping[str, bool] = field(default_factory=dict)
    """The shop's own words of stock, and whether each means that the item can be had."""
    op: Op = Op.UPSERT
    """Of a change that names none."""
    cut: Callable[[str], str] = field(default_factory=PathCutter)
    """Takes one path out of a category."""
    not_offered: Sequence[str] = ()
    """Words in a title or category by which an item is never shown."""


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a batch."""

    changes: tuple[ItemChange, ...]
    troubles: tuple[Trouble, ...]


def read_changes(sent: Iterable[object], terms: Terms) -> Read:
    """Changes as a shop sent them.

    Args:
        sent: Objects of named values, as JSON or a table gives them.
        terms: How the shop writes.

    Returns:
        All that can be read, in order; what cannot is in ``troubles``, and then nothing of the batch may be done.
    """
    changes: list[ItemChange] = []
    troubles: list[Trouble] = []
    for line, raw in enumerate(sent, start=1):
        reader = _Line(line, terms, troubles)
        change = reader.read(raw)
        if change is not None:
            changes.append(change)
    return Read(tuple(changes), tuple(troubles))


def written_price(price: Decimal) -> str:
    """A price as cards show it: at least two decimals, and no noughts after them."""
    text = f"{price:.4f}"
    return text[:-2] if text.endswith("00") else text.rstrip("0")


class _Line:
    """Reads one change."""

    def __init__(self, line: int, terms: Terms, troubles: list[Trouble]) -> None:
        self._line, self._terms, self._troubles = line, terms, troubles
        self._n_before = len(troubles)

    def read(self, raw: object) -> ItemChange | None:
        """The change; None where anything of it is wrong."""
        if not isinstance(raw, Mapping):
            self._say("", f"{_shown(raw)} is no object: send fields by name, such as op, id and price")
            return None
        given = self._named(raw)
        op = self._op(given)
        item_id = self._id(given.get("id"))
        if op is None or self._is_wrong:
            return None
        self._suits(op, given)
        values = {
            name: value
            for name, read in self._readers().items()
            if name in given and (value := read(given[name], given)) is not _WRONG
        }
        if op is Op.UPSERT and not (values.get("title") or values.get("category")):
            self._say(
                "title",
                "an upsert is the whole item, and this one has no title: give its title, or say op: patch, price or "
                "stock to change a part of it",
            )
        return None if self._is_wrong else ItemChange(op, item_id, **values)  # type: ignore[arg-type]

    @property
    def _is_wrong(self) -> bool:
        return len(self._troubles) > self._n_before

    def _readers(self) -> Mapping[str, Callable[[object, Mapping[str, object]], object]]:
        text = self._text
        return {
            "title": lambda value, _: text("title", value),
            "description": lambda value, _: text("description", value),
            "category": lambda value, _: self._category(value),
            "brand": lambda value, _: text("brand", value),
            "price": self._price,
            "stock": lambda value, _: self._stock(value),
            "image": lambda value, _: text("image", value).strip(),
            "attributes": lambda value, _: self._attributes(value),
        }

    def _named(self, raw: Mapping[object, object]) -> dict[str, object]:
        given: dict[str, object] = {}
        for key, value in raw.items():
            name = _NAMES.get(str(key), str(key))
            if name not in FIELDS:
                near = difflib.get_close_matches(name[:64], [*FIELDS, *_NAMES], n=1, cutoff=0.5)
                nearest = f"; the nearest is {near[0]!r}" if near else ""
                self._say(name[:64], f"there is no field {name[:64]!r}{nearest}. A change has {', '.join(FIELDS)}")
            elif name in given:
                self._say(name, f"{name!r} is given twice: give it once")
            given[name] = value
        return given

    def _op(self, given: Mapping[str, object]) -> Op | None:
        found = given.get("op")
        if found is None or found == "":
            return self._terms.op
        word = found.strip().lower() if isinstance(found, str) else found
        if word not in list(Op):
            near = difflib.get_close_matches(str(word)[:64], [str(op) for op in Op], n=1, cutoff=0.5)
            nearest = f"; the nearest is {near[0]!r}" if near else ""
            self._say("op", f"op is {_shown(found)}{nearest}: say one of {', '.join(Op)}")
            return None
        return Op(str(word))

    def _id(self, value: object) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str) or not value.strip():
            found = "no id" if value is None or value == "" else f"id {_shown(value)}"
            self._say("id", f"it has {found}: give the shop's own identifier as text")
            return ""
        item_id = value.strip()
        if len(item_id) > MAX_ID or _CONTROL.search(item_id):
            self._say("id", f"id {item_id[:64]!r} is longer than {MAX_ID} characters, or holds a line end: shorten it")
        self._whole("id", item_id)
        return item_id

    def _suits(self, op: Op, given: Mapping[str, object]) -> None:
        """Whether the fields are those of what is done."""
        names = [name for name in given if name not in ("op", "id")]
        allowed = _OF_OP.get(op)
        for name in names:
            if allowed is not None and name not in allowed and given[name] not in (None, ""):
                self._say(name, f"op {op.value!r} takes no {name!r}: say op: patch to change several fields at once")
        if op is Op.PATCH and not [name for name in names if name != "currency"]:
            self._say("op", "op 'patch' changes nothing: give the fields that are to be changed")
        needed = _NEEDED.get(op)
        if needed is not None and needed not in given:
            self._say(needed, f"op {op.value!r} needs {needed!r}: give it, or null where nobody knows")

    def _text(self, name: str, value: object) -> str:
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            self._say(name, f"{name} is {_shown(value)}: give text")
            return ""
        self._whole(name, str(value))
        return clean(str(value))

    def _whole(self, name: str, text: str) -> None:
        if _HALF.search(text):
            self._say(name, f"{name} holds half of a character (a lone surrogate): encode the text as UTF-8 again")

    def _category(self, value: object) -> object:
        if isinstance(value, list | tuple):  # levels as they stand: a single one is not cut either
            return category_path([*(self._text("category", level) for level in value), ""])
        text = self._text("category", value)
        return category_path([self._terms.cut(text)]) if text else ()

    def _attributes(self, value: object) -> object:
        if value is None or value == "":
            return {}
        if isinstance(value, str):
            self._whole("attributes", value)
            return unfold({"attributes": value})
        if not isinstance(value, Mapping):
            self._say("attributes", f"attributes are {_shown(value)}: give an object of names and values")
            return _WRONG
        text = json.dumps(dict(value), ensure_ascii=False, default=str)
        self._whole("attributes", text)
        return unfold({"attributes": text})

    def _stock(self, value: object) -> object:
        if value is None or value == "":
            return None
        if isinstance(value, bool):
            return None if value else 0
        if not isinstance(value, str | int | float):
            self._say("stock", f"stock is {_shown(value)}: give pieces, true or false, or a word such as 'in stock'")
            return _WRONG
        found = read_stock(str(value), words=self._terms.stock_words)
        if not found.is_read:
            self._say("stock", f"stock {_shown(value)} is no number and no known word: give pieces, or true or false")
            return _WRONG
        if found.pieces is not None:
            return found.pieces
        return 0 if found.is_available is False else None

    def _price(self, value: object, given: Mapping[str, object]) -> object:
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            self._say("price", f"price is {_shown(value)}: give a number")
            return _WRONG
        number = self._amount(value) if self._is_own_currency(value, given.get("currency")) else None
        if number is None:
            return _WRONG
        if not 0 < number <= MAX_PRICE or not (price := number.quantize(_PLACES)) > 0:
            self._say("price", f"price is {_shown(value)}: give one above 0 and at most {MAX_PRICE:.0e}, or null")
            return _WRONG
        return written_price(price)

    def _is_own_currency(self, value: object, currency: object) -> bool:
        """Whether the price is in the shop's currency, by its own sign and by what is said beside it."""
        own = self._terms.currency
        written = mentions(value) if isinstance(value, str) else None
        told = [codes for codes in (written[1] if written else (), _codes(currency)) if codes]
        meant = set.intersection(*map(set, told)) if told else {own}
        if len(told) > 1 and not meant:
            self._say("price", f"price {_shown(value)} names one currency and currency {_shown(currency)} another")
            return False
        if own and own not in meant:
            names = " or ".join(sorted(meant))
            self._say("price", f"price {_shown(value)} is in {names}, and the shop sells in {own}: convert it first")
            return False
        return True

    def _amount(self, value: str | float) -> Decimal | None:
        text = str(value) if isinstance(value, str) else repr(value)
        try:
            if isinstance(value, str):
                text = self._in_digits(value)
            number = Decimal(_BETWEEN.sub("", text))
        except (InvalidOperation, DataError):
            number = Decimal("NaN")
        if not number.is_finite():
            self._say("price", f"price {_shown(value)} is no number that can be read in one way: send it as 1234.5")
            return None
        return number

    def _in_digits(self, value: str) -> str:
        """A written price in digits and a point: by its own marks, and only where these leave it open by the shop's."""
        forms = [FormCount(_DIGIT.sub("9", value), 1, value)]
        try:
            mark, _ = decide_mark(forms, Habits(currency=self._terms.currency), table="items", column="price")
            is_comma = mark == "comma"
        except DataError:
            if not self._terms.decimal:
                raise
            is_comma = self._terms.decimal == "comma"
        return says_of_mark(value, is_comma=is_comma)

    def _say(self, name: str, says: str) -> None:
        self._troubles.append(Trouble(self._line, name, says))


_WRONG = object()


def _codes(currency: object) -> tuple[str, ...]:
    return codes_of(str(currency)) if currency not in (None, "") else ()


def _shown(value: object) -> str:
    return repr(value)[:64].encode("utf-8", "replace").decode()


def says_of(troubles: Sequence[Trouble]) -> str:
    """Problems of a batch as one text: the first few by name, all of them counted."""
    more = f" And {len(troubles) - MAX_SHOWN:,} more." if len(troubles) > MAX_SHOWN else ""
    shown = "; ".join(map(str, troubles[:MAX_SHOWN]))
    return f"nothing was changed, since {len(troubles):,} of what was sent cannot be done: {shown}.{more}"
