"""Which kind of event a word of a log stands for: the words of the usual trackers, shops and public logs.

A word is compared whole, without case, blanks and marks: ``view_item_list`` is no view and ``preview`` neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from steelyard.data.disliked import HIDE_WORDS
from steelyard.data.guessing.words.event_words_abroad import WORDS_ABROAD
from steelyard.data.guessing.words.folding import folded_name
from steelyard.data.returns import RETURN_WORDS

__all__ = ["IGNORED", "KIND_WORDS", "event_kind_of", "kinds_of_words"]

IGNORED = "ignore"
"""What stands in ``kinds`` for words that are known and not learnt from."""

KIND_WORDS: dict[str, tuple[str, ...]] = {
    "impression": (
        *("impression", "impressions", "expose", "exposure", "show", "shown", "displayed", "view_item_list"),
        *("list_view", "product list viewed", "viewlist", "view_list", "viewproductlist", "product_impression"),
        *("item_impression", "product_list_view", "曝光", "展示", "展现", "商品曝光", "表示", "インプレッション"),
    ),
    "view": (
        *("view", "views", "viewed", "pv", "detail", "details", "browse", "view_item", "viewitem", "product_view"),
        *("product viewed", "product_viewed", "viewed product", "viewcontent", "prodview", "productview", "item_view"),
        *("detail_view", "product_detail", "product_detail_view", "pdp_view", "view_product", "item_viewed", "look"),
        *("ansicht", "angesehen", "produktansicht", "aufruf", "vue", "consultation", "vista", "visto"),
        *("浏览", "查看", "访问", "浏览商品", "商品浏览", "看", "详情", "商品详情", "閲覧", "商品閲覧", "詳細", "조회"),
    ),
    "click": (
        *(
            "click",
            "clicks",
            "clicked",
            "clk",
            "select_item",
            "selectitem",
            "item_click",
            "product_click",
            "list_click",
        ),
        *("product clicked", "product_clicked", "productclick", "click_through", "clickthrough", "search_click"),
        *("result_click", "clickitem", "klick", "geklickt", "clic", "点击", "点击商品", "单击", "商品点击", "クリック"),
        *("클릭", "add_to_wishlist", "addtowishlist", "product added to wishlist", "product_added_to_wishlist"),
        *("wishlist", "wish", "fav", "favorite", "favourite", "favorites", "favourites", "collect", "like", "liked"),
        *("merkzettel", "gemerkt", "wunschliste", "收藏", "收藏商品", "加收藏", "喜欢", "关注", "お気に入り"),
    ),
    "add_to_cart": (
        *("add_to_cart", "addtocart", "cart", "carts", "add-to-cart", "add to cart", "added to cart", "add_cart"),
        *("product added", "product_added", "product_added_to_cart", "scadd", "add_to_basket", "basket", "add_to_bag"),
        *("cart_add", "item_added_to_cart", "add", "in den warenkorb", "warenkorb", "ajout panier", "ajout au panier"),
        *("añadir al carrito", "ecommerceabandonedcart", "加购", "加购物车", "加入购物车", "购物车", "放入购物车"),
        *("添加购物车", "カート追加", "カート", "カートに追加", "カートに入れる", "장바구니"),
    ),
    "purchase": (
        *("purchase", "purchases", "purchased", "transaction", "buy", "bought", "order", "orders", "ordered", "pay"),
        *("paid", "order completed", "order_completed", "placed order", "placed_order", "ordered product"),
        *("checkout_completed", "completepayment", "ecommerceorder", "tracktransaction", "product_purchase"),
        *("transaction_item", "sale", "sold", "kauf", "gekauft", "bestellung", "bestellt", "achat", "commande"),
        *("compra", "pedido", "购买", "下单", "支付", "成交", "付款", "订单", "买", "已购买", "購入", "注文", "구매"),
    ),
    "rating": (
        *("rating", "ratings", "review", "reviewed", "rate", "rated", "product reviewed", "product_reviewed"),
        *("bewertung", "bewertet", "评分", "评价", "评论", "レビュー", "評価"),
    ),
    "search": (
        *("search", "searched", "query", "view_search_results", "products searched", "products_searched"),
        *("search_submitted", "on_search", "site_search", "sitesearch", "suche", "gesucht", "recherche", "búsqueda"),
        *("搜索", "搜", "查询", "检索", "検索", "검색"),
    ),
    "return": (
        *RETURN_WORDS,
        *("refund", "refunded", "order refunded", "order_refunded", "refunded order", "cancelled order"),
        *("order cancelled", "order canceled", "order_cancelled", "retoure", "storno", "storniert", "返品", "返金"),
    ),
    "hide": HIDE_WORDS,
    IGNORED: (
        *("begin_checkout", "checkout", "checkout started", "checkout_started", "started checkout", "initiatecheckout"),
        *(
            "checkout_progress",
            "checkout_step",
            "checkout step viewed",
            "checkout step completed",
            "set_checkout_option",
        ),
        *("add_shipping_info", "add_payment_info", "addpaymentinfo", "payment info entered", "payment_info_submitted"),
        *("checkout_shipping_info_submitted", "checkout_address_info_submitted", "checkout_contact_info_submitted"),
        *("sccheckout", "scopen", "scview", "scremove", "view_cart", "viewcart", "viewbasket", "cart viewed"),
        *("cart_viewed", "remove_from_cart", "removefromcart", "product removed", "product_removed", "remove"),
        *("product_removed_from_cart", "cart_remove", "remove_cart", "remove_from_basket", "remove_from_wishlist"),
        *("page_view", "pageview", "pageviews", "page_ping", "page_viewed", "$pageview", "$pageleave", "$autocapture"),
        *("session_start", "sessionstart", "first_visit", "user_engagement", "scroll", "login", "logout", "sign_up"),
        *("link_click", "button_click", "outlink", "download", "file_download", "form_start", "form_submit", "struct"),
        *("view_promotion", "select_promotion", "promo_view", "promo_click", "promotion viewed", "promotion clicked"),
        *("promotion_click", "share", "product shared", "collection_viewed", "video_start", "video_progress"),
        *("video_complete", "generate_lead", "lead", "item_hover", "product_hover", "type_filter", "brand_filter"),
        *("coupon applied", "coupon entered", "fulfilled order", "order updated", "trns_error", "goal", "action"),
        *(
            "加入收藏夹后移除",
            "移除购物车",
            "删除购物车",
            "移出购物车",
            "取消收藏",
            "结算",
            "登录",
            "退出",
            "注册",
            "分享",
        ),
        *("カート削除", "ログイン", "aus dem warenkorb entfernt", "kasse", "anmeldung"),
    ),
}
"""Words by kind, as they are usually written."""

_PAGE = frozenset(("pageview", "pageviews", "pageviewed"))
"""A view of a page: of a product where the log has no other word for that, and of any page otherwise."""
_KINDS = {folded_name(word): kind for words in (WORDS_ABROAD, KIND_WORDS) for kind in words for word in words[kind]}


def event_kind_of(value: str) -> str | None:
    """The kind a value of a log stands for.

    Args:
        value: As it is written in the log.

    Returns:
        An event kind, ``ignore`` for a word that is known and not learnt from, ``None`` where it is not known.
    """
    return _KINDS.get(folded_name(value))


def kinds_of_words(values: Iterable[str]) -> Mapping[str, str]:
    """What the values of one column of kinds stand for, each seen beside the others.

    Args:
        values: The different values of the column.

    Returns:
        The known ones with their kind. A page view is the view of a product only where no other value is.
    """
    found = {value: kind for value in values if (kind := event_kind_of(value)) is not None}
    has_views = "view" in found.values()
    pages = {} if has_views else {value: "view" for value in found if folded_name(value) in _PAGE}
    return found | pages
