# ruff: noqa: E501
"""Layouts of real exports in our own words: a few rows each, and which column plays which role.

Kept apart: the layouts in ``LEARNT`` were looked at while the scores were set, those in ``HELD_OUT`` only afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Labelled:
    name: str
    table: str
    text: str
    roles: dict[str, str]
    """By role the right column; ``a|b`` where either is right, ``-`` where none plays it."""


def _items(name, text, **roles):
    return Labelled(name, "items", text.strip() + "\n", roles)


def _log(name, text, **roles):
    return Labelled(name, "events", text.strip() + "\n", roles)


def _judged(name, text, **roles):
    return Labelled(name, "judgements", text.strip() + "\n", roles)


LEARNT = (
    _items(
        "shop system, handles and variants",
        """
Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Inventory Qty,Variant Price,Variant Compare At Price,Image Src,Image Position,Gift Card,Status
felt-hat,Felt Hat,<p>Warm felt</p>,Nordby,Apparel > Hats,Hats,winter,TRUE,Size,S,FH-S,120,4,35.00,40.00,https://cdn.example/f1.jpg,1,FALSE,active
felt-hat,,,,,,,,,M,FH-M,125,9,35.00,40.00,,,,
clay-bowl,Clay Bowl,<p>Hand thrown</p>,Potters,Home > Bowls,Bowls,kitchen,TRUE,Title,Default Title,CB-1,600,12,22.50,,https://cdn.example/c1.jpg,1,FALSE,active
pine-desk,Pine Desk,<p>Solid pine</p>,Nordby,Furniture > Desks,Desks,,TRUE,Title,Default Title,PD-1,9000,1,310.00,,https://cdn.example/p1.jpg,1,FALSE,draft
wool-scarf,Wool Scarf,<p>Long scarf</p>,Mills,Apparel > Scarves,Scarves,winter,TRUE,Colour,Red,WS-R,200,0,29.00,,https://cdn.example/w1.jpg,1,FALSE,active
wool-scarf,,,,,,,,,Blue,WS-B,200,7,29.00,,,,,
""",
        item_id="Variant SKU", title="Title", description="Body (HTML)", brand="Vendor", category="Product Category|Type",
        price="Variant Price", stock="Variant Inventory Qty", image="Image Src", parent="Handle",
        published="Published|Status",
    ),
    _items(
        "plugin shop, types of products and sale prices",
        """
ID,Type,SKU,Name,Published,Is featured?,Visibility in catalog,Short description,Description,Tax status,In stock?,Stock,Weight (kg),Sale price,Regular price,Categories,Tags,Images,Parent
501,simple,LMP-1,Brass Lamp,1,0,visible,Small lamp,<p>Brushed brass</p>,taxable,1,8,1.2,,89,Lighting > Lamps,brass,https://i.example/1.jpg,
502,simple,LMP-2,Paper Lantern,1,0,visible,Round lantern,<p>Rice paper</p>,taxable,1,20,.2,15,19,Lighting > Lanterns,paper,https://i.example/2.jpg,
503,variable,RUG,Hemp Rug,1,1,visible,Woven rug,<p>Pure hemp</p>,taxable,1,,3,,,Textiles > Rugs,,https://i.example/3.jpg,
504,variation,RUG-S,Hemp Rug - Small,1,0,visible,,,taxable,1,3,3,,60,,,,RUG
505,variation,RUG-L,Hemp Rug - Large,1,0,visible,,,taxable,0,0,5,,110,,,,RUG
506,simple,CUP-1,Tin Cup,0,0,hidden,Camping cup,<p>Enamel</p>,taxable,1,40,.1,,9,Outdoor > Cups,camping,https://i.example/6.jpg,
""",
        item_id="ID|SKU", title="Name", description="Description|Short description", category="Categories",
        price="Regular price|Sale price", stock="In stock?|Stock", image="Images", brand="-",
        published="Published|Visibility in catalog",
    ),
    _items(
        "large shop system, store views and attribute sets",
        """
sku,store_view_code,attribute_set_code,product_type,categories,name,description,short_description,weight,product_online,visibility,price,special_price,url_key,base_image,qty,is_in_stock,manufacturer
MB01,,Bag,simple,"Root/Gear,Root/Gear/Bags",Trail Backpack,<p>Roomy pack</p>,Roomy,1.4,1,"Catalog, Search",59.0,,trail-backpack,/m/b/mb01.jpg,24,1,Peak
MB02,,Bag,simple,"Root/Gear,Root/Gear/Bags",Messenger Bag,<p>City bag</p>,City,1.1,1,"Catalog, Search",45.0,39.0,messenger-bag,/m/b/mb02.jpg,3,1,Peak
MH01,,Top,simple,"Root/Men,Root/Men/Hoodies",Grey Hoodie,<p>Soft</p>,Soft,.6,1,"Catalog, Search",52.0,,grey-hoodie,/m/h/mh01.jpg,0,0,Lund
MH02,,Top,simple,"Root/Men,Root/Men/Hoodies",Black Hoodie,<p>Warm</p>,Warm,.6,2,Not Visible Individually,54.0,,black-hoodie,/m/h/mh02.jpg,17,1,Lund
WT01,,Top,simple,"Root/Women,Root/Women/Tanks",Running Tank,<p>Light</p>,Light,.3,1,"Catalog, Search",29.0,,running-tank,/w/t/wt01.jpg,50,1,Lund
""",
        item_id="sku", title="name", description="description|short_description", category="categories",
        price="price|special_price", stock="qty|is_in_stock", image="base_image", brand="manufacturer",
    ),
    _items(
        "merchant feed",
        """
