"""``labels rules`` on the toy shop: labels with their agreement, and a warning where nobody judged."""

import pyarrow.parquet as pq
import pytest
from tests.unit.workflows.toy_run import open_run

from steelyard.errors import StageError
from steelyard.workflows.labelling.rule_labels import label_by_rules


def test_pairs_are_labelled_and_it_is_said_that_nobody_judged_any(words, tmp_path):
    run = open_run(words)

    report = label_by_rules(run, per_query=10, out=tmp_path / "rules.parquet")

    rows = pq.read_table(tmp_path / "rules.parquet").to_pylist()
    assert len(rows) == report.labels > 0
    assert {row["origin"] for row in rows} == {"rules"}
    assert {row["gain"] for row in rows} <= {0.0, 1.0, 2.0, 3.0}
    assert "rules_unchecked" in {note.key for note in report.notes if note.is_warning}
    assert run.store.has("labels/rules")


def test_rules_need_a_prepared_shop(words):
    run = open_run(words)
    run.store.forget("data")

    with pytest.raises(StageError, match="steelyard prepare"):
        label_by_rules(run)
