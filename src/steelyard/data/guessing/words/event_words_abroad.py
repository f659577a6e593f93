"""Words of logs for kinds of events in further languages: infinitives, nouns and what trackers are set to write."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["WORDS_ABROAD"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


WORDS_ABROAD: Mapping[str, tuple[str, ...]] = {
    "impression": _words(
        "показ показы wyświetlenie_listy zobrazení zobrazenie εμφάνιση gösterim vertoning impressie impressione "
        "impressão impresión visning_i_lista megjelenítés afișare lượthiển_thị tayangan عرض_القائمة ظهور חשיפה "
        "การแสดงผล 노출 曝光次數 顯示"
    ),
    "view": _words(
        "просмотр просмотры просмотр_товара перегляд wyświetlenie odsłona obejrzenie podgląd zhlédnutí "
        "zobrazení_detailu prohlížení prohlédnutí προβολή görüntüleme görüntülendi inceleme bekijken bekeken "
        "weergave visualizzazione visualizzato visualização visualizou ver visualización visualizado visité "
        "visning vist vis visad katselu megtekintés megnézés vizualizare vizualizat xem lượt_xem lihat melihat "
        "dilihat مشاهدة عرض بازدید צפייה देखना देखा ดู เข้าชม 상품조회 보기 瀏覽 檢視 觀看 點閱"
    ),
    "click": _words(
        "клик клики нажатие клік kliknięcie klikniecie klik kliknutí kliknutie κλικ tıklama tıklandı clicco "
        "cliccato clique clicou hizo_clic cliqué klikk klikkaus kattintás clickuri nhấp bấm klik_produk نقرة نقر "
        "کلیک הקלקה קליק क्लिक คลิก 點擊 點選 избранное в_избранное ulubione oblíbené favoriler favori favoriet "
        "preferiti favoritos favoris favoritt yêu_thích favorit المفضلة מועדפים รายการโปรด 찜 收藏商品 加入收藏"
    ),
    "add_to_cart": _words(
        "корзина в_корзину добавление_в_корзину добавить_в_корзину кошик у_кошик додано_в_кошик koszyk do_koszyka "
        "dodanie_do_koszyka dodano_do_koszyka košík do_košíku vložení_do_košíku καλάθι προσθήκη_στο_καλάθι sepet "
        "sepete_ekle sepete_ekleme winkelwagen winkelmand in_winkelwagen in_winkelmand carrello "
        "aggiunta_al_carrello aggiungi_al_carrello carrinho adicionar_ao_carrinho adicionou_ao_carrinho carrito "
        "agregar_al_carrito añadido_al_carrito panier ajouter_au_panier kurv handlekurv legg_i_handlekurv "
        "læg_i_kurv lagt_i_kurv varukorg lägg_i_varukorg lagt_i_varukorg ostoskori ostoskoriin kosár kosárba "
        "kosárba_helyezés coș coș_de_cumpărături adăugat_în_coș giỏ_hàng thêm_vào_giỏ thêm_vào_giỏ_hàng keranjang "
        "tambah_ke_keranjang إضافة_إلى_السلة سلة السلة أضف_إلى_السلة سبد_خرید עגלה הוספה_לעגלה הוספה_לסל कार्ट "
        "कार्ट_में_जोड़ें ตะกร้า เพิ่มลงตะกร้า หยิบใส่ตะกร้า 장바구니담기 加入購物車 放入購物車 購物車"
    ),
    "purchase": _words(
        "покупка купил купила куплено заказ оплата продажа купівля замовлення kupno zakup kupiono zamówienie "
        "sprzedaż nákup koupě objednávka nákup_dokončen αγορά παραγγελία satın_alma satınalma satın_alındı sipariş "
        "alışveriş aankoop gekocht bestelling acquisto acquistato ordine vendita compra comprado compras comprou "
        "venda pedido achat acheté kjøp kjøpt køb købt köp köpt bestilling beställning ordre osto tilaus vásárlás "
        "vétel rendelés cumpărare achiziție comandă mua mua_hàng đặt_hàng beli pembelian membeli pesanan شراء طلب "
        "خرید רכישה קנייה הזמנה खरीद खरीदा ซื้อ สั่งซื้อ 구매완료 결제 購買 下單 付款 結帳完成 訂購"
    ),
    "rating": _words(
        "отзыв оценка рейтинг відгук оцінка ocena opinia recenzja hodnocení hodnotenie recenze αξιολόγηση "
        "değerlendirme puanlama yorum beoordeling recensie recensione valutazione avaliação reseña valoración avis "
        "anmeldelse omdöme recension arvostelu értékelés recenzie evaluare đánh_giá ulasan penilaian تقييم ביקורת "
        "समीक्षा รีวิว 리뷰 評價 評論"
    ),
    "search": _words(
        "поиск пошук wyszukiwanie szukanie hledání vyhľadávanie vyhledávání αναζήτηση arama zoeken zoekopdracht "
        "ricerca cerca busca pesquisa buscar søk søgning sökning sök haku keresés căutare tìm_kiếm pencarian cari "
        "بحث البحث جستجو חיפוש खोज ค้นหา 搜尋"
    ),
    "return": _words(
        "возврат отмена повернення zwrot anulowanie vrácení vratka storno_objednávky επιστροφή ακύρωση iade iptal "
        "retour geretourneerd reso rimborso annullato devolução reembolso cancelado devolución retur returnert "
        "returneret retour_produit remboursement palautus visszaküldés visszáru retur_produs returnare trả_hàng "
        "hoàn_trả pengembalian إرجاع استرجاع החזרה ביטול वापसी คืนสินค้า 반품 취소 환불 退貨 退款申請"
    ),
}
"""Words by kind; ``_`` stands for a blank."""
