"""What was found in the shop's data over HTTP: the page, and its JSON."""

import pytest

from steelyard.api.app import Work, create_app
from steelyard.api.data_routes import DataReports
from steelyard.documents.quality import FindingRow, QualityReport, RowCounts
from steelyard.errors import ArtefactError

ROWS = {"items": RowCounts(n_in=10, n_kept=10, n_quarantined=0, n_merged=0)}
LOST = FindingRow(
    table="events", reason="event_kind_unknown", severity="error", action="quarantine", count=96, share=0.8,
    says="the kind is not known; map it in kinds", effect="events_lost", remedy="event_kind_unknown", stops=True,
)  # fmt: skip
REFUSED = QualityReport(findings=(LOST,), made_at="2026-03-01T12:00:00+00:00")


def asked(shopper, service, reports):
    shopper.app = create_app(service, work=Work(data=reports))
    return shopper


def test_a_refused_load_is_shown_while_the_shop_goes_on(shopper, service):
    shopper = asked(shopper, service, lambda: DataReports(QualityReport(rows=ROWS), REFUSED))

    page, answer = shopper.get("/data-quality"), shopper.get("/v1/data-quality").json()

    assert page.status_code == 200
    assert "One thing stops training on this load." in page.text and "2026-03-01" in page.text
    assert 'href="/data-quality.css"' in page.text and "<style" not in page.text
    assert answer["data"]["rows"]["items"]["kept"] == 10
    assert answer["refused"]["findings"][0]["stops"] is True
    assert shopper.get("/data-quality.css").headers["content-type"].startswith("text/css")


def damaged():
    raise ArtefactError("the report is damaged")


@pytest.mark.parametrize("reports", [None, DataReports, damaged])
def test_where_there_is_no_report_it_is_said(shopper, service, reports):
    shopper = asked(shopper, service, reports)

    answer = shopper.get("/v1/data-quality")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_data_report")


def test_the_page_of_a_server_without_a_shop_says_what_to_run(shopper, service):
    assert "steelyard prepare" in asked(shopper, service, None).get("/data-quality").text
