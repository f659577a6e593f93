"""Names that columns of each role usually have: English, Chinese, German, Japanese and a few of other languages."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["HEADS", "ROLE_NAMES", "Heads"]

ROLE_NAMES: dict[str, tuple[str, ...]] = {
    "item_id": (
        *("itemid", "productid", "productuid", "sku", "skuid", "asin", "stockcode", "docid", "goodsid", "variantsku"),
        *("parentasin", "product", "item", "productsku", "productcode", "itemcode", "articleid", "articlenumber"),
        *("itemno", "itemnumber", "productnumber", "productno", "partnumber", "modelnumber", "itemsku", "styleid"),
        *("spuid", "clickeddocid", "objectid", "id", "uid", "upc", "ean", "gtin", "barcode", "code", "reference"),
        *("artikelnummer", "artikelnr", "artnr", "artikelid", "produktid", "produktnummer", "produktnr"),
        *("bestellnummerartikel", "referencia", "codigo", "商品id", "商品编号", "商品编码", "货号", "编号", "商品号"),
        *("sku编码", "产品编号", "产品id", "宝贝id", "货品编号", "商品コード", "商品番号", "品番", "商品管理番号", "型番"),
        *("상품번호", "상품코드"),
    ),
    "title": (
        *("title", "producttitle", "itemname", "productname", "prodname", "name", "movietitle", "itemtitle"),
        *("displayname", "productdisplayname", "articlename", "goodsname", "skuname", "booktitle", "itemdescription"),
        *("description", "producttype", "artikelname", "artikelbezeichnung", "bezeichnung", "produktname", "titel"),
        *("produkttitel", "nom", "nomproduit", "libelle", "nombre", "titolo", "商品名称", "标题", "商品标题", "名称"),
        *("品名", "商品名", "产品名称", "宝贝标题", "宝贝名称", "货品名称", "商品タイトル", "製品名", "品目名", "상품명"),
    ),
    "description": (
        *("description", "longdescription", "productdescription", "shortdescription", "detaildesc", "desc", "details"),
        *("bodyhtml", "body", "content", "summary", "features", "about", "overview", "bulletpoints", "productdetails"),
        *("beschreibung", "artikelbeschreibung", "produktbeschreibung", "langtext", "kurzbeschreibung", "langbeschreibung"),
        *("descripcion", "descrizione", "描述", "商品描述", "详情", "简介", "商品详情", "商品介绍", "卖点", "产品描述"),
        *("商品説明", "説明", "商品説明文", "説明文", "キャッチコピー", "상품설명"),
    ),
    "category": (
        *("category", "categories", "categorypath", "productcategory", "producttype", "productcategories", "department"),
        *("maincategory", "subcategory", "categoryname", "categoryhierarchy", "googleproductcategory", "taxonomy"),
        *("producttypename", "productgroupname", "departmentname", "productgroup", "producthierarchy", "breadcrumb"),
        *("breadcrumbs", "aisle", "class", "productclass", "type", "genre", "genres", "mastercategory", "articletype"),
        *("kategorie", "kategorien", "warengruppe", "produktgruppe", "hauptkategorie", "unterkategorie", "categoria"),
        *("categorie", "rubrik", "sortiment", "类目", "分类", "品类", "类别", "商品分类", "一级类目", "二级类目"),
        *("三级类目", "商品类目", "所属分类", "产品分类", "カテゴリ", "カテゴリー", "商品カテゴリ", "分類", "카테고리"),
    ),
    "brand": (
        *("brand", "brandname", "manufacturer", "vendor", "maker", "label", "marke", "hersteller", "herstellername"),
        *("marque", "marca", "fabricant", "品牌", "厂商", "品牌名称", "生产厂家", "ブランド", "ブランド名", "メーカー"),
        *("メーカー名", "브랜드"),
    ),
    "price": (
        *("price", "unitprice", "pricecents", "regularprice", "variantprice", "saleprice", "listprice", "sellingprice"),
        *("retailprice", "currentprice", "grossprice", "amount", "salesprice", "salesvalue", "pricegross", "msrp"),
        *("preis", "verkaufspreis", "vk", "vkbrutto", "bruttopreis", "einzelpreis", "stückpreis", "prix", "prixttc"),
        *("precio", "prezzo", "价格", "单价", "售价", "销售价", "现价", "商品价格", "吊牌价", "零售价", "成交价", "价钱"),
        *("価格", "販売価格", "単価", "税込価格", "通常価格", "値段", "売価", "가격"),
    ),
    "stock": (
        *("stock", "stockstatus", "availabilitystatus", "currentstock", "instock", "inventory", "stockquantity"),
        *("availability", "isinstock", "variantinventoryqty", "inventoryqty", "inventoryquantity", "qtyavailable"),
        *("stocklevel", "onhand", "qtyonhand", "quantityavailable", "availablequantity", "stockqty", "qty", "available"),
        *("lagerbestand", "bestand", "lager", "verfügbarkeit", "verfuegbarkeit", "verfügbar", "lagermenge"),
        *("disponibilite", "disponibilité", "existencias", "disponibilità", "库存", "库存量", "库存数量", "可用库存"),
        *("库存状态", "是否有货", "在庫", "在庫数", "在庫状況", "在庫数量", "재고"),
    ),
    "image": (
        *("image", "imageurl", "imagelink", "imagesrc", "images", "img", "imgurl", "picture", "pictureurl", "photo"),
        *("photourl", "mainimage", "mainimageurl", "baseimage", "imageuri", "img500x500", "imghigh", "imgthumb"),
        *("thumbnail", "thumbnailurl", "bild", "bildurl", "bilder", "hauptbild", "图片", "主图", "图片地址", "商品图片"),
        *("主图链接", "图片链接", "画像", "画像url", "商品画像", "商品画像url", "이미지"),
    ),
    "attributes": (
        *("attributes", "attributesjson", "specs", "specifications", "properties", "style", "size", "packagesize"),
        *("color", "colour", "material", "colourgroupname", "option1value", "option2value", "option3value", "pattern"),
        *("basecolour", "gender", "season", "productfeatures", "attribute1values", "attribute2values", "variant"),
        *("farbe", "größe", "groesse", "eigenschaften", "merkmale", "material", "属性", "规格", "颜色", "尺码", "材质"),
        *("商品属性", "颜色分类", "规格型号", "カラー", "サイズ", "色", "素材", "仕様", "색상"),
    ),
    "published": (
        *("published", "ispublished", "active", "isactive", "enabled", "isenabled", "status", "productstatus"),
        *("visibility", "visible", "isvisible", "productonline", "visibilityincatalog", "onlinestatus", "listingstatus"),
        *("aktiv", "veröffentlicht", "sichtbar", "freigegeben", "onlineverfügbar", "上架", "是否上架", "上架状态"),
        *("商品状态", "发布状态", "状态", "是否发布", "公開", "公開状態", "公開フラグ", "販売状態", "公開ステータス"),
    ),
    "parent": (
        *("parent", "parentid", "parentsku", "handle", "itemgroupid", "parentitemid", "parentproductid", "variantof"),
        *("parentcode", "groupid", "productgroupid", "mastersku", "masterid", "parentasin", "productcode", "modelid"),
        *("hauptartikel", "vaterartikel", "elternartikel", "父商品", "父id", "父商品id", "款号", "spu", "spuid", "spu编码"),
        *("親商品コード", "親商品番号", "商品グループ"),
    ),
    "user": (
        *("userid", "user", "customerid", "visitorid", "householdid", "memberid", "customer", "reviewerid", "buyerid"),
        *("customeruniqueid", "shopperid", "householdkey", "userpseudoid", "clientid", "fullvisitorid", "accountid"),
        *("domainuserid", "anonymousid", "customerno", "customernumber", "customerkey", "custid", "personid", "uid"),
        *("customeremail", "email", "username", "userhash", "visitor", "member", "buyer", "distinctid", "idvisitor"),
        *("sessionuser", "kundennummer", "kundennr", "kundenid", "kunde", "besucherid", "nutzerid", "benutzerid"),
        *("idclient", "clienteid", "用户id", "用户", "买家", "会员", "会员号", "顾客", "客户", "用户编号", "会员编号"),
        *("客户编号", "会员id", "买家id", "客户id", "买家昵称", "顧客id", "会員id", "顧客コード", "顧客番号", "会員番号"),
        *("ユーザーid", "ユーザid", "고객번호"),
    ),
    "time": (
        *("timestamp", "time", "datetime", "eventtime", "date", "invoicedate", "transactiontimestamp", "createdat"),
        *("orderdate", "purchasedate", "unixreviewtime", "eventtimestamp", "tdat", "transactiondate", "collectortstamp"),
        *("ts", "eventdate", "orderedat", "purchasedat", "processedat", "paidat", "servertime", "servertimestamp"),
        *("orderpurchasetimestamp", "originaltimestamp", "derivedtstamp", "dvcecreatedtstamp", "ratingtimestamp"),
        *("visittime", "starttime", "createdtime", "ordertime", "saledate", "day", "reviewtime", "clicktime"),
        *("datum", "bestelldatum", "zeit", "zeitpunkt", "zeitstempel", "kaufdatum", "uhrzeit", "dateachat", "fecha"),
        *("时间", "日期", "下单时间", "时间戳", "购买时间", "行为时间", "付款时间", "交易时间", "订单创建时间", "下单日期"),
        *("订单日期", "日時", "日付", "注文日", "注文日時", "購入日", "購入日時", "タイムスタンプ", "주문일시"),
    ),
    "kind": (
        *("event", "eventtype", "eventname", "kind", "action", "actionname", "behavior", "behaviour", "behaviortype"),
        *("behaviourtype", "actiontype", "interactiontype", "interaction", "activity", "productaction", "activitytype"),
        *("transactiontype", "ordertype", "type", "ereignis", "aktion", "ereignistyp", "vorgang", "行为", "行为类型"),
        *("事件", "事件类型", "操作", "动作", "操作类型", "用户行为", "イベント", "行動", "イベント名", "アクション", "行動種別"),
    ),
    "session": (
        *("sessionid", "session", "sessid", "basketid", "invoiceno", "orderid", "invoice", "transactionid", "visitid"),
        *("cartid", "usersession", "gasessionid", "domainsessionid", "idvisit", "ordernumber", "orderno", "receiptid"),
        *("invoicenumber", "invoiceid", "basket", "ticketid", "sitzung", "sitzungsid", "bestellnummer", "belegnummer"),
        *("bestellnr", "auftragsnummer", "rechnungsnummer", "会话", "会话id", "订单号", "订单编号", "小票号", "订单id"),
        *("注文番号", "セッションid", "注文id", "伝票番号"),
    ),
    "query": (
        *("query", "searchterm", "searchquery", "keyword", "keywords", "q", "searchterms", "querytext", "userquery"),
        *("searchkeyword", "searchphrase", "querystring", "suchbegriff", "suchanfrage", "suchwort", "suchtext"),
        *("termerecherche", "requete", "查询", "查询词", "搜索词", "关键词", "搜索关键词", "检索词", "検索語", "クエリ"),
        *("検索キーワード", "検索ワード", "キーワード", "검색어"),
    ),
    "position": ("position", "rank", "slot", "positionordinal", "index", "positon", "stelle", "位置", "排名", "順位"),
    "quantity": (
        *("quantity", "qty", "units", "lineitemquantity", "orderqty", "itemquantity", "orderquantity", "menge"),
        *("anzahl", "stückzahl", "quantite", "cantidad", "数量", "件数", "购买数量", "商品数量", "個数", "購入数量", "수량"),
    ),
    "platform": ("platform", "channel", "device", "os", "devicecategory", "kanal", "平台", "渠道", "设备", "デバイス"),
    "event_id": ("eventid", "messageid", "eventuuid", "insertid", "hitid", "事件id", "イベントid"),
    "gain": (
        *("rating", "relevance", "gain", "label", "grade", "judgement", "judgment", "score", "finalrating", "esciflag"),
        *("escilabel", "relevancegrade", "relevancelabel", "relevancescore", "judgmentrating", "relevanz", "bewertung"),
        *("note", "medianrelevance", "qrel", "rel", "相关性", "得分", "评分", "等级", "相关度", "标注", "打分", "適合度"),
        *("関連度", "評価", "ラベル", "관련성"),
    ),
}
"""Names of each role, folded to letters and digits, the surest first."""


@dataclass(frozen=True, slots=True)
class Heads:
    """How longer English names of a role are made: words that say what it is, and words that say of what."""

    last: frozenset[str]
    """The word that the name ends in."""
    of: frozenset[str] = frozenset()
    """Words before it that leave the meaning as it is."""
    never: frozenset[str] = frozenset()
    """Words that make another thing of it."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ITEM = "product prod item items article art goods sku good merchandise variant spu style book movie film game listing offer"