id,title,description,link,image_link,availability,price,sale_price,brand,gtin,mpn,condition,google_product_category,product_type,item_group_id,color,size
K1,Copper kettle 1 litre,Whistling kettle of copper,https://s.example/k1,https://s.example/k1.jpg,in stock,39.90 EUR,,Rhein,4012345678901,KT1,new,730,Kitchen > Kettles,KT,copper,1 l
K2,Copper kettle 2 litres,Large whistling kettle,https://s.example/k2,https://s.example/k2.jpg,out of stock,49.90 EUR,44.90 EUR,Rhein,4012345678902,KT2,new,730,Kitchen > Kettles,KT,copper,2 l
P1,Iron pan 28 cm,Forged pan with handle,https://s.example/p1,https://s.example/p1.jpg,in stock,59.00 EUR,,Esse,4012345678903,PN1,new,731,Kitchen > Pans,PN,black,28 cm
T1,Oak tray,Tray with rim,https://s.example/t1,https://s.example/t1.jpg,preorder,25.00 EUR,,Esse,4012345678904,TR1,new,732,Kitchen > Trays,TR,brown,
""",
        item_id="id", title="title", description="description", category="product_type|google_product_category",
        price="price|sale_price", stock="availability", image="image_link", brand="brand",
    ),
    _items(
        "fashion articles",
        """
article_id,product_code,prod_name,product_type_no,product_type_name,product_group_name,graphical_appearance_name,colour_group_name,department_no,department_name,index_name,section_name,garment_group_name,detail_desc
0201112001,201112,Slim jeans blue,272,Trousers,Garment Lower body,Denim,Blue,1676,Denim Men,Menswear,Mens Denim,Trousers Denim,Jeans with five pockets and a slim leg
0201112002,201112,Slim jeans black,272,Trousers,Garment Lower body,Denim,Black,1676,Denim Men,Menswear,Mens Denim,Trousers Denim,Black jeans with five pockets
0201113001,201113,Jolly tee,255,T-shirt,Garment Upper body,Solid,White,1677,Jersey,Menswear,Mens Basics,Jersey Basic,Round-necked T-shirt in soft jersey
0201114001,201114,Bibi sock pair,302,Socks,Socks & Tights,Stripe,Grey,1678,Socks,Ladieswear,Womens Basics,Socks and Tights,Fine-knit socks with stripes
0201115001,201115,Anna dress,265,Dress,Garment Full body,Dot,Red,1679,Dresses,Ladieswear,Womens Dresses,Dresses Ladies,Calf-length dress in woven fabric
0201116001,201116,Rio cap,74,Cap,Accessories,Solid,Blue,1680,Accessories,Menswear,Mens Accessories,Accessories,Cap in cotton twill with peak
""",
        item_id="article_id", title="prod_name", description="detail_desc",
        category="product_type_name|product_group_name|department_name|section_name|garment_group_name|index_name",
        brand="-", price="-", stock="-",
    ),
    _log(
        "fashion transactions",
        """
t_dat,customer_id,article_id,price,sales_channel_id
2021-03-01,00aa11bb22cc33dd44ee55ff66aa77bb88cc99dd00aa11bb22cc33dd44ee55ff,0201112001,0.0254,2
2021-03-01,00aa11bb22cc33dd44ee55ff66aa77bb88cc99dd00aa11bb22cc33dd44ee55ff,0201113001,0.0119,2
2021-03-02,11aa11bb22cc33dd44ee55ff66aa77bb88cc99dd00aa11bb22cc33dd44ee5500,0201112002,0.0254,1
2021-03-03,22aa11bb22cc33dd44ee55ff66aa77bb88cc99dd00aa11bb22cc33dd44ee5511,0201114001,0.0084,2
2021-03-05,33aa11bb22cc33dd44ee55ff66aa77bb88cc99dd00aa11bb22cc33dd44ee5522,0201115001,0.0508,1
""",
        user="customer_id", item_id="article_id", time="t_dat", price="price",
    ),
    _log(
        "site analytics, flat events",
        """
