"""Names that columns of each role usually have: English, Chinese, German, Japanese and a few of other languages."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["HEADS", "ROLE_NAMES", "WEAK_NAMES", "Heads"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ROLE_NAMES: dict[str, tuple[str, ...]] = {
    "item_id": _words(
        "itemid productid productuid sku skuid asin stockcode docid goodsid variantsku parentasin product item "
        "productsku productcode itemcode articleid articlenumber itemno itemnumber productnumber productno "
        "partnumber modelnumber itemsku styleid spuid clickeddocid objectid artikelnummer artikelnr artnr "
        "artikelid produktid produktnummer produktnr bestellnummerartikel referencia codigo 商品id 商品编号 "
        "商品编码 货号 编号 商品号 sku编码 产品编号 产品id 宝贝id 货品编号 商品コード 商品番号 品番 商品管理番号 "
        "型番 상품번호 상품코드 artikel itemref variantid skucode referenz iid"
    ),
    "title": _words(
        "title producttitle itemname productname prodname name movietitle itemtitle displayname "
        "productdisplayname articlename goodsname skuname booktitle itemdescription artikelname "
        "artikelbezeichnung bezeichnung productdesc itemdesc proddesc skudesc produktname titel produkttitel "
        "nom nomproduit libelle nombre titolo "
        "商品名称 标题 商品标题 名称 品名 商品名 产品名称 宝贝标题 宝贝名称 货品名称 商品タイトル 製品名 品目名 "
        "상품명 bookname filmtitle designation nombredelproducto nomduproduit denominacion denomination articolo "
        "articulo tytul nazwa"
    ),
    "description": _words(
        "description longdescription productdescription shortdescription detaildesc bodyhtml bulletpoints "
        "productdetails beschreibung artikelbeschreibung produktbeschreibung langtext langbeschreibung "
        "descripcion descrizione 描述 商品描述 详情 简介 商品详情 商品介绍 产品描述 商品説明 説明 商品説明文 "
        "説明文 상품설명 kurztext longtext productdetail opis"
    ),
    "category": _words(
        "category categories categorypath productcategory producttype productcategories department maincategory "
        "subcategory categoryname categoryhierarchy taxonomy producttypename productgroupname departmentname "
        "productgroup producthierarchy breadcrumb breadcrumbs mastercategory articletype kategorie kategorien "
        "warengruppe produktgruppe hauptkategorie unterkategorie categoria categorie 类目 分类 品类 类别 商品分类 "
        "一级类目 二级类目 三级类目 商品类目 所属分类 产品分类 カテゴリ カテゴリー 商品カテゴリ 카테고리 "
        "categoriesxyz category1 categoryl1 topcategory category2 category3"
    ),
    "brand": _words(
        "brand brandname manufacturer vendor marke hersteller herstellername marque marca fabricant 品牌 厂商 "
        "品牌名称 生产厂家 ブランド ブランド名 メーカー メーカー名 브랜드"
    ),
    "price": _words(
        "price unitprice pricecents regularprice variantprice listprice sellingprice retailprice currentprice "
        "grossprice salesprice pricegross preis verkaufspreis vkbrutto bruttopreis einzelpreis stuckpreis vk prix "
        "prixttc precio prezzo 价格 单价 售价 销售价 现价 商品价格 零售价 成交价 价钱 価格 販売価格 単価 税込価格 "
        "通常価格 値段 売価 가격 pricetaxincluded priceincltax pricetaxincl pricewithtax endpreis sellprice "
        "actualprice finalprice normalprice baseprice newprice prixdevente precioventa cena pris"
    ),
    "stock": _words(
        "stock stockstatus availabilitystatus currentstock instock stockquantity availability isinstock "
        "variantinventoryqty inventoryqty inventoryquantity qtyavailable stocklevel qtyonhand quantityavailable "
        "availablequantity stockqty lagerbestand bestand verfugbarkeit verfuegbarkeit verfugbar lagermenge "
        "disponibilite existencias disponibilita 库存 库存量 库存数量 可用库存 库存状态 是否有货 在庫 在庫数 "
        "在庫状況 在庫数量 재고 stockavailable inventorycount stockcount"
    ),
    "image": _words(
        "image imageurl imagelink imagesrc img imgurl picture pictureurl photo photourl mainimage mainimageurl "
        "baseimage imageuri thumbnailurl bild bildurl hauptbild 图片 主图 图片地址 商品图片 主图链接 图片链接 "
        "画像 画像url 商品画像 商品画像url 이미지 imageurlsxyz imageurls mainimagelink foto photos cover "
        "coverimage picurl imagepath media"
    ),
    "attributes": _words(
        "attributes attributesjson specifications properties size packagesize color colour material "
        "colourgroupname option1value option2value option3value basecolour productfeatures attribute1values "
        "attribute2values farbe große groesse eigenschaften merkmale 属性 规格 颜色 尺码 材质 商品属性 颜色分类 "
        "规格型号 カラー サイズ 色 素材 仕様 색상"
    ),
    "published": _words(
        "published ispublished isactive isenabled productstatus visibility isvisible productonline "
        "visibilityincatalog onlinestatus listingstatus aktiv veroffentlicht sichtbar freigegeben onlineverfugbar "
        "上架 是否上架 上架状态 商品状态 发布状态 是否发布 公開 公開状態 公開フラグ 販売状態 公開ステータス "
        "active01 ispublic isonline onsale publishedat productvisible visibleonline showinstore isvisibleonline"
    ),
    "parent": _words(
        "parent parentid parentsku handle itemgroupid parentitemid parentproductid variantof parentcode mastersku "
        "masterid parentasin hauptartikel vaterartikel elternartikel 父商品 父id 父商品id 款号 spuid spu编码 "
        "親商品コード 親商品番号 商品グループ"
    ),
    "user": _words(
        "userid user customerid visitorid householdid memberid customer reviewerid buyerid customeruniqueid "
        "shopperid householdkey userpseudoid fullvisitorid accountid domainuserid anonymousid customerno "
        "customernumber customerkey custid personid userhash buyer distinctid idvisitor kundennummer kundennr "
        "kundenid kunde besucherid nutzerid benutzerid idclient clienteid 用户id 用户 买家 会员 会员号 顾客 客户 "
        "用户编号 会员编号 客户编号 会员id 买家id 客户id 顧客id 顧客コード 顧客番号 会員番号 ユーザーid "
        "ユーザid 고객번호 nutzer 买家会员名 会员名 买家账号 cid memberno loyaltyid cardno"
    ),
    "time": _words(
        "timestamp time datetime eventtime invoicedate transactiontimestamp createdat orderdate purchasedate "
        "unixreviewtime eventtimestamp tdat transactiondate collectortstamp orderedat purchasedat processedat "
        "paidat servertime servertimestamp orderpurchasetimestamp originaltimestamp derivedtstamp "
        "dvcecreatedtstamp ratingtimestamp visittime createdtime ordertime saledate reviewtime clicktime datum "
        "bestelldatum zeit zeitpunkt zeitstempel kaufdatum dateachat fecha 时间 日期 下单时间 时间戳 购买时间 "
        "行为时间 付款时间 交易时间 订单创建时间 下单日期 订单日期 日時 日付 注文日 注文日時 購入日 購入日時 "
        "タイムスタンプ 주문일시 orderplacedat eventat"
    ),
    "kind": _words(
        "event eventtype eventname kind action actionname behavior behaviour behaviortype behaviourtype "
        "actiontype interactiontype interaction productaction activitytype transactiontype ordertype ereignis "
        "aktion ereignistyp vorgang 行为 行为类型 事件 事件类型 动作 操作类型 用户行为 イベント 行動 イベント名 "
        "アクション 行動種別 act"
    ),
    "session": _words(
        "sessionid session sessid basketid invoiceno orderid cartid usersession gasessionid domainsessionid "
        "ordernumber orderno receiptid invoicenumber invoiceid ticketid sitzung sitzungsid bestellnummer "
        "belegnummer bestellnr auftragsnummer rechnungsnummer 会话 会话id 订单号 订单编号 小票号 订单id 注文番号 "
        "セッションid 注文id 伝票番号"
    ),
    "query": _words(
        "query searchterm searchquery searchterms querytext userquery searchkeyword searchphrase querystring "
        "suchbegriff suchanfrage suchwort suchtext termerecherche requete 查询 查询词 搜索词 搜索关键词 检索词 "
        "検索語 クエリ 検索キーワード 検索ワード 검색어"
    ),
    "position": _words("position rank slot positionordinal positon stelle 位置 排名 順位"),
    "quantity": _words(
        "quantity qty lineitemquantity orderqty itemquantity orderquantity menge stuckzahl quantite cantidad 数量 "
        "件数 购买数量 商品数量 個数 購入数量 수량 qtyordered quantityordered orderedqty"
    ),
    "platform": _words("platform devicecategory kanal 平台 渠道 设备 デバイス"),
    "event_id": _words("eventid messageid eventuuid insertid 事件id イベントid"),
    "gain": _words(
        "relevance gain grade judgement judgment finalrating esciflag escilabel relevancegrade relevancelabel "
        "relevancescore judgmentrating relevanz medianrelevance qrel 相关性 得分 评分 等级 相关度 打分 適合度 "
        "関連度 관련성"
    ),
}
"""Names of each role, folded to letters and digits, the surest first."""

WEAK_NAMES: dict[str, tuple[str, ...]] = {
    "item_id": _words(
        "id uid isbn13 isbn isbn10 reference code ref no upc ean ean13 gtin gtin13 barcode jan janコード 编码 "
        "条形码 partno mpn"
    ),
    "title": _words("label description producttype text bezeichnungkurz"),
    "description": _words(
        "desc details body content summary features about overview kurzbeschreibung 卖点 キャッチコピー text"
    ),
    "category": _words(
        "googleproductcategory aisle class productclass type genre genres section tags rubrik sortiment "
        "categoryid 分类id"
    ),
    "brand": _words("label maker supplier lieferant publisher seller 供应商"),
    "price": _words(
        "amount msrp uvp rrp saleprice salesvalue netprice marketprice 市场价 吊牌价 totalprice revenue value "
        "pricetaxexcluded pricetaxexcl priceexcltax priceexclvat pricewithouttax pricenet nettopreis preisnetto prixht "
        "prixhorstaxe preciosiniva prezzoivaesclusa 不含税价 税抜価格"
    ),
    "stock": _words("qty quantity available inventory lager onhand disponible"),
    "image": _words("images thumbnail img500x500 imghigh imgthumb bilder"),
    "attributes": _words("style season gender pattern variant specs"),
    "published": _words("status active visible 状态 enabled 正常 state"),
    "parent": _words("productcode groupid modelid spu productgroupid"),
    "user": _words("uid email customeremail username visitor member clientid phone sessionuser 买家昵称"),
    "time": _words("date eventdate day ts week uhrzeit starttime"),
    "kind": _words("type activity 操作 operation status"),
    "session": _words("transactionid visitid idvisit invoice basket"),
    "query": _words("q keyword keywords 关键词 キーワード text phrase"),
    "position": _words("index"),
    "quantity": _words("units count anzahl"),
    "platform": _words("os channel device"),
    "event_id": _words("hitid"),
    "gain": _words("label rating note rel score bewertung 評価 ラベル 标注"),
}
"""Names that are used for the role and for other things too, the likeliest first."""


@dataclass(frozen=True, slots=True)
class Heads:
    """How longer English names of a role are made: words that say what it is, and words that say of what."""

    last: frozenset[str]
    """The word that the name ends in."""
    of: frozenset[str] = frozenset()
    """Words before it that leave the meaning as it is."""
    never: frozenset[str] = frozenset()
    """Words that make another thing of it."""


def _of(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ITEM = "product prod item items article art goods sku good merchandise variant spu style book movie film game offer"
_NO_ITEM = "user customer client visitor member order session category type group brand event store shop vendor seller"

HEADS: dict[str, Heads] = {
    "item_id": Heads(
        _of("id ids code no number num nr nbr cd sku asin key ref reference uid uuid"),
        _of(_ITEM + " content entity object"),
        _of(_NO_ITEM + " tax department section colour color size image channel parent invoice transaction row"),
    ),
    "title": Heads(
        _of("name title titel headline bezeichnung"),
        _of(_ITEM + " full short display long main original seo"),
        _of(_NO_ITEM + " group colour color department section file class garment material author meta"),
    ),
    "description": Heads(
        _of("description desc text html body details detail beschreibung"),
        _of(_ITEM + " long short full detail marketing"),
        _of("category meta seo image url id number"),
    ),
    "category": Heads(
        _of("category categories group class department dept cat type section taxonomy hierarchy path kategorie"),
        _of(_ITEM + " main sub top level name master garment google primary"),
        _of("id no number num code user customer event tax payment shipping size colour color age key"),
    ),
    "brand": Heads(_of("brand manufacturer maker vendor marke"), _of(_ITEM + " name"), _of("id code no url")),
    "price": Heads(
        _of("price preis amount prix prc"),
        _of(
            _ITEM + " unit regular sale list retail selling current final gross net base incl vat usd eur gbp cny new "
            "now web shop online consumer customer public"
        ),
        _of(
            "cost purchase buying wholesale landed supplier dealer was previous before shipping tax compare old "
            "discount total freight map minimal special original from date currency"
        ),
    ),
    "stock": Heads(
        _of("stock inventory availability qty quantity instock bestand"),
        _of(_ITEM + " current available in on hand level is units status"),
        _of("order min max reorder sold incoming reserved line policy tracker backorder"),
    ),
    "image": Heads(
        _of("image images img picture photo thumbnail bild"),
        _of(_ITEM + " main base small url link src primary default uri high"),
        _of("alt text position label height width count"),
    ),
    "user": Heads(
        _of("id no number num nbr cd code key hash uid uuid user customer visitor member buyer client"),
        _of(
            "user customer client visitor member household buyer shopper account cust cst person reviewer pseudo unique"
        ),
        _of("order product item session event type segment group zip city"),
    ),
    "time": Heads(
        _of("time date timestamp at dt ts datetime day tstamp datum"),
        _of(
            "event order orders created purchase transaction invoice server visit view click sold placed review t unix "
            "trx trans txn"
        ),
        _of("delivery delivered shipped ship updated modified birth dob estimated release expiry end cancelled limit"),
    ),
    "kind": Heads(
        _of("type name action event kind behavior behaviour"),
        _of("event action behavior behaviour interaction activity user ecommerce"),
        _of("product item customer page id"),
    ),
    "session": Heads(
        _of("id no number num nbr code key session basket order invoice"),
        _of("session sess basket order invoice transaction visit cart receipt ticket ga"),
        _of("user customer product item line date"),
    ),
    "query": Heads(
        _of("query term terms keyword keywords phrase text"),
        _of("search user query site raw"),
        _of("id key number count"),
    ),
    "gain": Heads(
        _of("relevance rating label grade score judgement judgment gain"),
        _of("relevance esci judge median mean final human query product"),
        _of("id count name user"),
    ),
    "quantity": Heads(_of("quantity qty units"), _of("item order line ordered product sold"), _of("stock")),
    "attributes": Heads(
        _of("color colour size material style attributes specs features pattern value values"),
        _of(_ITEM + " option attribute base name group option1 option2 option3 1 2 3"),
        _of("id code price"),
    ),
}
