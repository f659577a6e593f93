"""A machine's minute of kernels, run for a moment."""

import json

import numpy as np
import onnxruntime
import pytest
from click.testing import CliRunner

from steelyard.adapters.measuring import calibration
from steelyard.cli import main
from steelyard.cost.calibration import Kernel, parse_calibration


@pytest.mark.parametrize(
    ("operator", "types", "left", "right"),
    [
        ("MatMulInteger", (2, 3, 6), np.array([[255, 1]], np.uint8), np.array([[-127], [3]], np.int8)),
        ("MatMul", (1, 1, 1), np.array([[0.5, 2]], np.float32), np.array([[4], [0.25]], np.float32)),
    ],
)
def test_the_graph_that_was_written_out_is_a_product_of_matrices(operator, types, left, right):
    session = onnxruntime.InferenceSession(calibration._graph(operator, types), providers=["CPUExecutionProvider"])

    (found,) = session.run(None, {"a": left, "b": right})

    assert found.tolist() == (left.astype(float) @ right.astype(float)).tolist()


def test_a_moment_of_this_machine_is_a_calibration(monkeypatch, tmp_path):
    monkeypatch.setattr(calibration, "_START_S", 0.0)
    monkeypatch.setattr(calibration, "_TRIALS", 1)

    document = calibration.calibrate(seconds=0.5)

    made = parse_calibration(json.loads(json.dumps(document)), where="made")
    assert set(made.seconds) == set(Kernel)
    assert all(0 < fact.low <= fact.value <= fact.high for fact in made.seconds.values())
    assert (made.parallel_share is None) == (made.cores == 1)
    (tmp_path / "here.json").write_text(json.dumps(document), "utf-8")
    (tmp_path / "there.json").write_text(json.dumps({**document, "instruction_set": "other"}), "utf-8")
    same = cost("--compare", tmp_path / "here.json", tmp_path / "here.json", "--rate", "40", "--hourly", "2.40",
                "--utilisation", "0.45")  # fmt: skip
    other = cost("--compare", tmp_path / "here.json", tmp_path / "there.json")
    assert same.stdout.startswith("cost of 1,000 requests there = 0.037037 USD per 1,000 requests (")
    assert (other.exit_code, "measure there" in other.stderr) == (1, True)


def test_figures_without_a_second_machine_are_refused(tmp_path):
    assert "belong to --compare" in cost("--rate", "40").stderr
    assert "cannot be read as a calibration" in cost("--compare", tmp_path / "a.json", tmp_path / "b.json").stderr


def cost(*words):
    return CliRunner().invoke(main, ["cost", "calibrate", *map(str, words)])
