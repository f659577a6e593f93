"""Words of Asian and Semitic languages that names of columns are made of.

How they are written down is told in ``western_europe``.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["ASIA"]

ASIA: Mapping[str, str] = {
    "Turkish": """
item: urun urunun urunler mal kalem
id: kodu kod no numarasi kimligi kimlik
item_id: stokkodu stok_kodu urunkodu
item_id_maybe: kodu kod
user: kullanici musteri uye ziyaretci alici
session: oturum siparis sepet fis fatura
name: adi ad ismi isim
title: baslik urunadi
description: aciklama aciklamasi detay
category: kategori kategorisi kategoriler grup bolum
brand: marka markasi uretici
price: fiyat fiyati
price_maybe: tutar ucret
sale: satis birim kdvdahil perakende guncel
was: eski alis maliyet toptan kdvharic
stock: stok stoku stokadedi stok_durumu stokmiktari stokdurumu mevcut
image: resim gorsel foto fotograf
attributes: renk beden ozellik ozellikler malzeme
time: tarih tarihi zaman saat zamandamgasi tarihsaat
did: islem olay satis satin_alma satinalma olusturma
changed: guncelleme degistirme teslim
kind: olay islem eylem olayturu islemturu
type: turu tipi tur tip
query: arama sorgu arama_terimi aramakelimesi arananKelime
query_maybe: kelime metin
quantity: miktar adet miktari adedi
gain: ilgi alaka ilgililik alakaduzeyi
gain_maybe: puan
published: aktif yayinda
reduced: indirimli kampanya
""",
    "Arabic": """
item: المنتج منتج المنتجات السلعة سلعة الصنف صنف البضاعة
id: رقم رمز معرف كود
item_id_maybe: الرقم الرمز الكود
user: المستخدم مستخدم العميل عميل الزبون زبون المشتري الزائر
session: الجلسة جلسة الطلب طلب السلة الفاتورة
name: اسم الاسم
title: العنوان عنوان
description: الوصف وصف التفاصيل
category: الفئة فئة التصنيف تصنيف القسم قسم
brand: العلامةالتجارية الماركة ماركة الشركةالمصنعة العلامة
price: السعر سعر الثمن ثمن
sale: البيع الوحدة
was: القديم الشراء الجملة التكلفة
stock: المخزون مخزون الكميةالمتوفرة التوفر
image: الصورة صورة رابطالصورة
attributes: اللون لون الحجم المقاس الخصائص
time: التاريخ تاريخ الوقت وقت التاريخوالوقت
did: الشراء الحدث الإنشاء العملية
changed: التحديث التعديل التسليم
kind: الحدث حدث الإجراء
type: نوع
query: البحث بحث عبارةالبحث كلمةالبحث الاستعلام
quantity: الكمية كمية العدد
gain: الصلة التقييم درجةالصلة
published: منشور نشط
reduced: العرض المخفض
""",
    "Persian": """
item: محصول کالا محصولات
id: کد شناسه شماره
user: کاربر مشتری خریدار
session: سفارش جلسه سبد
name: نام
title: عنوان
description: توضیحات شرح
category: دسته دستهبندی گروه
brand: برند مارک
price: قیمت
sale: فروش واحد
was: خرید قدیم
stock: موجودی
image: تصویر عکس
time: تاریخ زمان
did: خرید رویداد
kind: رویداد عملیات
type: نوع
query: جستجو عبارت
quantity: تعداد مقدار
gain: امتیاز ربط میزان_ربط
reduced: تخفیف
""",
    "Hebrew": """
item: מוצר המוצר מוצרים פריט הפריט
id: מזהה קוד מספר מקט מק״ט
item_id: מקט מק״ט מק'ט
item_id_maybe: קוד מזהה
user: משתמש המשתמש לקוח הלקוח קונה הקונה מבקר
session: הפעלה הזמנה ההזמנה קבלה חשבונית עגלה סשן
name: שם
title: כותרת
description: תיאור תאור פירוט
category: קטגוריה קטגוריות מחלקה קבוצה
brand: מותג יצרן
price: מחיר
sale: מכירה ליחידה כוללמעמ
was: ישן קנייה עלות קודם לפנימעמ סיטונאי
stock: מלאי כמותבמלאי זמינות
image: תמונה קישורלתמונה
attributes: צבע מידה גודל מאפיינים חומר
time: תאריך זמן שעה תאריךושעה
did: אירוע רכישה הרכישה יצירה
changed: עדכון שינוי אספקה
kind: אירוע פעולה
type: סוג
query: חיפוש שאילתה מונחחיפוש מילתחיפוש
quantity: כמות יחידות
gain: רלוונטיות ציון דירוג
published: פעיל מפורסם
reduced: מבצע
""",
    "Hindi": """
