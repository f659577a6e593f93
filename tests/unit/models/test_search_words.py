"""What shoppers type and what must come first: one table for each kind of trouble, over small shops of their own."""

from pathlib import Path

import pytest

from steelyard.adapters.tantivy_index import build_tantivy_index, open_tantivy_index
from steelyard.domain import NONE, Match, Request, State, Texts
from steelyard.errors import ArtefactError
from steelyard.models.retrieval.lexical import Lexical, documents, fit_lexical
from steelyard.models.text.segment import fold

ENGLISH = (
    "Orbit QC-350BT2 earbuds",  # 0
    "Orbit QC-350BT1 earbuds",  # 1
    "Hex screw M6x0.75 steel",  # 2
    "Hex screw M6 x 1 steel",  # 3
    "All season tyre 195/65R15 91V",  # 4
    'Pipe clamp 3/4" brass',  # 5
    "Toolbox ages 3-4 plastic",  # 6
    "Programming in C, a primer",  # 7
    "Programming in C++, a primer",  # 8
    "Programming in C#, a primer",  # 9
    "Servers with .NET",  # 10
    "Fishing net, green",  # 11
    "R&B's greatest songs",  # 12
    "Kettle 1.7 l steel",  # 13
    "Kettle 7 l copper",  # 14
    "Bread knife with teeth",  # 15
    "Women's wool coat",  # 16
    "Coat hanger for men",  # 17
    "General store sign",  # 18
    "Generator, portable, for general use",  # 19
    "Gold ring with stone",  # 20
    "Resistor 47 Ω",  # 21
    "Turf 12 m² roll",  # 22
    "Canned cherries",  # 23
)
CHINESE = (
    "女士凉鞋 夏季 38码",  # 0
    "登山鞋 男 防水",  # 1
    "遮阳伞 大号",  # 2
    "普洱茶饼",  # 3
    "茶壶 紫砂",  # 4
    "洗发水 400毫升",  # 5
    "洗发水 750毫升",  # 6
    "十六寸 行李箱",  # 7
    "二十寸 行李箱",  # 8
    "凉席 一米五",  # 9
    "黄瓜脆片 100克",  # 10
    "笔记本 升级版 2升级",  # 11
)
GERMAN = (
    "Weißes Regal für die Küche",  # 0
    "Regale mit Türen aus Holz",  # 1
    "Gläser für Wein, 6 Stück",  # 2
    "Glas mit Deckel",  # 3
    "Smørrebrød und Käse für den Abend",  # 4
    "Mützen aus Wolle für Kinder",  # 5
    "Öl für die Haut 0,25 l",  # 6
    "Lampe mit Fuß für das Bad",  # 7
    "Ein Tisch für die Terrasse",  # 8
)


class Parts:
    def __init__(self, titles: tuple[str, ...], folder: Path, language: str) -> None:
        empty = ("",) * len(titles)
        self.texts = Texts(titles, empty, empty, empty, empty, language)
        build_tantivy_index(folder, documents(self.texts))
        self.retriever = Lexical(fit_lexical(self.texts), open_tantivy_index(folder))


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Lexical]:
    rows = (("en", ENGLISH, "en"), ("zh", CHINESE, "zh"), ("de", GERMAN, "en"))
    return {name: Parts(titles, tmp_path_factory.mktemp(name), code).retriever for name, titles, code in rows}


def found(shop: Lexical, query: str, *, verbatim: bool = False) -> list[int]:
    row = shop.retrieve([Request(query=query, verbatim=verbatim)], k=12).items[0]
    return [text for text in row.tolist() if text != NONE]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("qc 350 bt2", 0), ("QC350BT2", 0), ("qc-350 bt2", 0), ("qc350 bt 2", 0), ("350bt2", 0), ("bt2", 0),
        ("m6x0.75", 2), ("M6 x 0,75", 2), ("m6 0.75", 2), ("195/65 r15", 4), ("195 65 15", 4), ("195/65R15", 4),
        ('3/4"', 5), ("3/4 inch", 5), ("3-4", 6), ("c++", 8), ("C#", 9), ("programming c++", 8), (".net", 10),
        ("net", 11), ("r&bs", 12), ("rbs", 12), ("R&B", 12), ("1,7 l", 13), ("1.70 liter", 13), ("7l kettle", 14),
        ("bread knives", 15), ("tooth", 15), ("womens coat", 16), ("woman coat", 16), ("man hanger", 17),
        ("general", 18), ("generators", 19), ("47 ohm", 21), ("47Ω", 21), ("12 sqm", 22), ("12m2", 22),
    ],
)  # fmt: skip
def test_what_an_english_shopper_types_finds_the_thing_first(shops: dict[str, Lexical], query: str, first: int) -> None:
    assert found(shops["en"], query)[0] == first


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("傘", 2), ("伞", 2), ("茶", 3), ("壶", 4), ("女鞋", 0), ("男鞋", 1), ("38码", 0), ("750ml", 6), ("400 ml", 5),
        ("四百毫升", 5), ("16寸", 7), ("16英寸 行李箱", 7), ("20寸行李箱", 8), ("1.5米凉席", 9), ("洗头膏", 5),
    ],
)  # fmt: skip
def test_what_a_chinese_shopper_types_finds_the_thing_first(shops: dict[str, Lexical], query: str, first: int) -> None:
    assert found(shops["zh"], query)[0] == first