event_date,event_timestamp,event_name,user_pseudo_id,ga_session_id,item_id,item_name,price,quantity,device_category
20230501,1682899200000000,view_item,4321.1682,991,K1,Copper kettle,39.9,,mobile
20230501,1682899260000000,add_to_cart,4321.1682,991,K1,Copper kettle,39.9,1,mobile
20230501,1682899320000000,purchase,4321.1682,991,K1,Copper kettle,39.9,1,mobile
20230502,1682985600000000,view_item_list,8765.1682,992,P1,Iron pan,59,,desktop
20230502,1682985660000000,select_item,8765.1682,992,P1,Iron pan,59,,desktop
""",
        user="user_pseudo_id", item_id="item_id", time="event_timestamp|event_date", kind="event_name",
        session="ga_session_id", quantity="quantity", price="price",
    ),
    _log(
        "visitors of a web shop",
        """
timestamp,visitorid,event,itemid,transactionid
1433221332117,257597,view,355908,
1433224214164,992329,view,248676,
1433221999827,111016,addtocart,318965,
1433221955914,483717,transaction,253185,11117
1433221337106,951259,view,367447,
1433224086234,972639,view,22556,
""",
        user="visitorid", item_id="itemid", time="timestamp", kind="event", session="transactionid",
    ),
    _log(
        "marketplace behaviour in Chinese",
        """
用户ID,商品ID,商品类目,行为类型,时间戳
u1001,g88,c1,浏览,1511544070
u1001,g88,c1,加购,1511544130
u1002,g91,c2,收藏,1511544190
u1003,g92,c2,购买,1511544250
u1002,g88,c1,浏览,1511544310
""",
        user="用户ID", item_id="商品ID", kind="行为类型", time="时间戳",
    ),
    _items(
        "catalogue in Chinese",
        """
商品编号,商品名称,一级类目,二级类目,品牌,销售价,市场价,库存数量,主图链接,商品详情,上架状态
S001,真丝围巾红色,服饰,围巾,江南,199.00,299.00,15,https://img.example/1.jpg,百分百桑蚕丝手工卷边,上架
S002,纯棉毛巾三条装,家居,毛巾,洁丽,39.90,59.00,0,https://img.example/2.jpg,新疆长绒棉吸水柔软,上架
S003,不锈钢保温杯500毫升,家居,杯具,虎牌,129.00,169.00,32,https://img.example/3.jpg,双层真空保温十二小时,下架
S004,羊毛混纺大衣女,服饰,外套,江南,899.00,1299.00,4,https://img.example/4.jpg,含羊毛百分之六十,上架
""",
        item_id="商品编号", title="商品名称", category="一级类目|二级类目", brand="品牌", price="销售价", stock="库存数量",
        image="主图链接", description="商品详情", published="上架状态",
    ),
    _items(
        "catalogue in German",
        """
Artikelnummer;Bezeichnung;Beschreibung;Warengruppe;Hersteller;Verkaufspreis;Lagerbestand;Bild-URL;EAN
A-100;Wasserkocher Edelstahl;Mit Abschaltautomatik und Kalkfilter;Küche > Kocher;Rheinwerk;39,90;12;https://b.example/1.jpg;4001234567890
A-101;Toaster zwei Scheiben;Mit Brötchenaufsatz und Krümelfach;Küche > Toaster;Rheinwerk;29,90;0;https://b.example/2.jpg;4001234567891
B-200;Bettwäsche Leinen grau;Atmungsaktiv und waschbar bei 60 Grad;Textil > Bettwäsche;Leinenhaus;119,00;5;https://b.example/3.jpg;4001234567892
B-201;Handtuch Bambus;Besonders saugstark und weich;Textil > Handtücher;Leinenhaus;14,50;80;https://b.example/4.jpg;4001234567893
""",
        item_id="Artikelnummer", title="Bezeichnung", description="Beschreibung", category="Warengruppe",
        brand="Hersteller", price="Verkaufspreis", stock="Lagerbestand", image="Bild-URL",
    ),
    _log(
        "orders in German",
        """
Bestellnummer;Kundennummer;Bestelldatum;Artikelnummer;Menge;Einzelpreis
50001;K77;01.02.2024 10:11;A-100;1;39,90
50001;K77;01.02.2024 10:11;B-201;2;14,50
50002;K12;03.02.2024 18:40;A-101;1;29,90
50003;K31;13.02.2024 09:05;B-200;1;119,00
50004;K77;20.02.2024 20:00;B-201;4;14,50
""",
        user="Kundennummer", item_id="Artikelnummer", time="Bestelldatum", session="Bestellnummer", quantity="Menge",
        price="Einzelpreis",
    ),
    _items(
        "catalogue in Japanese",
        """
商品コード,商品名,カテゴリ,ブランド,販売価格,在庫数,商品画像URL,商品説明
JP01,南部鉄器急須 黒,キッチン > 急須,盛岡工房,8800,4,https://g.example/1.jpg,一つずつ手作りの鉄の急須です
JP02,有田焼茶碗セット,キッチン > 食器,有田窯,5400,0,https://g.example/2.jpg,五客組の茶碗です
JP03,今治タオル 白,生活 > タオル,今治,1980,60,https://g.example/3.jpg,吸水性の高い綿タオルです
JP04,檜まな板 大,キッチン > 調理器具,吉野,3600,11,https://g.example/4.jpg,国産檜を使ったまな板です
""",
        item_id="商品コード", title="商品名", category="カテゴリ", brand="ブランド", price="販売価格", stock="在庫数",
        image="商品画像URL", description="商品説明",
    ),
    _log(
        "orders in Japanese",
        """