item: उत्पाद वस्तु सामान आइटम प्रोडक्ट
id: कोड संख्या क्रमांक आईडी
item_id_maybe: कोड क्रमांक
user: उपयोगकर्ता ग्राहक यूजर खरीदार
session: सत्र ऑर्डर आदेश बिल
name: नाम
title: शीर्षक
description: विवरण वर्णन
category: श्रेणी वर्ग कैटेगरी
brand: ब्रांड ब्रैंड निर्माता
price: मूल्य कीमत दाम
sale: विक्रय बिक्री
was: पुराना पुरानी खरीद लागत
stock: स्टॉक उपलब्धता भंडार
image: चित्र तस्वीर छवि फोटो
attributes: रंग आकार सामग्री
time: तारीख दिनांक समय तिथि
did: खरीद घटना ऑर्डर
kind: घटना क्रिया
type: प्रकार
query: खोज खोजशब्द प्रश्न
quantity: मात्रा संख्या
gain: प्रासंगिकता अंक
of: का की के
reduced: छूट ऑफर
""",
    "Thai": """
item: สินค้า ผลิตภัณฑ์
id: รหัส ไอดี หมายเลข เลขที่
item_id_maybe: รหัส
user: ผู้ใช้ ลูกค้า สมาชิก ผู้ซื้อ
session: เซสชัน คำสั่งซื้อ ใบสั่งซื้อ ตะกร้า ใบเสร็จ ออเดอร์
name: ชื่อ
title: ชื่อเรื่อง หัวข้อ
description: รายละเอียด คำอธิบาย
category: หมวดหมู่ หมวด ประเภท กลุ่ม
brand: แบรนด์ ยี่ห้อ ตราสินค้า ผู้ผลิต
price: ราคา
sale: ปกติ ขาย ต่อหน่วย
was: เดิม ทุน ซื้อ ส่ง
stock: สต็อก สต๊อก คงเหลือ จำนวนคงเหลือ
image: รูปภาพ รูป ภาพ
attributes: สี ขนาด วัสดุ คุณสมบัติ
time: วันที่ เวลา วันเวลา วันที่เวลา
did: สั่งซื้อ เหตุการณ์ ซื้อ ขาย สร้าง
changed: อัปเดต แก้ไข จัดส่ง
kind: เหตุการณ์ การกระทำ กิจกรรม
type: ประเภท
query: คำค้น คำค้นหา ค้นหา
quantity: จำนวน ปริมาณ
gain: ความเกี่ยวข้อง คะแนน
published: เผยแพร่
reduced: พิเศษ โปรโมชั่น ลด
""",
    "Vietnamese": """
item: sảnphẩm hàng hànghóa mặthàng sp
id: mã số mãsố
item_id: mãhàng mãsp
item_id_maybe: mã mãsố
user: ngườidùng kháchhàng khách thànhviên ngườimua kh
session: phiên đơnhàng đơn giỏhàng hóađơn
name: tên
title: tiêuđề tênhàng
description: môtả chitiết
category: danhmục loại nhóm nhómhàng loạihàng ngànhhàng
brand: thươnghiệu nhãnhiệu hãng nhàsảnxuất
price: giá đơngiá
price_maybe: thànhtiền
sale: bán lẻ bánlẻ niêmyết
was: cũ gốc nhập vốn sỉ
stock: tồnkho tồn kho tìnhtrạng sốlượngtồn
image: hìnhảnh ảnh hình
attributes: màu màusắc kíchthước chấtliệu thuộctính
time: ngày thờigian ngàygiờ giờ
did: mua đặthàng đặt sựkiện tạo bán giaodịch
changed: cậpnhật sửa giao giaohàng
kind: sựkiện hànhđộng hànhvi
type: loại kiểu
query: tìmkiếm từkhóa truyvấn từtìmkiếm
quantity: sốlượng sl
gain: mứcđộliênquan độliênquan đánhgiá điểm
published: hiểnthị kíchhoạt
reduced: khuyếnmãi giảm
""",
    "Indonesian and Malay": """
