"""Files of labels put together, and what labels of each source cost."""

import json

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from tests.unit.workflows.accounts_shop import SETTINGS, Accounts

from steelyard.cli.labels import command
from steelyard.errors import ConfigError, DataError, PriceError
from steelyard.workflows.labelling.join_labels import join_labels
from steelyard.workflows.labelling.label_costs import label_costs


def labels(file, *rows, header="query,item_id,gain"):
    file.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return file


@pytest.fixture
def shop(tmp_path):
    return Accounts(tmp_path)


def test_of_a_pair_that_several_files_label_the_first_wins(shop, tmp_path):
    people = labels(tmp_path / "a.csv", "lamp,1,3", "lamp,2,", "lamp,3,0")
    others = labels(tmp_path / "b.csv", "LAMP,1,0,rules", "rug,1,2,rules", header="query,item_id,gain,origin")

    found = join_labels(shop, [people, others], out=tmp_path / "all.parquet")

    rows = {(row["query"], row["item_id"]): row for row in pq.read_table(tmp_path / "all.parquet").to_pylist()}
    assert rows["lamp", "1"]["gain"] == 3.0 and rows["lamp", "1"]["origin"] == "judged"
    assert rows["rug", "1"]["origin"] == "rules"
    assert (found.by_origin, found.n_again, found.n_empty) == ({"judged": 2, "rules": 1}, 1, 1)


def test_judgements_of_people_are_booked_once_at_the_price_of_one(shop, tmp_path):
    people = labels(tmp_path / "a.csv", "lamp,1,3", "lamp,2,0")
    others = labels(tmp_path / "b.csv", "rug,1,2")

    first = join_labels(shop, [people, others], out=tmp_path / "all.parquet", book="spring")
    again = join_labels(shop, [people, others], out=tmp_path / "all.parquet", book="spring")
    (row,) = label_costs(shop).rows

    assert first.booked.startswith("Booked 2 judgements of people: 1.25 USD")
    assert again.booked.startswith("Booked before")
    assert (row.origin, float(row.cost), row.currency) == ("judged", 1.25, "USD")
    assert float(row.per_label) == 75 / 120


def test_a_row_of_the_price_book_is_the_price_of_a_judgement(tmp_path):
    header = "name,service,price,unit,kind,source,as_of"
    labels(tmp_path / "prices.csv", "label/crowd,labels,0.04,label,quoted,an offer,2026-11-01", header=header)
    text = SETTINGS.replace("[cost]", '[cost]\noverrides = "prices.csv"') + '[labels]\nprice = "label/crowd"\n'
    shop = Accounts(tmp_path, text)

    join_labels(shop, [labels(tmp_path / "a.csv", "lamp,1,3")], out=tmp_path / "all.parquet", book="x")

    assert float(label_costs(shop).rows[0].cost) == 0.04


def test_an_unknown_price_books_nothing(tmp_path):
    shop = Accounts(tmp_path, SETTINGS + '[labels]\nrole = "astronaut"\n')

    with pytest.raises(PriceError, match="cannot be booked"):
        join_labels(shop, [labels(tmp_path / "a.csv", "lamp,1,3")], out=tmp_path / "all.parquet", book="x")


@pytest.mark.parametrize(
    ("row", "says"),
    [("lamp,1,good", "write a number"), ("lamp,1,-1", "write a number"), ("lamp,,1", "lacks its query or its item_id")],
)
def test_a_row_that_cannot_be_used_is_refused_with_what_to_do(shop, tmp_path, row, says):
    with pytest.raises(DataError, match=says):
        join_labels(shop, [labels(tmp_path / "a.csv", row)], out=tmp_path / "all.parquet")


def test_unknown_origins_missing_columns_and_other_files_are_refused(shop, tmp_path):
    other = labels(tmp_path / "a.csv", "lamp,1,1,oracle", header="query,item_id,gain,origin")
    with pytest.raises(DataError, match="'oracle' is not known"):
        join_labels(shop, [other], out=tmp_path / "all.parquet")
    with pytest.raises(DataError, match="no column gain"):
        join_labels(shop, [labels(tmp_path / "b.csv", "lamp,1", header="query,item_id")], out=tmp_path / "all.parquet")
    with pytest.raises(ConfigError, match=r"all\.parquet"):
        join_labels(shop, [other], out=tmp_path / "all.csv")


def test_a_filled_in_list_is_joined_by_the_command_and_costs_are_shown(words):
    (words / "judge.csv").write_text("query,item_id,title,gain,worth\nlamp,item-1,A lamp,2,0.1\nlamp,item-2,B,,0.1\n")
    out = words / "all.parquet"

    def run(*arguments):
        done = CliRunner().invoke(command, [*arguments, "-c", str(words)], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    joined = run("join", str(words / "judge.csv"), "--out", str(out), "--book", "one")
    rules = run("rules", "--per-query", "3")
    costs = json.loads(run("costs", "--json"))
    table = run("costs")

    assert "Labels in" in joined and "1 from judged" in joined and "Rows left out: 1 without a gain" in joined
    assert "labels of" in rules
    rows = {row["origin"]: row for row in costs["rows"]}
    assert float(rows["judged"]["cost"]) == 0.62 or float(rows["judged"]["cost"]) == 0.625
    assert 0 < float(rows["rules"]["cost"]) < 0.01  # processor time that was metered
    assert rows["rules"]["labels"] > 0 and "< 0.01 USD" in table


def test_a_shop_without_labels_says_so(words):
    shown = CliRunner().invoke(command, ["costs", "-c", str(words)], catch_exceptions=False)

    assert "No labels yet" in shown.stdout
