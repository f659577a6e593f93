"""What a stock column says, in numbers or in the words of product feeds and shops, in many languages."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["AVAILABLE", "NOT_GIVEN", "ON_ORDER", "UNAVAILABLE", "Stock", "read_stock"]

_NOT_WORD = re.compile(r"[\W_]+")


def _folded(text: str) -> str:
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text)).lower()


def _words(text: str) -> tuple[str, ...]:
    return tuple(map(_folded, text.split()))


AVAILABLE = frozenset(
    (
        *("true", "yes", "y", "t", "on", "instock", "available", "availablenow", "instoreandonline", "onlineonly"),
        *("limited", "limitedavailability", "lowstock", "lastitems", "fewleft", "lastone", "lastpiece", "active"),
        *("readytoship", "shipsnow", "immediately"),
        *("有货", "有", "现货", "在售", "库存充足", "充足", "有现货", "是", "库存紧张", "紧张", "少量", "仅剩少量"),
        *("上架", "可售", "少量库存", "有库存", "在库", "在庫あり", "auflager", "lieferbar", "verfügbar", "enstock"),
        *_words(
            "в_наличии в_наявності есть є tak ano áno evet igen ναι sim da ya có dostępny dostępne w_magazynie "
            "na_stanie skladem skladom na_sklade διαθέσιμο σε_απόθεμα stokta stokta_var var mevcut op_voorraad "
            "beschikbaar i_lager på_lager varastossa raktáron készleten elérhető în_stoc disponibil disponível "
            "em_estoque em_stock en_existencia en_existencias hay_stock con_stock còn_hàng tersedia ada متوفر "
            "متاح نعم موجود במלאי זמין כן हाँ उपलब्ध มีสินค้า มี 재고있음 판매중 있음 はい 有貨 現貨 充足 有庫存"
        ),
        *("disponible", "disponibile", "ja", "oui", "si", "sí", "да", "vorrätig", "vorraetig", "sofortlieferbar"),
    )
)
"""Words that say an item can be had now; letters and digits only, lower case."""

UNAVAILABLE = frozenset(
    (
        *("false", "no", "n", "f", "off", "none", "outofstock", "outstock", "oos", "soldout", "sold", "unavailable"),
        *("notavailable", "notinstock", "nostock", "discontinued", "instoreonly", "instore", "inactive", "empty"),
        *("reserved", "temporarilyoutofstock", "currentlyunavailable", "endoflife", "eol", "retired", "zero"),
        *(
            "缺货",
            "无货",
            "售罄",
            "已售罄",
            "售完",
            "已售完",
            "卖完",
            "无",
            "没货",
            "没有货",
            "断货",
            "暂无",
            "暂时缺货",
        ),
        *("已下架", "下架", "停产", "停售", "否", "暂无库存", "无库存", "补货中", "在庫なし", "品切れ"),
        *_words(
            "нет_в_наличии отсутствует немає немає_в_наявності ні nie brak niedostępny niedostępne wyprzedane ne "
            "vyprodáno není_skladem vypredané εξαντλημένο μη_διαθέσιμο όχι hayır yok stokta_yok tükendi nee "
            "uitverkocht niet_op_voorraad niet_beschikbaar nej nei slut slut_i_lager slutsåld udsolgt utsolgt "
            "ikke_på_lager ei loppu loppunut nem elfogyott nincs_raktáron nincs_készleten nu stoc_epuizat "
            "epuizat indisponibil não esgotado indisponível sem_estoque sem_stock sin_existencias sin_stock "
            "no_disponible non_disponibile tidak habis không hết_hàng غير_متوفر نفد لا אזל אזל_מהמלאי לא_במלאי "
            "לא नहीं अनुपलब्ध สินค้าหมด หมด ไม่มี 품절 재고없음 없음 いいえ 缺貨 無貨 完售 售完 補貨中"
        ),
        *("nein", "non", "нет", "nichtvorrätig", "vergriffen"),
        *("ausverkauft", "nichtverfügbar", "nichtlieferbar", "épuisé", "rupture", "agotado", "esaurito"),
    )
)
"""Words that say an item cannot be had."""

ON_ORDER = frozenset(
    (
        *("preorder", "presale", "backorder", "backordered", "onorder", "madetoorder", "comingsoon", "availablesoon"),
        *_words("под_заказ під_замовлення na_zamówienie na_objednávku κατόπιν_παραγγελίας op_bestelling på_bestilling"),
        *_words("rendelésre pe_comandă sob_encomenda bajo_pedido su_ordinazione sur_commande auf_bestellung 預購 예약"),
        *("预售", "预订", "预定", "订货", "即将上市", "到货通知", "调货"),
    )
)
"""Words that say an item can be ordered but not sent yet."""

NOT_GIVEN = frozenset(("na", "unknown", "undefined", "tbd", "未知", "不详", ""))
"""Values that say nothing, as an empty cell does."""

_URL = re.compile(r"(?:https?://|(?:www\.)?schema\.org/)(?:\S*[/#])?([^/#\s]+)/?", re.IGNORECASE)
_COUNT = re.compile(
    r"(?:only|just|last|stock|inventory|qty|quantity|in stock|available|仅剩|只剩|还剩|剩余|剩|库存|现货|有货|余)?"
    r"\s*[:(]?\s*(?:>=?|over|more than|超过)?\s*(\d{1,3}(?:,\d{3})+|\d+)(?:\.0+)?\s*\+?\s*\)?\s*"
    r"(?:more)?\s*(?:left(?: in stock)?|remaining|in stock|available|pcs?\.?|pieces?|units?|items?|ea|each|x|"
    r"件|个|只|瓶|盒|台|双|套|箱|包|本|条|支|张|把|袋|罐|枚|部|块|桶|组|份|件以上|個|点)?",
    re.IGNORECASE,
)
_COUNT_IN_WORDS = re.compile(r"(?:in stock|available|有货|现货)\s*[:(]\s*(\d+)\s*\)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stock:
    """What one value says."""

    pieces: int | None = None
    """How many there are; ``None`` where the value does not count them."""
    is_available: bool | None = None
    """Whether the item can be had now; ``None`` where the value says nothing or cannot be read."""
    is_on_order: bool = False
    """Whether it can be ordered, to be sent later; such an item is not available now."""
    is_negative: bool = False
    """Whether a number below zero was written; taken as none."""
    is_read: bool = True
    """False where the value means something that is not known here."""


def read_stock(text: str, *, words: Mapping[str, bool] | None = None) -> Stock:
    """What a written stock says.

    Args:
        text: A value of the stock column: a number, a count with words (``3 left``, ``16件``), a word of a product feed
            (``in stock``, ``OutOfStock``, ``有货``), or its address at schema.org.
        words: The shop's own words and whether each means that the item can be had; they win over the known ones.

    Returns:
        Never a guess: what is not known has ``is_read`` false and must not be taken as available.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    own = {_folded(word): is_available for word, is_available in (words or {}).items()}
    address = _URL.fullmatch(plain)
    word = _folded(address[1] if address else plain)
    if word in own:
        return Stock(is_available=own[word])
    number = _number(plain)
    if number is not None:
        return Stock(int(min(max(number, 0), 2**53)), number > 0, is_negative=number < 0)
    if word in NOT_GIVEN:
        return Stock()
    if word in ON_ORDER:
        return Stock(is_available=False, is_on_order=True)
    if word in AVAILABLE or word in UNAVAILABLE:
        return Stock(is_available=word in AVAILABLE)
    return Stock(is_read=False)


def _number(plain: str) -> float | None:
    try:
        value = float(plain.replace("_", "?"))
    except ValueError:
        found = _COUNT.fullmatch(plain) or _COUNT_IN_WORDS.fullmatch(plain)
        return float(found[1].replace(",", "")) if found else None
    return value if math.isfinite(value) else None