注文番号,会員ID,注文日時,商品コード,数量,単価
9001,M12,2024-04-01 12:30:00,JP01,1,8800
9002,M15,2024-04-02 08:10:00,JP03,3,1980
9002,M15,2024-04-02 08:10:00,JP04,1,3600
9003,M12,2024-04-05 21:45:00,JP02,1,5400
""",
        user="会員ID", item_id="商品コード", time="注文日時", session="注文番号", quantity="数量", price="単価",
    ),
    _log(
        "invoices of a gift wholesaler",
        """
InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,WHITE HEART LIGHT HOLDER,6,12/1/2010 8:26,2.55,17850,United Kingdom
536365,71053,METAL LANTERN WHITE,6,12/1/2010 8:26,3.39,17850,United Kingdom
536366,22633,HAND WARMER STRIPES,6,12/1/2010 8:28,1.85,17851,France
536367,84879,BIRD ORNAMENT SET,32,12/13/2010 8:34,1.69,13047,United Kingdom
""",
        user="CustomerID", item_id="StockCode", time="InvoiceDate", session="InvoiceNo", quantity="Quantity",
        price="UnitPrice",
    ),
    _log(
        "household baskets",
        """
household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,coupon_disc,week,transaction_timestamp
900,330,31198570044,1095275,1,0.50,0.00,0,1,2017-01-01 11:53:26
900,330,31198570047,9878513,1,0.99,0.10,0,1,2017-01-01 12:10:28
1228,406,31198655051,1041453,1,1.43,0.15,0,1,2017-01-01 12:26:30
906,319,31198705046,1020156,1,1.50,0.29,0,1,2017-01-01 12:30:27
""",
        user="household_id", item_id="product_id", time="transaction_timestamp", session="basket_id",
        quantity="quantity", price="sales_value",
    ),
    _items(
        "products of a grocer",
        """
product_id,manufacturer_id,department,brand,product_category,product_type,package_size
25671,2,GROCERY,National,FRZN ICE,ICE - CRUSHED/CUBED,22 LB
26081,2,MISCELLANEOUS,National,NAPKINS,PAPER NAPKINS,
26093,69,PASTRY,Private,BREAD,BREAD:ITALIAN/FRENCH,
26190,69,GROCERY,Private,FRUIT - SHELF STABLE,APPLE SAUCE,50 OZ
26355,69,GROCERY,Private,COOKIES/CONES,SPECIALTY COOKIES,14 OZ
""",
        item_id="product_id", title="product_type|product_category", category="department|product_category|product_type",
        brand="brand", price="-",
    ),
    _log(
        "reviews of a marketplace",
        """
rating,title,text,asin,parent_asin,user_id,timestamp,helpful_vote,verified_purchase
5.0,Great kettle,Boils fast and looks nice,B07A1,B07A0,AEX1,1588687728923,0,True
4.0,Good value,Does what it says,B07B1,B07B0,AEX2,1588687729923,2,True
1.0,Broke,Stopped after a week,B07A1,B07A0,AEX3,1588787728923,1,False
3.0,Fine,It is okay,B07C1,B07C0,AEX1,1598687728923,0,True
""",
        user="user_id", item_id="asin|parent_asin", time="timestamp",
    ),
    _judged(
        "relevance in words of a furniture shop",
        """
id,query,product_id,label
0,salon chair,25434,Exact
1,salon chair,12088,Irrelevant
2,smart coffee table,42931,Exact
3,smart coffee table,2636,Partial
4,dinosaur,42923,Exact
""",
        query="query", item_id="product_id", gain="label",
    ),
    _judged(
        "shopping queries",
        """
example_id,query,query_id,product_id,product_locale,esci_label,small_version,large_version,split
0,usb cable 2m,10,B000MOO21W,us,I,0,1,train
1,usb cable 2m,10,B07X3Y6B1V,us,E,0,1,train
2,red mug,11,B07WDM7MQQ,us,S,0,1,train
3,red mug,11,B07RH6Z8KW,us,E,0,1,test
4,red mug,11,B07QJ7WYFQ,us,C,0,1,test
""",
        query="query", item_id="product_id", gain="esci_label",
    ),
    _judged(
        "ratings of searches by experts",
        """
search_term,product_uid,relevance
angle bracket,100001,3.00
angle bracket,100002,2.33
deck over,100003,1.67
deck over,100001,1.00
rain shower head,100005,2.67
""",
        query="search_term", item_id="product_uid", gain="relevance",
    ),
    _judged(
        "judgements in Chinese",
        """
查询词,商品编号,相关性
真丝围巾,S001,3
真丝围巾,S002,0
保温杯,S003,2
保温杯,S001,0
""",
        query="查询词", item_id="商品编号", gain="相关性",
    ),
    _log(
        "films rated",
        """
