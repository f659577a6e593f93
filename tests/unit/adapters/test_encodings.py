"""An old encoding is told by its letters, or the file is refused with what it could be."""

import pytest

from steelyard.adapters.shop.cutting.encodings import encoding_of
from steelyard.errors import SourceError

SHOPS = {
    "cp949": "id,name\n1,도자기 찻잔\n2,소가죽 벨트\n3,면 수건\n4,대나무 도마\n",
    "gb18030": "id,name\n1,竹制砧板\n2,加厚毛巾\n3,红茶礼盒\n4,儿童书包\n",
    "big5": "id,name\n1,竹製砧板\n2,加厚毛巾\n3,紅茶禮盒\n4,兒童書包\n",
    "cp932": "id,name\n1,竹のまな板\n2,タオル 厚手\n3,紅茶セット\n",
    "euc_jp": "id,name\n1,竹のまな板\n2,タオル 厚手\n3,紅茶セット\n",
    "cp1252": "id,name\n1,Kürbis­öl\n2,Brötchen süß\n3,Crêpière\n".replace("\xad", ""),
    "cp1250": "id,name\n1,Deska dębowa\n2,Ręcznik żółty\n3,Łyżka\n",
    "cp1251": "id,name\n1,Доска разделочная\n2,Полотенце\n3,Чай чёрный\n",
    "koi8-r": "id,name\n1,Доска разделочная\n2,Полотенце\n3,Чай чёрный\n",
    "cp1253": "id,name\n1,Σανίδα κοπής\n2,Πετσέτα\n3,Τσάι μαύρο\n",
    "cp1254": "id,name\n1,Kesme tahtası\n2,Havlu yeşil\n3,Çay ağır\n",
    "cp1257": "id,name\n1,Pjaustymo lentelė\n2,Rankšluostis žalias\n3,Juodoji arbata, ąžuolas\n",
    "iso8859-15": "id,name\n1,Crème 5 €\n2,Bœuf à la mode\n3,Poêle\n",
}


@pytest.mark.parametrize("encoding", SHOPS)
def test_a_short_catalogue_is_read_in_the_encoding_it_was_written_in(tmp_path, encoding):
    content = SHOPS[encoding].encode(encoding)
    (tmp_path / "a.csv").write_bytes(content)

    found = encoding_of(tmp_path / "a.csv")

    assert content.decode(found.name) == SHOPS[encoding]
    assert found.is_guessed


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-8-sig", "utf-32"])
def test_wide_encodings_are_told_with_and_without_a_mark(tmp_path, encoding):
    (tmp_path / "a.csv").write_bytes("id,name\n1,杯子\n2,pan\n".encode(encoding))

    found = encoding_of(tmp_path / "a.csv")

    assert (tmp_path / "a.csv").read_bytes().decode(found.name).lstrip("\ufeff").startswith("id,name\n1,杯子")


def test_doubt_is_refused_with_a_sample_of_each_reading(tmp_path):
    (tmp_path / "a.csv").write_bytes("id,name\n1,ЧАЙНИК\n2,КРУЖКА\n".encode("koi8-r"))

    with pytest.raises(SourceError, match=r"cannot be told for sure.*koi8-r: 1,ЧАЙНИК.*Set encoding"):
        encoding_of(tmp_path / "a.csv")
    assert encoding_of(tmp_path / "a.csv", "koi8-r").name == "koi8-r"


@pytest.mark.parametrize(
    ("given", "says"), [("nonsense", "there is no encoding 'nonsense'"), ("euc_kr", "is not euc_kr")]
)
def test_an_encoding_that_is_not_the_file_s_is_refused(tmp_path, given, says):
    (tmp_path / "a.csv").write_bytes(b"id\n\xff\xfe\xfd\n")

    with pytest.raises(SourceError, match=says):
        encoding_of(tmp_path / "a.csv", given)