item: produk barang artikel
id: kode nomor kod nombor
item_id: kodebarang kodeproduk
item_id_maybe: kode
user: pengguna pelanggan pembeli pengunjung
session: sesi pesanan keranjang faktur nota
name: nama
title: judul
description: deskripsi keterangan
category: kategori golongan kelompok
brand: merek merk jenama produsen
price: harga
sale: jual jualan satuan eceran
was: asal lama beli modal grosir
stock: stok persediaan ketersediaan
image: gambar foto
attributes: warna ukuran bahan spesifikasi
time: tanggal waktu tgl jam tarikh masa
did: beli pembelian kejadian transaksi dibuat
changed: diperbarui diubah kirim
kind: kejadian aksi peristiwa tindakan aktivitas
type: jenis tipe
query: pencarian katakunci kueri kata_pencarian
quantity: jumlah kuantitas
gain: relevansi penilaian
published: aktif terbit
reduced: diskon promo
""",
    "Korean": """
item: 상품 제품 품목 물품 아이템
id: 번호 코드 아이디 고유번호
item_id: 품번 품목코드
item_id_maybe: 코드 번호
user: 사용자 고객 회원 구매자 방문자 이용자 유저
session: 세션 주문 장바구니 영수증
name: 명 이름 명칭
title: 제목 품명
description: 설명 상세설명 상세
category: 카테고리 분류 대분류 중분류 소분류
brand: 브랜드 브랜드명 제조사 상표
price: 가격 판매가 단가 판매가격 금액
sale: 판매 소비자
was: 정 원 매입 도매 할인전 원가
stock: 재고 재고수량 재고상태
image: 이미지 사진
attributes: 색상 사이즈 크기 속성 소재
time: 일시 날짜 시간 일자 시각
did: 주문 구매 결제 이벤트 생성 행동
changed: 수정 배송 변경
kind: 이벤트 행동 행동유형 이벤트유형 활동
type: 유형 종류
query: 검색어 질의 검색 검색키워드
quantity: 수량 개수 주문수량
gain: 관련도 적합도 평점 관련성점수
published: 공개 판매상태 노출
reduced: 할인 특
""",
    "Japanese": """
item: 商品 製品 品目 アイテム
id: コード 番号 id
item_id: 品番 商品番号
item_id_maybe: コード 番号
user: ユーザー 顧客 会員 購入者 お客様 利用者
session: セッション 注文 伝票 カート 受注
name: 名 名称 名前
title: タイトル 品名
description: 説明 説明文 詳細
category: カテゴリ カテゴリー 分類 ジャンル
brand: ブランド メーカー
price: 価格 値段 単価 販売価格
sale: 販売 税込 通常
was: 定価 旧 仕入 原価 卸 税抜
stock: 在庫 在庫数
image: 画像 写真
attributes: 色 サイズ 素材 仕様 属性
time: 日時 日付 時刻 日
did: 注文 購入 受注 イベント 作成
changed: 更新 配送 発送
kind: イベント 行動 操作
type: 種別 タイプ 種類
query: 検索語 検索ワード 検索キーワード クエリ
quantity: 数量 個数
gain: 関連度 適合度 評価
published: 公開状態
reduced: セール 特別 割引
""",
    "Chinese of Taiwan and Hong Kong": """
item: 商品 產品 貨品 品項 貨物
id: 編號 代碼 代號 序號 識別碼 條碼
item_id: 料號 貨號 品號
item_id_maybe: 編號 代碼
user: 使用者 會員 顧客 客戶 買家 用戶 消費者 訪客
session: 訂單 工作階段 購物車 發票 單
name: 名稱 名
title: 標題 品名 貨名
description: 描述 說明 簡介 內容 規格說明
category: 分類 類別 類目 品類 大類 中類 小類 主分類 次分類
brand: 品牌 廠牌 廠商 製造商
price: 價格 售價 單價 金額 價錢 價
price_maybe: 小計
sale: 銷售 零售 實際 特惠
was: 原 進貨 成本 舊 市 批發 定
stock: 庫存 庫存量 庫存數量 存貨 現貨 庫存狀態
image: 圖片 圖檔 照片 主圖 圖片網址
attributes: 顏色 尺寸 規格 材質 屬性
time: 時間 日期 時戳 日期時間
did: 下單 購買 訂購 成立 建立 事件 交易 付款 瀏覽
changed: 更新 修改 出貨 送達
kind: 行為 事件 動作 事件類型 行為類型 操作
type: 類型 種類
query: 搜尋詞 搜尋 關鍵字 查詢 搜尋關鍵字 查詢詞 檢索詞
quantity: 數量 件數 購買數量
gain: 相關性 評分 相關度 分數 等級
published: 上架 上架狀態
reduced: 促銷 特 優惠 折扣
""",
}
"""By language its words by what they mean."""