userId,movieId,rating,timestamp
1,31,2.5,1260759144
1,1029,3.0,1260759179
7,31,3.0,851868750
9,1061,4.5,938629179
""",
        user="userId", item_id="movieId", time="timestamp",
    ),
    _items(
        "films",
        """
movieId,title,genres
1,Toy Story (1995),Adventure|Animation|Children
2,Jumanji (1995),Adventure|Children|Fantasy
3,Grumpier Old Men (1995),Comedy|Romance
4,Waiting to Exhale (1995),Comedy|Drama|Romance
""",
        item_id="movieId", title="title", category="genres",
    ),
    _items(
        "an own database, camel case",
        """
productId,productTitle,longDescription,brandName,categoryPath,unitPriceCents,qtyOnHand,imageUrl,createdDate,isActive
p-1,Canvas tote,A tote of heavy canvas,Tolle,Bags/Totes,1999,10,https://x.example/a.png,2023-01-01,true
p-2,Leather belt,Full grain leather belt,Tolle,Belts/Leather,3999,4,https://x.example/b.png,2023-01-02,true
p-3,Silk tie,Woven in Como,Como,Ties/Silk,5999,0,https://x.example/c.png,2023-02-02,false
p-4,Wool cap,Knitted from merino,Como,Hats/Caps,2599,33,https://x.example/d.png,2023-03-01,true
""",
        item_id="productId", title="productTitle", description="longDescription", brand="brandName",
        category="categoryPath", price="unitPriceCents", stock="qtyOnHand", image="imageUrl", published="isActive",
    ),
    _log(
        "order lines of an own database",
        """
order_id,order_item_id,customer_unique_id,product_id,seller_id,order_purchase_timestamp,shipping_limit_date,price,freight_value
o1,1,c1,p-1,s1,2018-01-02 10:00:00,2018-01-06 10:00:00,19.99,3.20
o1,2,c1,p-2,s1,2018-01-02 10:00:00,2018-01-06 10:00:00,39.99,3.20
o2,1,c2,p-4,s2,2018-01-05 11:00:00,2018-01-09 11:00:00,25.99,4.00
o3,1,c3,p-2,s1,2018-02-02 10:00:00,2018-02-06 10:00:00,39.99,3.20
""",
        user="customer_unique_id", item_id="product_id", time="order_purchase_timestamp", session="order_id",
        price="price",
    ),
    _log(
        "tracker with snake names",
        """
collector_tstamp,event_name,domain_userid,domain_sessionid,product_sku,se_property
2024-01-01 10:00:00.123,product_view,d1,s1,p-1,
2024-01-01 10:01:00.000,add_to_cart,d1,s1,p-1,
2024-01-01 10:02:00.500,transaction,d1,s1,p-1,
2024-01-02 09:00:00.000,list_view,d2,s2,p-2,
""",
        user="domain_userid", item_id="product_sku", time="collector_tstamp", kind="event_name",
        session="domain_sessionid",
    ),
    _log(
        "events of a search plug-in",
        """
timestamp,action_name,client_id,query_id,session_id,user_query,object_id,position_ordinal
2024-05-01T10:00:00Z,impression,cl1,q1,s1,copper kettle,K1,1
2024-05-01T10:00:04Z,click,cl1,q1,s1,copper kettle,K1,1
2024-05-01T10:01:00Z,add_to_cart,cl1,q1,s1,copper kettle,K1,1
2024-05-02T10:00:00Z,impression,cl2,q2,s2,iron pan,P1,2
""",
        user="client_id", item_id="object_id", time="timestamp", kind="action_name", session="session_id",
        query="user_query", position="position_ordinal",
    ),
    _items(
        "a price list of a wholesaler",
        """
Item No,Item Description,Product Group,Manufacturer,List Price,Net Price,On Hand,Barcode
10-100,Hex bolt M8 x 40 zinc,Fasteners,Boltco,0.35,0.21,4000,5012345678900
10-101,Hex bolt M10 x 60 zinc,Fasteners,Boltco,0.55,0.34,2500,5012345678901
20-300,Angle grinder 125 mm,Power tools,Grindex,89.00,61.00,14,5012345678902
20-301,Cordless drill 18 V,Power tools,Grindex,129.00,92.00,0,5012345678903
""",
        item_id="Item No", title="Item Description", category="Product Group", brand="Manufacturer",
        price="List Price|Net Price", stock="On Hand",
    ),
    _items(
        "books",
        """
isbn13,book_title,author,publisher,genre,language,num_pages,list_price,cover_image_url,average_rating
9780001000011,The Quiet Harbour,L. Moss,Quay Press,Novel,en,312,14.99,https://b.example/1.jpg,4.1
9780001000028,Salt and Iron,K. Ahl,Quay Press,History,en,455,24.00,https://b.example/2.jpg,3.9
9780001000035,Gardens by Night,P. Roe,Leaf,Gardening,en,180,19.50,https://b.example/3.jpg,4.6
9780001000042,Bread at Home,M. Fels,Leaf,Cooking,de,220,22.00,https://b.example/4.jpg,4.4
""",
        item_id="isbn13", title="book_title", category="genre", price="list_price", image="cover_image_url",
    ),
    _log(
        "sales of a till",
        """
