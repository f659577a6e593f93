"""Words of the languages of western and northern Europe that names of columns are made of.

A line is what is meant and the words for it; a line that is set in goes on with the one before. ``item``, ``user`` and
``session`` (an order, too) are nouns in the cases that names use; ``id``, ``name`` and ``type`` say what of them;
``sale``, ``was`` and ``reduced`` go with a price, ``did`` and ``changed`` with a time; ``of`` stands between.
``<role>`` is a name of its own, ``<role>_maybe`` one that means other things too.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["WESTERN_EUROPE"]

WESTERN_EUROPE: Mapping[str, str] = {
    "Dutch": """
item: artikel artikelen producten goederen
id: nummer artikelcode
item_id: artikelnr artikelnummer artikelcode productnummer
user: gebruiker gebruikers klant klanten koper bezoeker bezoekers
session: sessie bestelling bestellings bestel order winkelmand bon factuur
name: naam omschrijvingkort
title: titel artikelomschrijving productomschrijving
description: omschrijving beschrijving
category: categorie categorieen rubriek groep hoofdgroep subgroep artikelgroep productgroep soort
brand: merk fabrikant leverancier
price: prijs
sale: incl inclusief verkoop bruto incl_btw inclbtw stuk per_stuk winkel advies consumenten
was: excl exclusief oude inkoop netto exclbtw excl_btw van vorige kost
stock: voorraad beschikbaarheid opvoorraad beschikbaar
image: afbeelding foto plaatje
attributes: kleur maat eigenschappen kenmerken materiaal
time: datum tijd tijdstip tijdstempel datumtijd datum_tijd
did: aankoop gebeurtenis aangemaakt verkoop aanmaak order
changed: gewijzigd lever bijgewerkt wijzigings
kind: gebeurtenis actie handeling
type: type soort
query: zoekterm zoekopdracht zoekwoord zoekvraag
quantity: aantal hoeveelheid stuks
gain: relevantie beoordeling oordeel
of: van
published: actief gepubliceerd zichtbaar
reduced: actie aanbiedings kortings
""",
    "German": """
item: artikel produkt produkte ware waren
id: nummer bestellnummer kennung schlussel
item_id: artikelkennung
user: kunde kunden nutzer benutzer besucher kaufer
session: sitzung bestellung auftrag bestell warenkorb beleg rechnung bon
name: name bezeichnung benennung
title: titel
description: beschreibung details
category: kategorie rubrik gruppe sparte unterkategorie warengruppe
brand: marke hersteller
price: preis
price_maybe: betrag
sale: verkaufs brutto einzel stuck laden aktueller inkl_mwst
was: alter einkaufs ek netto streich gross vorheriger alt vor statt
stock: bestand lagerbestand verfugbarkeit vorrat lager
image: bild foto
attributes: farbe grosse material eigenschaften
time: datum zeit zeitpunkt zeitstempel uhrzeit
did: kauf bestell ereignis erstellt erstellungs anlage
changed: anderungs geandert liefer aktualisiert
kind: ereignis aktion vorgang
type: art typ
query: suchbegriff suche suchanfrage suchwort
quantity: menge anzahl stuckzahl
gain: relevanz bewertung urteil
gain_maybe: schulnote schulnoten note punkte
published: aktiv sichtbar
reduced: aktions angebots sonder rabatt reduzierter
""",
    "French": """
item: produit produits article articles marchandise
id: n code numero num reference identifiant
item_id: refproduit refarticle
item_id_maybe: reference code
user: utilisateur client clients acheteur visiteur internaute
session: session commande panier facture ticket
name: nom libelle intitule designation
title: titre
description: description descriptif detail details
category: categorie categories rayon famille rubrique souscategorie univers
brand: marque fabricant fournisseur
price: prix pu pv
price_maybe: montant tarif
sale: vente ttc unitaire public actuel
was: ancien achat ht gros barre revient avant
stock: stock disponibilite quantitestock enstock dispo
image: image photo visuel
attributes: couleur taille matiere caracteristiques attributs
time: date heure dateheure date_et_heure horodatage
did: achat evenement creation vente
changed: modification maj livraison expedition
kind: evenement action typeevenement
type: type
query: recherche requete termerecherche motscles
query_maybe: mot texte motcle
quantity: quantite qte nombre
gain: pertinence
gain_maybe: note jugement
of: de du d l en
published: actif publie visible
reduced: promo promotionnel solde remise
""",
    "Italian": """
item: prodotto prodotti articolo articoli merce
id: n codice numero cod identificativo
item_id: codart codarticolo
item_id_maybe: codice cod
user: utente utenti cliente clienti acquirente visitatore
session: sessione ordine scontrino carrello fattura
name: nome denominazione
title: titolo
title_maybe: descrizionebreve articolo
description: descrizione descrizionelunga dettagli
category: categoria categorie reparto gruppo sottocategoria tipologia genere famiglia
brand: marca marchio produttore fornitore
price: prezzo
price_maybe: importo costo
sale: vendita lordo unitario iva_inclusa ivato ivainclusa attuale pubblico listino al
was: vecchio acquisto netto ingrosso precedente ivaesclusa senzaiva costo
stock: giacenza giacenze disponibilita magazzino scorta scorte disponibile
image: immagine foto
attributes: colore taglia materiale caratteristiche attributi
time: data ora dataora data_e_ora orario
did: acquisto evento creazione vendita
changed: modifica aggiornamento spedizione consegna
kind: evento azione tipoevento
type: tipo
query: ricerca terminediricerca termine_ricerca interrogazione domanda testoricerca
query_maybe: parola testo
quantity: quantita qta pezzi
gain: rilevanza pertinenza
gain_maybe: voto punteggio giudizio
of: di del dell della d
published: attivo pubblicato visibile
reduced: scontato offerta promozionale promo
""",
    "Spanish": """
