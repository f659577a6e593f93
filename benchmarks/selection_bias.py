"""By how much the best of many is flattered, and what two corrections leave of it, on simulated truths.

Run: ``python benchmarks/selection_bias.py``. Every shop draws true qualities, then requests whose difficulty all
configurations share; the best by mean is taken, and its estimate is held against its true quality.
"""

from __future__ import annotations

import numpy as np

from steelyard.evaluation.selection import shrunken_means, split_optimism

SHOPS, REQUESTS = 400, 300
CASES = {
    "13 alike": (13, 0.0),
    "13 close": (13, 0.01),
    "13 apart": (13, 0.05),
    "6 close": (6, 0.01),
    "13 close, 3 far behind": (13, 0.01),
}


def main() -> None:
    """Print bias and root mean square error of the best one's estimate, in points of a metric in [0, 1]."""
    print(f"{'case':<24}{'naive':>18}{'shrunken':>18}{'split':>18}   (bias, rmse; x 1,000)")
    for name, (n, spread) in CASES.items():
        generator = np.random.default_rng(7)
        errors: dict[str, list[float]] = {"naive": [], "shrunken": [], "split": []}
        for shop in range(SHOPS):
            truth = 0.6 + generator.normal(size=n) * spread
            if "behind" in name:
                truth[:3] -= 0.25
            hard = generator.normal(size=REQUESTS) * 0.25
            seen = truth[:, None] + hard[None, :] + generator.normal(size=(n, REQUESTS)) * 0.2
            means = seen.mean(axis=1)
            common = hard.mean()  # drawn for all alike: no correction is asked to know it
            best = int(means.argmax())
            errors["naive"].append(means[best] - common - truth[best])
            errors["shrunken"].append(shrunken_means(seen)[best] - common - truth[best])
            flattered = split_optimism(seen, seed=shop, repeats=20)
            errors["split"].append(means[best] - flattered - common - truth[best])
        cells = [
            f"{1e3 * np.mean(found):7.2f}, {1e3 * np.sqrt(np.mean(np.square(found))):6.2f}" for found in errors.values()
        ]
        print(f"{name:<24}" + "".join(f"{cell:>18}" for cell in cells))


if __name__ == "__main__":
    main()