Receipt No,Date,Time,Member No,SKU,Item Name,Qty,Amount
R100,2024-03-01,10:15,M01,10-100,Hex bolt M8,100,35.00
R100,2024-03-01,10:15,M01,20-300,Angle grinder,1,89.00
R101,2024-03-01,11:20,M07,20-301,Cordless drill,1,129.00
R102,2024-03-02,09:05,M02,10-101,Hex bolt M10,50,27.50
""",
        user="Member No", item_id="SKU", time="Date", session="Receipt No", quantity="Qty", price="Amount",
    ),
    _items(
        "hosted shop, active and visible columns",
        """
Product ID;Active (0/1);Name;Categories (x,y,z...);Price tax included;Reference #;Supplier;Manufacturer;EAN13;Quantity;Short description;Description;Image URLs (x,y,z...)
1;1;Mountain fox notebook;Stationery;12.90;demo_8;Accessories supplier;Graphic Corner;1234567890128;1200;120 sheets;<p>Notebook with fox</p>;https://p.example/1.jpg
2;1;Brown bear cushion;Home Accessories;18.90;demo_15;Accessories supplier;Studio Design;1234567890129;300;Soft;<p>Cushion with bear</p>;https://p.example/2.jpg
3;0;Hummingbird mug;Home Accessories;11.90;demo_21;Accessories supplier;Studio Design;1234567890130;600;White mug;<p>Mug with bird</p>;https://p.example/3.jpg
""",
        item_id="Product ID|Reference #", title="Name", category="Categories (x,y,z...)", price="Price tax included",
        brand="Manufacturer", stock="Quantity", published="Active (0/1)", image="Image URLs (x,y,z...)",
        description="Description|Short description",
    ),
    _log(
        "customer data platform, product events",
        """
messageId,originalTimestamp,anonymousId,userId,event,product_id,price,quantity
m1,2024-01-01T10:00:00.000Z,an1,,Product Viewed,p-1,19.99,
m2,2024-01-01T10:01:00.000Z,an1,,Product Added,p-1,19.99,1
m3,2024-01-01T10:05:00.000Z,an1,u1,Order Completed,p-1,19.99,1
m4,2024-01-02T10:00:00.000Z,an2,,Product List Viewed,p-2,,
m5,2024-01-02T10:00:09.000Z,an2,,Product Clicked,p-2,,
""",
        user="anonymousId|userId", item_id="product_id", time="originalTimestamp", kind="event", event_id="messageId",
        price="price", quantity="quantity",
    ),
    _items(
        "electronics with specifications",
        """
uid,name,brand,category,specs,current_price,original_price,rating_avg,review_count,availability
e1,Noise cancelling headphones,Sonar,Audio/Headphones,"{""battery"": ""30 h""}",199.0,249.0,4.5,310,InStock
e2,Portable speaker,Sonar,Audio/Speakers,"{""battery"": ""12 h""}",79.0,79.0,4.2,120,OutOfStock
e3,Gaming mouse,Clickr,Computers/Mice,"{""dpi"": ""16000""}",49.0,59.0,4.7,900,InStock
e4,Mechanical keyboard,Clickr,Computers/Keyboards,"{""switch"": ""brown""}",109.0,129.0,4.6,210,InStock
""",
        item_id="uid", title="name", brand="brand", category="category", price="current_price", stock="availability",
        attributes="specs",
    ),
    _log(
        "clicks of sessions",
        """
session_id,click_time,item_ref,item_category
s11,2014-04-07T10:51:09.277Z,2053,0
s11,2014-04-07T10:54:09.868Z,2052,0
s12,2014-04-07T13:56:37.614Z,2060,0
s13,2014-04-07T13:57:19.373Z,2053,5
""",
        user="session_id", item_id="item_ref", time="click_time",
    ),
    _items(
        "catalogue in French",
        """
Référence;Nom;Description;Catégorie;Marque;Prix;Stock;Image
FR1;Bouilloire en inox;Bouilloire de deux litres avec filtre;Cuisine > Bouilloires;Loire;39,90;12;https://f.example/1.jpg
FR2;Nappe en lin;Nappe lavée pour six personnes;Maison > Nappes;Lin & Co;59,00;3;https://f.example/2.jpg
FR3;Couteau de chef;Lame forgée de vingt centimètres;Cuisine > Couteaux;Thiers;89,00;0;https://f.example/3.jpg
""",
        item_id="Référence", title="Nom", description="Description", category="Catégorie", brand="Marque", price="Prix",
        stock="Stock", image="Image",
    ),
)  # fmt: skip

HELD_OUT = (
    _items(
        "a stock list with codes of its own",
        """