item: producto productos articulo articulos mercancia
id: n codigo numero cod clave referencia identificador
item_id: codarticulo
item_id_maybe: codigo clave
user: usuario usuarios cliente clientes comprador visitante
session: sesion pedido carrito factura ticket orden
name: nombre denominacion
title: titulo
description: descripcion detalles
category: categoria categorias seccion departamento familia grupo subcategoria rubro
brand: marca fabricante
price: precio pvp
price_maybe: importe valor
sale: venta unitario coniva final actual publico al
was: antiguo compra coste costo mayorista anterior siniva neto
stock: existencias disponibilidad inventario stock existencia
image: imagen foto fotografia
attributes: color talla material caracteristicas atributos
time: fecha hora fechahora fecha_y_hora momento
did: compra evento creacion venta transaccion
changed: actualizacion modificacion entrega envio
kind: evento accion tipoevento
type: tipo
query: busqueda consulta terminodebusqueda termino_busqueda
query_maybe: termino palabra texto
quantity: cantidad cant unidades
gain: relevancia pertinencia
gain_maybe: nota puntuacion valoracion
of: de del la
published: activo publicado visible
reduced: oferta rebajado promocional conDescuento
""",
    "Portuguese": """
item: prod produto produtos artigo artigos mercadoria
id: n cd codigo numero cod identificador referencia
item_id: codproduto
item_id_maybe: codigo cod
user: cli usuario utilizador cliente clientes comprador visitante consumidor
session: sessao pedido encomenda carrinho fatura nota venda
name: nm desc nome designacao denominacao
title: titulo
title_maybe: descricaocurta
description: descricao detalhes
category: categoria categorias departamento secao grupo subcategoria familia
brand: marca fabricante
price: preco vl vlr
price_maybe: valor
sale: venda unitario comiva bruto final atual varejo
was: antigo custo compra atacado anterior semiva liquido de
stock: estoque stock disponibilidade saldo existencia
image: imagem foto fotografia
attributes: cor tamanho caracteristicas atributos material
time: data dt hora datahora data_e_hora datehora
did: compra evento criacao venda transacao
changed: atualizacao alteracao entrega envio
kind: evento acao tipoevento
type: tipo
query: busca pesquisa consulta termodebusca termo_busca termopesquisa
query_maybe: termo palavra texto
quantity: quantidade qt qtd qtde quant pecas
gain: relevancia
gain_maybe: nota avaliacao pontuacao
of: de do da dos em
published: ativo publicado visivel
reduced: promocional oferta promocao com_desconto
""",
    "Swedish, Danish and Norwegian": """
item: varu vara varan varor artikel artiklar produkt produkter vare varer artikkel artikkelen
id: nummer kod kode varenr artikelnr
item_id: varunummer varenummer varenr artikelnr artikelnummer artikkelnr artikkelnummer produktnr
user: anvandare kund kunder kunde bruker brukar bruger besokare besoker besokende besogende koper kober kopare
  kunders
session: session sessjon ordre order bestallning bestilling kvittering kvitto kurv handlekurv varukorg ordrens
name: namn navn benamning betegnelse
title: titel tittel rubrik varebetegnelse varetekst
description: beskrivning beskrivelse varebeskrivelse
category: kategori kategorier varugrupp varegruppe avdelning afdeling
brand: varumarke maerke merke fabrikat tillverkare producent varemerke varemaerke produsent
price: pris
sale: forsaljnings salgs utsalgs inkl_moms inklmoms styk stk enhets ordinarie
was: gammalt gammel inkops kostpris for indkobs innkjops exklmoms eksmoms netto forra fore
stock: lager lagersaldo lagerbeholdning saldo lagerstatus pa_lager palager i_lager beholdning tillganglighet
image: bild billede bilde foto
attributes: farg farve farge storlek storrelse egenskaper material
time: datum dato tid tidspunkt tidpunkt tidsstampel tidsstempel
did: kop kob kjops handelse handelsens haendelse hendelse skapad oprettet opprettet ordre order
changed: andrad endret aendret uppdaterad leverans leverings
kind: handelse haendelse hendelse atgard handling aktivitet
type: typ type
query: sokord soktext sokfraga sogeord sokeord sogning sok sog sokefrase
quantity: antal antall mangd maengde mengde styck
gain: relevans bedomning bedommelse vurdering
published: aktiv publicerad publisert synlig
reduced: rea kampanj kampanje tilbuds
""",
    "Finnish": """
item: tuote tuotteen tuotteet
id: koodi numero tunnus tunniste
item_id: tuotenumero tuotekoodi
user: kayttaja kayttajan asiakas asiakkaan kavija ostaja
session: istunto tilaus tilauksen kuitti ostoskori
name: nimi
title: otsikko nimike
description: kuvaus
category: kategoria ryhma tuoteryhma luokka osasto
brand: merkki brandi valmistaja
price: hinta
sale: myynti veroineen yksikko
was: vanha osto veroton
stock: varasto saldo saatavuus varastosaldo
image: kuva
attributes: vari koko materiaali ominaisuudet
time: paivamaara aika pvm aikaleima ajankohta
did: tapahtuman oston tilaus tilauksen luonti
kind: tapahtuma toiminto
type: tyyppi
query: haku hakusana hakulause kysely
quantity: maara kpl
gain: osuvuus arvio relevanssi
reduced: tarjous ale
""",
}
"""By language its words by what they mean."""
