"""What a column of a shop system says of an order: whether what was ordered was bought, or came to nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

__all__ = ["is_date_of_undoing", "read_order_status"]

_STANDS = frozenset(
    "paid completed complete fulfilled partiallyfulfilled partial unfulfilled restocked shipped partiallyshipped "
    "delivered processing processed authorized authorised captured partiallypaid partiallyrefunded partialrefund "
    "invoiced success successful succeeded confirmed accepted approved settled intransit outfordelivery readytoship "
    "readyforpickup pickedup picked packed dispatched finished done purchased sold active ok "
    "bezahlt abgeschlossen versendet verschickt geliefert zugestellt erledigt bestätigt teilerstattet "
    "payée payé payee paye terminée terminé terminee termine expédiée expédié expediee expedie livrée livré livree "
    "livre remboursementpartiel pagado pagada completado completada enviado enviada entregado entregada "
    "pago paga concluído concluida pagato pagata completato completata spedito spedita consegnato consegnata "
    "betaald voltooid verzonden geleverd betald skickad levererad betalt sendt leveret levert maksettu toimitettu "
    "оплачен оплачено доставлен доставлено выполнен выполнено отправлен завершен завершён "
    "opłacone opłacona zrealizowane zrealizowana wysłane dostarczone zaplaceno odesláno doručeno "
    "ödendi tamamlandı kargolandı teslimedildi "
    "已完成 完成 已付款 已支付 支付成功 交易成功 交易完成 已发货 待发货 待收货 已签收 已收货 部分退款 已评价 待评价 "
    "完了 支払済 支払い済み 入金済み 発送済み 出荷済み 配達済み "
    "결제완료 배송완료 배송중 배송준비중 구매확정 주문완료".split()
)
_CAME_TO_NOTHING = frozenset(
    "cancelled canceled cancel cancellation voided void refunded refund fullyrefunded returned return failed failure "
    "declined denied rejected expired abandoned chargeback chargedback fraud trash deleted reversed unpaid "
    "paymentfailed undelivered "
    "storniert abgebrochen abgelehnt erstattet zurückerstattet zurückgesendet retourniert fehlgeschlagen unbezahlt "
    "annulée annulé annulee annule remboursée remboursé remboursee rembourse échouée échoué echouee echoue refusée "
    "refusé cancelado cancelada anulado anulada reembolsado reembolsada devuelto devuelta devolvido devolvida "
    "fallido fallida falhou rechazado rechazada annullato annullata rimborsato rimborsata reso rifiutato fallito "
    "geannuleerd terugbetaald geretourneerd mislukt avbruten återbetald annulleret annullert refunderet refundert "
    "peruttu palautettu hyvitetty отменен отменён отменено отменена возврат возвращен возвращён возвращено отказ "
    "anulowane anulowana anulowany zwrócone zwrócona zrušeno stornováno vráceno iptal iptaledildi iadeedildi iade "
    "已取消 取消 交易关闭 已关闭 交易取消 已退款 退款成功 全额退款 已退货 退货成功 未付款 支付失败 已作废 作废 拒收 "
    "キャンセル キャンセル済み 返金済み 返品 返品済み 取消済み 未入金 "
    "취소 취소완료 주문취소 결제취소 환불 환불완료 반품 반품완료".split()
)
_DATE_NAMES = re.compile(r"^(date)?(cancel|void|refund|storno|annul|anula|取消|退款|作废|キャンセル|취소)")
_APART = re.compile(r"[\s_\-./:]+")
_NOT = frozenset(("", "0", "no", "false", "none", "n", "否", "nein", "non"))
_SHOP_PREFIX = "wc-"


def is_date_of_undoing(column: str) -> bool:
    """Whether a column is one that is filled once an order is undone, as ``Cancelled at`` and ``退款时间``.

    Args:
        column: Its name.

    Returns:
        Whatever stands in such a column means that the order came to nothing.
    """
    return _DATE_NAMES.match(_folded(column)) is not None


def read_order_status(text: str, *, column: str = "", words: Mapping[str, bool] | None = None) -> bool | None:
    """Whether what was ordered was bought.

    Args:
        text: A value of the column.
        column: Its name.
        words: The shop's own words, and whether an order of that status was bought; they win over the known ones.

    Returns:
        False where the order was cancelled, refunded or never paid; ``None`` where the value is not known, or may mean
        either (``pending``, ``closed``).
    """
    word = _folded(text)
    own = {_folded(key): stands for key, stands in (words or {}).items()}
    if word in own:
        return own[word]
    if is_date_of_undoing(column):
        return word in _NOT
    if word in _CAME_TO_NOTHING:
        return False
    return True if word in _STANDS else None


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).strip().lower().removeprefix(_SHOP_PREFIX)
    return _APART.sub("", plain.replace("i\u0307", "i"))
