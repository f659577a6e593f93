"""Noise on counts is the noise that is promised (R1.7, P7)."""

import math
from collections import Counter

import pytest

from steelyard.adapters.privacy.counts import draw_noise

pytest.importorskip("opendp", reason="opendp is not installed: the extra privacy brings it")
N = 100_000


@pytest.mark.parametrize("scale", [0.7, 5.0])
def test_drawn_noise_has_the_stated_distribution(scale):
    counts = Counter(draw_noise(N, scale=scale))

    # discrete Laplace: P(x) = (1 - a) / (1 + a) * a^|x|, a = exp(-1 / scale); Pearson's test, cells of 50 and more
    a = math.exp(-1 / scale)
    expected = {x: N * (1 - a) / (1 + a) * a ** abs(x) for x in range(-200, 201)}
    cells = [x for x, n in expected.items() if n >= 50]
    rest, rest_expected = N - sum(counts[x] for x in cells), N - sum(expected[x] for x in cells)
    chi2 = (
        sum((counts[x] - expected[x]) ** 2 / expected[x] for x in cells) + (rest - rest_expected) ** 2 / rest_expected
    )
    degrees = len(cells)
    # one false alarm in a million: the randomness is the system's and takes no seed (Wilson and Hilferty)
    limit = degrees * (1 - 2 / (9 * degrees) + 4.75 * math.sqrt(2 / (9 * degrees))) ** 3
    assert chi2 < limit
    mean = sum(x * n for x, n in counts.items()) / N
    assert abs(mean) < 6 * scale * math.sqrt(2 / N)
