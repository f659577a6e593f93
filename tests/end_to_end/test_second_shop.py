"""A second shop through every kind of model, with a tiny encoder of its own and a recommender of another package."""

import json
import os
import subprocess
import sys

import pytest

from tests.end_to_end.conftest import DEPARTMENTS, MATERIALS, write_shop

torch = pytest.importorskip("torch", reason="torch is not installed: encoders cannot be exported")
transformers = pytest.importorskip("transformers", reason="transformers is not installed")

SETTINGS = """
[models]
search = ["lexical", "dense", "hybrid"]
recommend = ["popularity", "item-knn", "ials", "content", "lately"]
[models.encoder]
source = "encoder"
name = "tiny"
[models.item-knn]
forms = ["full", "20x8bit"]
[models.ials]
factors = 8
[models.lately]
half_life_days = 3
[compress]
encoders = ["fp32", "int8", "static"]
vectors = ["fp32", "1bit"]
[split]
synthetic_queries = 60
[measure]
timed_requests = 20
http_best = 0
http_seconds = 1.0
quiet_wait_s = 1
check_seconds = 30
bootstrap = 100
[decide.search]
min_quality_share = 0.5
max_p99_ms = 1000
[decide.recommend]
min_quality_share = 0.3
max_p99_ms = 1000
"""
PLUGIN = """
from pydantic import Field
from steelyard.config.section import Section
from steelyard.domain import Reason, Bilingual
from steelyard.models.recipe import FittedRecipe
from steelyard.models.retrieval.popularity import Popularity

class Options(Section):
    half_life_days: float = Field(7.0, gt=0, description="Age at which an event counts half.")

class OfLate(Popularity):
    def explain(self, request, items):
        return [[Reason("of_late", 1.0)] for _ in items.tolist()]

class Lately(FittedRecipe):
    name = "lately"
    options = Options
    reasons = {"of_late": Bilingual("Bought a lot this week", "本周热销")}

    def fit(self, bench, options, tuned):
        return Popularity(options.half_life_days).fit(bench.shop.learn_all, seed=bench.seed).state()

    def open(self, parts, options):
        return OfLate.from_state(parts.state("model"))
"""


def write_encoder(folder):
    """A BERT of two narrow layers with random weights, in the form of a Hugging Face folder."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    words = sorted({w for d, things in DEPARTMENTS.items() for w in (d, *things)} | set(MATERIALS))
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = {word: number for number, word in enumerate([*special, *words, *"abcdefghijklmnopqrstuvwxyz,>"])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    transformers.BertModel(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))


def install(folder):
    """A package of somebody else's, with its entry point."""
    info = folder / "steelyard_lately-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "steelyard_lately.py").write_text(PLUGIN, "utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: steelyard-lately\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[steelyard.recipes.recommend]\nlately = steelyard_lately:Lately\n")
    return folder


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    """The shop's folder, and a way to run the command line with the package installed."""
    folder = write_shop(tmp_path_factory.mktemp("second"), seed=1)
    (folder / "encoder").mkdir()
    write_encoder(folder / "encoder")
    installed = install(tmp_path_factory.mktemp("site"))
    environment = {**os.environ, "PYTHONPATH": str(installed)}

    def steelyard(*arguments):
        argv = [sys.executable, "-m", "steelyard", *map(str, arguments)]
        return subprocess.run(argv, capture_output=True, text=True, timeout=600, check=False, env=environment)

    made = steelyard("init", folder)
    assert made.returncode == 0, made.stderr
    with (folder / "steelyard.toml").open("a", encoding="utf-8") as file:
        file.write(SETTINGS)
    done = steelyard("run", "--all", "-c", folder)
    assert done.returncode == 0, done.stderr
    return folder, steelyard


@pytest.fixture(scope="module")
def rows(second):
    told = second[1]("decide", "--json", "-c", second[0])
    assert told.returncode == 0, told.stderr
    decision = json.loads(told.stdout)
    return {row["name"]: row for surface in decision["surfaces"] for row in surface["candidates"]}


def test_every_variant_of_every_model_is_measured_and_priced(rows):
    dense = {"fp32-fp32", "fp32-1bit", "int8-1bit", "static-1bit"}
    expected = {"lexical", *(f"{kind}-{form}" for kind in ("dense", "hybrid") for form in dense)}
    expected |= {"popularity", "item-knn-full", "item-knn-20x8bit", "ials", "content", "lately"}

    assert set(rows) == expected
    assert all(row["quality"]["mean"] is not None and row["monthly"] is not None for row in rows.values())


def test_only_those_with_a_transformer_are_billed_for_looking_after_one(rows):
    def has_upkeep(name):
        return any(line["key"] == "encoder_upkeep" for line in rows[name]["bill"])

    assert [name for name in rows if has_upkeep(name)] == [
        name for name in rows if name.startswith(("dense", "hybrid")) and "static" not in name
    ]


def test_a_second_run_builds_nothing_again(second):
    folder, steelyard = second
    refs = folder / ".steelyard" / "refs" / "parts"
    before = {path: path.stat().st_mtime_ns for path in refs.rglob("*.ref")}

    again = steelyard("run", "--all", "-c", folder)

    assert again.returncode == 0, again.stderr
    assert {path: path.stat().st_mtime_ns for path in refs.rglob("*.ref")} == before


def test_a_run_without_all_passes_over_what_is_too_dear_and_says_so(second):
    folder, steelyard = second

    done = steelyard("run", "-c", folder)

    assert done.returncode == 0, done.stderr
    assert "Not built, since none can be cheaper than" in done.stdout
    assert "dense-int8-1bit" in done.stdout


def test_a_model_of_another_package_is_packaged_by_name_served_and_explained(second, monkeypatch, tmp_path):
    from steelyard.assembly import Tools
    from steelyard.workflows.measuring_ports import Call
    from steelyard.workflows.promises.self_check import serve_argv

    folder, steelyard = second
    monkeypatch.setenv("PYTHONPATH", str(next(p for p in folder.parent.glob("site*"))))

    packaged = steelyard("package", "lately", "-c", folder)
    assert packaged.returncode == 0, packaged.stderr
    bundle = folder / ".steelyard" / "bundles"
    measuring = Tools().measuring
    with measuring.serve(serve_argv(bundle, tmp_path / "state")) as server:
        answer = measuring.ask(server.url, Call("/v1/recommend", {"user": "somebody new", "k": 3}))

    assert len(answer["items"]) == 3
    (reason, *_) = answer["items"][0]["reasons"]
    assert reason["kind"] == "of_late"
    assert (reason["text"], reason["text_zh"]) == ("Bought a lot this week", "本周热销")
