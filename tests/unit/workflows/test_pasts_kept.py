"""Whether users' events with their times are handed over and packaged: where what was chosen reads them."""

import pytest

from steelyard.adapters.measuring import probe
from steelyard.domain import Configuration, Past, Request, Surface
from steelyard.workflows.bundles import package

READS = [
    ("transformer", {"times": True}, True),
    ("transformer", {}, False),
    ("frequency", {}, True),
    ("item-knn", {}, False),
]


@pytest.mark.parametrize(("kind", "options", "reads"), READS)
def test_a_bundle_keeps_pasts_for_a_configuration_that_reads_them(kind, options, reads):
    chosen = Configuration(kind, Surface.RECOMMEND, kind, {}, options)

    assert package._reads_past(chosen) is reads
    assert not package._reads_past(None)


@pytest.mark.parametrize(("kind", "options", "reads"), READS)
def test_a_configuration_is_measured_with_the_pasts_it_will_be_served_with(kind, options, reads):
    request = Request(history=(4,), past=Past((4,), (10.0,)), asked_s=20.0)

    row = probe._row(request, Configuration(kind, Surface.RECOMMEND, kind, {}, options))

    assert row["past"]["items"] == ((4,) if reads else ())
    assert (row["history"], row["asked_s"]) == ((4,), 20.0)
