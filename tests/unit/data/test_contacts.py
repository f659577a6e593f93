"""What people type by mistake is told from what shops use (R1.7, P1)."""

import pytest

from steelyard.data.privacy.patterns import names_a_person


@pytest.mark.parametrize(
    "text",
    [
        "ann.miller@post.example",
        "my mail is ann@post.example please",
        "张三＠邮件。网络",
        "13812345678",
        "手机13812345678",
        "138 1234 5678",
        "+44 20 7946 0958",
        "0049 30 901820",
        "call (030) 901-8204",
        "010-62345678",
        "030/1234567",
        "555-123-4567",
        "11010519491231002X",
        "078-05-1120",
        "4111 1111 1111 1111",
        "4111111111111111",
        "DE89 3704 0044 0532 0130 00",
        "１３８１２３４５６７８",
    ],
)
def test_what_names_a_person_is_seen(text):
    assert names_a_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "4006381333931",  # a trade item number
        "96385074",
        "036000291452",
        "3446155068",  # a book number
        "978-3-16-148410-0",
        "iphone 15 pro 256gb",
        "usb 3.0 to usb-c",
        "10 x 15 cm",
        "牛奶 250ml 12瓶",
        "lego 75192",
        "2024-05-31",
        "1.234,56",
        "a@b",
        "price < 100",
        "SKU-0012345",
        "",
    ],
)
def test_what_shops_use_is_left_alone(text):
    assert not names_a_person(text)