_NO_ITEM = "user customer client visitor member order session category type group brand event store shop vendor seller"

HEADS: dict[str, Heads] = {
    "item_id": Heads(
        _words("id ids code no number num nr sku asin key ref reference uid uuid"),
        _words(_ITEM + " content entity object"),
        _words(_NO_ITEM + " tax department section colour color size image channel parent invoice transaction row"),
    ),
    "title": Heads(
        _words("name title titel headline bezeichnung"),
        _words(_ITEM + " full short display long main original seo"),
        _words(_NO_ITEM + " group colour color department section file class garment material author meta"),
    ),
    "description": Heads(
        _words("description desc text html body details detail beschreibung"),
        _words(_ITEM + " long short full detail marketing"),
        _words("category meta seo image url id number"),
    ),
    "category": Heads(
        _words("category categories group class department type section taxonomy hierarchy path kategorie"),
        _words(_ITEM + " main sub top level name master garment google primary"),
        _words("id no number num code user customer event tax payment shipping size colour color age key"),
    ),
    "brand": Heads(_words("brand manufacturer maker vendor marke"), _words(_ITEM + " name"), _words("id code no url")),
    "price": Heads(
        _words("price preis amount prix"),
        _words(_ITEM + " unit regular sale list retail selling current final gross net base incl vat usd eur gbp cny"),
        _words("cost shipping tax compare old discount total freight map minimal special original from date currency"),
    ),
    "stock": Heads(
        _words("stock inventory availability qty quantity instock bestand"),
        _words(_ITEM + " current available in on hand level is units status"),
        _words("order min max reorder sold incoming reserved line policy tracker backorder"),
    ),
    "image": Heads(
        _words("image images img picture photo thumbnail bild"),
        _words(_ITEM + " main base small url link src primary default uri high"),
        _words("alt text position label height width count"),
    ),
    "user": Heads(
        _words("id no number num code key hash uid uuid user customer visitor member buyer client"),
        _words("user customer client visitor member household buyer shopper account cust person reviewer pseudo unique"),
        _words("order product item session event type segment group zip city"),
    ),
    "time": Heads(
        _words("time date timestamp at dt ts datetime day tstamp datum"),
        _words("event order orders created purchase transaction invoice server visit view click sold placed review t unix"),
        _words("delivery delivered shipped ship updated modified birth dob estimated release expiry end cancelled limit"),
    ),
    "kind": Heads(
        _words("type name action event kind behavior behaviour"),
        _words("event action behavior behaviour interaction activity user ecommerce"),
        _words("product item customer page id"),
    ),
    "session": Heads(
        _words("id no number num code key session basket order invoice"),
        _words("session sess basket order invoice transaction visit cart receipt ticket ga"),
        _words("user customer product item line date"),
    ),
    "query": Heads(
        _words("query term terms keyword keywords phrase text"),
        _words("search user query site raw"),
        _words("id key number count"),
    ),
    "gain": Heads(
        _words("relevance rating label grade score judgement judgment gain"),
        _words("relevance esci judge median mean final human query product"),
        _words("id count name user"),
    ),
    "quantity": Heads(_words("quantity qty units"), _words("item order line ordered product sold"), _words("stock")),
    "attributes": Heads(
        _words("color colour size material style attributes specs features pattern value values"),
        _words(_ITEM + " option attribute base name group option1 option2 option3 1 2 3"),
        _words("id code price"),
    ),
}
