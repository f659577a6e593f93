"""Words of the languages of eastern and southern Europe that names of columns are made of.

How they are written down is told in ``western_europe``.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["EASTERN_EUROPE"]

EASTERN_EUROPE: Mapping[str, str] = {
    "Russian": """
item: товар товара товары товаров продукт продукта изделие изделия артикула позиция позиции номенклатура номенклатуры
id: ид айди код номер артикул идентификатор
item_id: артикул
item_id_maybe: код номер
user: пользователь пользователя клиент клиента покупатель покупателя посетитель посетителя заказчик заказчика
session: сессия сессии заказ заказа чек чека корзина корзины
name: название наименование
title: заголовок
title_maybe: имя
description: описание подробности
category: категория категории раздел рубрика группа подкатегория вид группатоваров товарнаягруппа
brand: бренд марка производитель изготовитель торговаямарка
price: цена стоимость
price_maybe: сумма
sale: розн продажи продажная розничная розница за шт руб единицу текущая единицы
was: опт старая закупочная закупки закупка себестоимость оптовая прежняя безндс без_ндс входная
stock: остаток остатки наличие вналичии запас количествонаскладе остатокнаскладе склад
image: изображение картинка фото фотография ссылканафото
attributes: характеристики свойства цвет размер материал параметры
published: опубликовано опубликован активен активность статустовара видимость
time: дата время датавремя датаивремя момент временнаяметка
did: события заказа покупки продажи создания оформления действия просмотра оплаты
changed: изменения обновления доставки
kind: событие действие типсобытия типдействия
type: тип вид
query: запрос поисковыйзапрос фраза текстзапроса поисковаяфраза
query_maybe: текст ключевоеслово
quantity: количество колво кол_во штук
gain: релевантность оценка оценкарелевантности
gain_maybe: балл метка
of: и
reduced: акционная соскидкой скидка спец
""",
    "Ukrainian": """
item: товар товару товари товарів продукт продукту виріб артикулу
id: ід код номер артикул ідентифікатор
item_id: артикул
item_id_maybe: код номер
user: користувач користувача клієнт клієнта покупець покупця відвідувач відвідувача
session: сесія сесії замовлення чек чека кошик
name: назва найменування
title: заголовок
description: опис
category: категорія розділ група підкатегорія
brand: бренд марка виробник
price: ціна вартість
sale: продажу роздрібна грн за шт
was: стара закупівельна оптова собівартість
stock: залишок залишки наявність внаявності запас
image: зображення фото картинка
attributes: характеристики колір розмір матеріал
time: дата час датачас датаічас
did: події замовлення покупки продажу створення дії
changed: зміни оновлення доставки
kind: подія дія типподії типдії
type: тип
query: запит пошуковийзапит
quantity: кількість
gain: релевантність оцінка
published: опубліковано активний
reduced: акційна зізнижкою
""",
    "Polish": """
item: produkt produktu produkty towar towaru towary artykul artykulu wariantu
id: kod numer nr indeks symbol identyfikator
item_id: indeks
item_id_maybe: kod numer symbol
user: uzytkownik uzytkownika klient klienta kupujacy kupujacego odwiedzajacy odwiedzajacego
session: sesja sesji zamowienie zamowienia paragon paragonu koszyk koszyka faktura faktury
name: nazwa
title: tytul
description: opis opisproduktu opis_dlugi opis_krotki
category: kategoria kategorie dzial grupa grupa_towarowa podkategoria
brand: marka producent
price: cena
price_maybe: kwota wartosc
sale: brutto sprzedazy detaliczna jednostkowa zl pln
was: netto zakupu stara poprzednia hurtowa regularna przed
stock: stan stanmagazynowy stan_magazynu dostepnosc magazyn dostepnailosc zapas
image: zdjecie zdjecia obraz obrazek
attributes: cechy kolor rozmiar material atrybuty parametry
time: data czas dataczas data_i_czas znacznikczasu godzina
did: zakupu zdarzenia sprzedazy zlozenia utworzenia wystawienia
changed: modyfikacji aktualizacji wysylki dostawy
kind: zdarzenie akcja typzdarzenia rodzajzdarzenia czynnosc
type: typ rodzaj
query: zapytanie fraza szukanafraza wyszukiwanie
query_maybe: haslo tekst
quantity: ilosc sztuk liczba
gain: trafnosc ocena istotnosc
published: aktywny opublikowany widoczny
reduced: promocyjna promocja obnizona
""",
    "Czech and Slovak": """
