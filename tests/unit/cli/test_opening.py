"""What is said of a configuration before any work is done on it."""

from steelyard.cli.opening import open_shop

OLD = """
[data.items]
path = "products.csv"
columns = { item_id = "product_id", title = "title" }
[models]
ials_factors = 32
[compress]
neighbours = ["full"]
"""


def test_keys_of_older_versions_are_read_and_their_new_place_is_said(tmp_path):
    (tmp_path / "steelyard.toml").write_text(OLD, "utf-8")

    opened = open_shop(tmp_path)

    assert opened.config.models.tables["ials"].factors == 32
    assert opened.config.models.tables["item-knn"].forms == ("full",)
    assert opened.notes == (
        "models.ials_factors is now models.ials.factors; the old key is still read",
        "compress.neighbours is now models.item-knn.forms; the old key is still read",
    )
