"""A load that takes changes over: whether they still stand over what the shop's file says by now."""

from decimal import Decimal

from steelyard.data.changes.applying import CatalogueChanges
from steelyard.data.changes.folding import fold, folded
from steelyard.documents.changes import Batch, HeldChanges, ItemChange, Op

PRICE = ItemChange(Op.PRICE, "a", price="9.00")


def item(**more):
    found = {
        "item_id": "a", "title": "Pan", "description": "", "category": [], "brand": "", "price": Decimal("5.0000"),
        "stock": None, "in_stock": 1, "is_hidden": False, "image": "", "attributes": {},
    }  # fmt: skip
    return {**found, **more}


def load(changes, file_items, before=None):
    """One load: the items that come of a file, and what is remembered."""
    standing = {change.id: folded(None, change, number) for number, change in enumerate(changes, start=1)}
    made = CatalogueChanges(standing, before or HeldChanges(""), token="t-1")
    found = [one for each in file_items if (one := made.applied(each)) is not None]
    return [*found, *made.new()], made


def test_a_change_stands_while_the_file_says_what_it_said():
    _, first = load([PRICE], [item()])

    found, _ = load([PRICE], [item(title="Other pan")], first.held())

    assert (found[0]["price"], found[0]["title"]) == (Decimal("9.00"), "Other pan")


def test_the_file_is_right_once_it_moved_on():
    _, first = load([PRICE], [item()])

    found, made = load([PRICE], [item(price=Decimal("7.0000"))], first.held())

    assert found[0]["price"] == Decimal("7.0000")
    assert (made.n_overtaken, made.held().settled) == (1, ("a",))


def test_a_file_that_has_heard_of_the_change_settles_it():
    _, first = load([PRICE], [item()])

    _, made = load([PRICE], [item(price=Decimal("9.0000"))], first.held())

    assert made.held().settled == ("a",)


def test_a_later_change_stands_over_the_file_that_overtook_the_earlier():
    _, first = load([PRICE], [item()])
    later = ItemChange(Op.PRICE, "a", price="8.00")

    found, _ = load([ItemChange(Op.DELETE, "b"), later], [item(price=Decimal("7.0000"))], first.held())

    assert found[0]["price"] == Decimal("8.00")


def test_a_deletion_stands_until_a_file_comes_without_the_item():
    gone = ItemChange(Op.DELETE, "a")
    found, first = load([gone], [item()])
    assert (found, first.n_removed, first.held().settled) == ([], 1, ())

    found, made = load([gone], [item(stock=7)], first.held())
    assert found == []

    _, made = load([gone], [], made.held())
    assert made.held().settled == ("a",)


def test_a_new_item_stands_until_the_file_has_it():
    new = ItemChange(Op.UPSERT, "a", title="Pan", price="9.00")
    found, first = load([new], [])
    assert (found[0]["title"], found[0]["price"], first.n_added) == ("Pan", Decimal("9.00"), 1)

    found, made = load([new], [item(title="Pan of the file")], first.held())

    assert found[0]["title"] == "Pan of the file"
    assert made.held().settled == ("a",)


def test_stock_says_whether_an_item_is_offered():
    found, _ = load([ItemChange(Op.STOCK, "a", stock=0)], [item()])

    assert (found[0]["stock"], found[0]["in_stock"]) == (0, 0)


def test_later_changes_of_an_item_come_on_top():
    batches = [
        Batch(1, "x", (ItemChange(Op.UPSERT, "a", title="Pan", price="1.00"),)),
        Batch(3, "x", (PRICE, ItemChange(Op.PATCH, "a", title="Pot"))),
    ]

    one = fold((), batches)["a"]

    assert (one.change.op, one.change.title, one.change.price, one.change.brand) == (Op.UPSERT, "Pot", "9.00", "")
    assert (one.numbers["title"], one.numbers["price"], one.numbers["op"]) == (3, 2, 1)