item: produkt produktu produkty zbozi zbozie tovar tovaru polozka polozky vyrobek vyrobku artikl
id: kod cislo oznaceni
item_id: katalogovecislo katalogove_cislo objednacicislo
item_id_maybe: kod cislo
user: uzivatel uzivatele pouzivatel pouzivatela zakaznik zakaznika navstevnik navstevnika klient klienta
session: relace objednavka objednavky kosik kosiku uctenka uctenky faktura faktury
name: nazev nazov jmeno meno
title: titulek nadpis
description: popis
category: kategorie kategoria skupina sekce
brand: znacka vyrobce vyrobca
price: cena
sale: prodejni predajna sdph sdani maloobchodni kc za kus
was: puvodni povodna stara nakupni nakupna bezdph bezdani bez
stock: sklad skladem skladom zasoba zasoby dostupnost stavskladu
image: obrazek obrazok foto
attributes: barva farba velikost velkost vlastnosti parametry
time: datum cas datumacas datum_a_cas
did: nakupu udalosti vytvoreni vytvorenia prodeje
changed: zmeny aktualizace aktualizacie dodani
kind: udalost akce akcia typudalosti
type: typ druh
query: dotaz hledanyvyraz hladanyvyraz vyraz
quantity: mnozstvi mnozstvo pocet kusu pocetkusu
gain: relevance relevancia hodnoceni hodnotenie
gain_maybe: znamka body
published: aktivni publikovano viditelnost zobrazeno
reduced: akcni akcna poslevě zvyhodnena
""",
    "Greek": """
item: προϊόν προϊόντος προϊόντα είδος είδους ειδών άρθρο
id: κωδικός κωδ αριθμός αναγνωριστικό
item_id_maybe: κωδικός κωδ αριθμός
user: χρήστης χρήστη πελάτης πελάτη επισκέπτης επισκέπτη αγοραστής
session: συνεδρία συνεδρίας παραγγελία παραγγελίας απόδειξη απόδειξης καλάθι
name: όνομα ονομασία
title: τίτλος
description: περιγραφή
category: κατηγορία κατηγορίες ομάδα
brand: μάρκα κατασκευαστής
price: τιμή
sale: πώλησης λιανικής με_φπα μονάδας
was: παλιά αγοράς χονδρικής χωρίςφπα αρχική κόστους
stock: απόθεμα διαθεσιμότητα στοκ
image: εικόνα φωτογραφία
attributes: χρώμα μέγεθος χαρακτηριστικά υλικό
time: ημερομηνία ώρα ημερομηνίαώρα χρόνος ημ_νία
did: γεγονότος αγοράς συμβάντος δημιουργίας
changed: ενημέρωσης τροποποίησης αποστολής
kind: γεγονός ενέργεια συμβάν
type: τύπος είδος
query: αναζήτηση ερώτημα όροςαναζήτησης
quantity: ποσότητα τεμάχια
gain: συνάφεια βαθμός βαθμολογία
of: του της
published: ενεργό δημοσιευμένο
reduced: προσφοράς εκπτωτική
""",
    "Hungarian": """
item: termek termekek aru cikk arucikk
id: azonosito kod szam cikkszam
item_id: cikkszam
user: felhasznalo vasarlo vevo latogato ugyfel
session: munkamenet rendeles kosar szamla nyugta
name: nev neve megnevezes
title: cim megnevezes
description: leiras
category: kategoria csoport termekcsoport fokategoria
brand: marka gyarto
price: ar ara eladasiar
sale: eladasi brutto fogyasztoi egyseg kisker bolti
was: regi beszerzesi netto nagyker eredeti
stock: keszlet raktarkeszlet elerhetoseg raktar
image: kep foto
attributes: szin meret anyag jellemzok
time: datum ido idopont idobelyeg
did: vasarlas rendeles esemeny letrehozas
changed: modositas frissites szallitas
kind: esemeny muvelet
type: tipus
query: kereses keresokifejezes keresoszo keresett_kifejezes lekerdezes
quantity: mennyiseg darab darabszam db
gain: relevancia ertekeles
published: aktiv kozzeteve
reduced: akcios kedvezmenyes
""",
    "Romanian": """
item: produs produsului produse articol articolului marfa
id: cod codul numar identificator
item_id: codprodus
item_id_maybe: cod
user: utilizator utilizatorului client clientului cumparator vizitator
session: sesiune sesiunii comanda comenzii cos bon factura
name: nume numele denumire denumirea
title: titlu
description: descriere descrierea
category: categorie categoria categorii grupa
brand: marca producator brandul
price: pret pretul
sale: vanzare cutva unitar final
was: vechi achizitie fara_tva faratva angro
stock: stoc disponibilitate stocul
image: imagine poza foto
attributes: culoare marime material caracteristici
time: data ora datasiora data_si_ora
did: comenzii achizitiei evenimentului cumpararii vanzarii crearii
changed: actualizarii modificarii livrarii
kind: eveniment actiune tipeveniment
type: tip tipul
query: cautare interogare termencautare
quantity: cantitate cantitatea bucati
gain: relevanta
gain_maybe: nota evaluare
of: de al a
published: activ publicat
reduced: promotional redus
""",
}
"""By language its words by what they mean."""