Art.-Nr.;Artikelbezeichnung;Kurztext;Kategorie 1;Kategorie 2;Marke;VK brutto;EK netto;Bestand;Aktiv;Gewicht
1001-A;Gartenstuhl Teak klappbar;Wetterfest, geölt;Garten;Stühle;Holzmann;149,00;88,00;14;ja;7,5
1001-B;Gartentisch Teak rund;Durchmesser 110 cm;Garten;Tische;Holzmann;399,00;240,00;2;ja;21
2044;Sonnenschirm 3 m;Mit Kurbel;Garten;Schirme;Schatta;89,00;47,00;0;nein;9
2045;Schirmständer Granit;50 kg, mit Rollen;Garten;Schirme;Schatta;119,00;70,00;31;ja;50
""",
        item_id="Art.-Nr.", title="Artikelbezeichnung", description="Kurztext", category="Kategorie 1|Kategorie 2",
        brand="Marke", price="VK brutto", stock="Bestand", published="Aktiv",
    ),
    _items(
        "marketplace listing report",
        """
item-name,item-description,listing-id,seller-sku,price,quantity,open-date,image-url,asin1,product-id,status
Bamboo cutting board large,Juice groove and handles,0101L1,BB-L,24.99,40,2022-01-01 10:00:00 PST,,B0A1,B0A1,Active
Bamboo cutting board small,For one loaf,0101L2,BB-S,14.99,0,2022-01-01 10:00:00 PST,,B0A2,B0A2,Inactive
Acacia salad bowl,Hand wash only,0101L3,AC-1,34.99,12,2022-02-01 10:00:00 PST,,B0A3,B0A3,Active
Walnut spoon set,Five spoons,0101L4,WS-5,19.99,7,2022-03-01 10:00:00 PST,,B0A4,B0A4,Active
""",
        item_id="seller-sku|asin1|product-id|listing-id", title="item-name", description="item-description",
        price="price", stock="quantity", published="status",
    ),
    _log(
        "learning log of a university set",
        """
user_session;event_time;event_type;product_id;category_code;brand;price;user_id
s1;2019-10-01 00:00:00 UTC;view;44600062;appliances.kettle;shiseido;35.79;541312140
s2;2019-10-01 00:00:01 UTC;view;3900821;appliances.boiler;aqua;33.20;554748717
s1;2019-10-01 00:00:04 UTC;cart;44600062;appliances.kettle;shiseido;35.79;541312140
s1;2019-10-01 00:05:04 UTC;purchase;44600062;appliances.kettle;shiseido;35.79;541312140
""",
        user="user_id", item_id="product_id", time="event_time", kind="event_type", session="user_session",
        price="price",
    ),
    _log(
        "export of orders of a shop system",
        """
Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Shipping City
#1001,a@example.org,paid,2023-05-01 09:10:00 -0400,fulfilled,USD,74.00,79.00,2023-05-01 09:09:00 -0400,1,Felt Hat - S,35.00,FH-S,A. B.,Bonn
#1001,a@example.org,,,,,,,2023-05-01 09:09:00 -0400,1,Wool Scarf - Red,29.00,WS-R,,
#1002,b@example.org,paid,2023-05-03 12:10:00 -0400,fulfilled,USD,22.50,27.00,2023-05-03 12:09:00 -0400,1,Clay Bowl,22.50,CB-1,C. D.,Ulm
#1003,c@example.org,refunded,2023-05-04 12:10:00 -0400,,USD,310.00,340.00,2023-05-04 12:09:00 -0400,1,Pine Desk,310.00,PD-1,E. F.,Kiel
""",
        user="Email", item_id="Lineitem sku", time="Created at|Paid at", quantity="Lineitem quantity",
        price="Lineitem price",
    ),
    _items(
        "furniture with ids of queries",
        """
product_id	product_name	product_class	category hierarchy	product_description	product_features	rating_count	average_rating
0	solid wood platform bed	Beds	Furniture / Bedroom Furniture / Beds	good , deep sleep can be quite difficult	overallwidth:64.7|material:wood	15	4.5
1	all-clad slow cooker	Slow Cookers	Kitchen & Tabletop / Small Kitchen Appliances	create delicious slow-cooked meals	capacityquarts:7|material:steel	100	2.0
2	electric pressure cooker	Slow Cookers	Kitchen & Tabletop / Small Kitchen Appliances	prepare meals faster	capacityquarts:6	208	4.0
3	modern floor lamp	Floor Lamps	Lighting / Floor Lamps	slim lamp with shade	finish:brass	33	4.1
""",
        item_id="product_id", title="product_name", category="category hierarchy|product_class",
        description="product_description", brand="-", price="-",
    ),
    _log(
        "orders in Chinese with times",
        """