def test_one_character_finds_every_word_that_holds_it_the_thing_itself_first(shops: dict[str, Lexical]) -> None:
    assert set(found(shops["zh"], "鞋")) == {0, 1}
    assert found(shops["zh"], "茶") == [3, 4]
    assert set(found(shops["zh"], "鞋子")) == {0, 1}


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("2升", "2l "), ("2升级版", "2升级版"), ("一百二十片", "120片"), ("十五寸", "15in "), ("三星手机", "三星手机"),
        ("1,250", "1,250"), ("1,25", "1.25"), ("0,125", "0.125"), ("1,2,3", "1,2,3"), ("2.50", "2.5"), ("10.0", "10.0"),
        ("Ægir Ødegård łódź", "aegir odegard lodz"), ("5 µF", "5 uf"), ("10²", "10 2"), ("Ωmega Ω", "ωmega ohm"),
    ],
)  # fmt: skip
def test_numbers_signs_and_letters_have_one_spelling(written: str, folded: str) -> None:
    assert fold(written) == folded
    assert fold(fold(written)) == fold(written)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("regal", 0), ("weisses regal", 0), ("regale", 1), ("tueren", 1), ("glas", 3), ("gläser", 2), ("smorrebrod", 4),
        ("kaese", 4), ("mütze", 5), ("muetzen", 5), ("0.25 l", 6), ("fuss", 7), ("terasse", 8),
    ],
)  # fmt: skip
def test_what_a_german_shopper_types_finds_the_thing_first(shops: dict[str, Lexical], query: str, first: int) -> None:
    assert found(shops["de"], query)[0] == first


def test_a_size_is_no_fraction_and_a_fraction_no_size(shops: dict[str, Lexical]) -> None:
    assert 6 not in found(shops["en"], '3/4"')
    assert 5 not in found(shops["en"], "3-4")


@pytest.mark.parametrize("query", ["m7x0.75b", "qc-990xt7", "99312", "195/66R15x"])
def test_a_number_that_the_shop_does_not_have_is_not_read_as_another(shops: dict[str, Lexical], query: str) -> None:
    assert shops["en"].read(query).guesses == ()


def test_a_word_of_four_letters_with_another_letter_is_offered_and_not_imposed(shops: dict[str, Lexical]) -> None:
    reading = shops["en"].read("golf")

    assert found(shops["en"], "golf") == []
    assert [(guess.typed, guess.words, guess.is_applied) for guess in reading.guesses] == [("golf", ("gold",), False)]


def test_a_guess_never_counts_as_much_as_a_word_that_is_held(shops: dict[str, Lexical]) -> None:
    assert shops["en"].read("kettel portable").guesses[0].is_applied
    assert found(shops["en"], "kettel portable") == [19, 13, 14]


def test_verbatim_guesses_nothing(shops: dict[str, Lexical]) -> None:
    assert found(shops["en"], "kettel") == [13, 14]
    assert found(shops["en"], "kettel", verbatim=True) == []


@pytest.mark.parametrize(
    ("query", "match", "is_weak"),
    [
        ("bread knife", Match.ALL_WORDS, False),
        ("steel kettle umbrella", Match.SOME_WORDS, False),
        ("kettle umbrella parasol", Match.SOME_WORDS, True),
        ("kettel", Match.GUESSED, False),
        ("xylophone", Match.NOTHING, True),
    ],
)
def test_an_answer_says_how_well_it_fits(shops: dict[str, Lexical], query: str, match: str, is_weak: bool) -> None:
    items = shops["en"].retrieve([Request(query=query)], k=5).items[0]

    understood = shops["en"].understand(Request(query=query), items[items != NONE])

    assert (understood.match, understood.is_weak) == (match, is_weak)


def test_an_index_of_an_older_format_says_what_to_do(tmp_path: Path) -> None:
    shop = Parts(("lamp",), tmp_path, "en").retriever
    old = State(shop.state.arrays, {name: fact for name, fact in shop.state.facts.items() if name != "format"})

    with pytest.raises(ArtefactError, match=r"format 1.*steelyard build"):
        Lexical(old, shop.index)