订单编号,买家会员名,宝贝标题,商品编码,购买数量,成交单价,付款时间,订单状态
T01,小鹿,真丝围巾红色,S001,1,199.00,2023/11/11 00:03:12,交易成功
T02,山石,不锈钢保温杯500毫升,S003,2,119.00,2023/11/11 00:05:40,交易成功
T03,小鹿,纯棉毛巾三条装,S002,1,35.00,2023/11/12 10:20:00,交易关闭
""",
        user="买家会员名", item_id="商品编码", time="付款时间", session="订单编号", quantity="购买数量", price="成交单价",
    ),
    _items(
        "a music shop",
        """
release_id,artist,album_title,format,label,genre,release_year,price_gbp,in_stock,cover
r1,The Lanes,Northern Tape,LP,Kite,Indie,2012,19.99,Y,covers/r1.jpg
r2,Ada Moor,Quiet Rooms,CD,Kite,Jazz,2003,8.99,N,covers/r2.jpg
r3,Polder,Dyke,LP,Lowland,Electronic,2020,22.99,Y,covers/r3.jpg
r4,The Lanes,Second Tape,LP,Kite,Indie,2015,21.99,Y,covers/r4.jpg
""",
        item_id="release_id", title="album_title", category="genre", price="price_gbp", stock="in_stock", image="cover",
    ),
    _log(
        "web analytics, visits unfolded",
        """
idVisit,visitorId,serverTimestamp,type,productSku,productName,revenue
77,aa11,1714557600,ecommerceOrder,K1,Copper kettle,39.90
78,bb22,1714557700,ecommerceAbandonedCart,P1,Iron pan,59.00
79,aa11,1714643999,action,K1,Copper kettle,
80,cc33,1714644999,ecommerceOrder,T1,Oak tray,25.00
""",
        user="visitorId", item_id="productSku", time="serverTimestamp", kind="type", session="idVisit",
    ),
    _items(
        "catalogue of a headless system",
        """
id,slug,name_en,name_de,price.amount,price.currency,inventory.count,category.path,media.0.url,state
c1f0,linen-sheet,Linen sheet,Leinenlaken,89.00,EUR,6,Home/Bed/Sheets,https://m.example/1.jpg,published
c1f1,cotton-sheet,Cotton sheet,Baumwolllaken,39.00,EUR,0,Home/Bed/Sheets,https://m.example/2.jpg,published
c1f2,down-pillow,Down pillow,Daunenkissen,59.00,EUR,19,Home/Bed/Pillows,https://m.example/3.jpg,draft
""",
        item_id="id", title="name_en|name_de", price="price.amount", stock="inventory.count", category="category.path",
        image="media.0.url", published="state",
    ),
    _judged(
        "grades of judges with levels in words",
        """
judge,searchquery,sku,grade
ann,red scarf,WS-R,highly relevant
ann,red scarf,FH-S,not relevant
bob,desk,PD-1,highly relevant
bob,desk,CB-1,not relevant
bob,bowl,CB-1,relevant
""",
        query="searchquery", item_id="sku", gain="grade",
    ),
    _log(
        "recommendation log in short names",
        """
uid,iid,ts,act
9a,K1,1700000000,pv
9a,P1,1700000100,cart
9b,K1,1700000200,buy
9c,T1,1700000300,pv
""",
        user="uid", item_id="iid", time="ts", kind="act",
    ),
    _items(
        "spare parts",
        """
Part Number;Designation;Model;Machine;RRP;Currency;Lead time (days);Qty available
4471-0;Drive belt 1050 mm;WM-7;Washing machine;18,40;EUR;2;55
4471-1;Door seal;WM-7;Washing machine;33,10;EUR;5;8
9002-3;Pump 30 W;DW-2;Dishwasher;41,00;EUR;3;0
""",
        item_id="Part Number", title="Designation", price="RRP", stock="Qty available", category="Machine",
    ),
    _log(
        "supermarket loyalty",
        """
TRANSACTION_DT,CUSTOMER_ID,AGE_GROUP,PIN_CODE,PRODUCT_SUBCLASS,PRODUCT_ID,AMOUNT,ASSET,SALES_PRICE
11/1/2000,01104905,45-49,115,110411,4710199010372,2,24,30
11/1/2000,00418683,45-49,115,120107,4710857472535,1,48,46
11/13/2000,01057331,35-39,115,100407,4710043654103,2,142,166
""",
        user="CUSTOMER_ID", item_id="PRODUCT_ID", time="TRANSACTION_DT", price="SALES_PRICE",
    ),
    _items(
        "catalogue in Spanish",
        """
Código;Nombre del producto;Descripción;Categoría;Marca;Precio;Existencias;Foto
E1;Cafetera italiana;Para seis tazas de aluminio;Cocina;Sol;24,90;9;https://e.example/1.jpg
E2;Manta de lana;Tejida a mano en telar;Hogar;Sierra;79,00;2;https://e.example/2.jpg
E3;Sartén de hierro;Veintiocho centímetros;Cocina;Sol;39,90;0;https://e.example/3.jpg
""",
        item_id="Código", title="Nombre del producto", description="Descripción", category="Categoría", brand="Marca",
        price="Precio", stock="Existencias", image="Foto",
    ),
)  # fmt: skip
