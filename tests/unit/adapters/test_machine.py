import json
import os
import time

from steelyard.adapters.measuring.child_process import ask_child
from steelyard.adapters.measuring.machine import Watch, describe_machine, peak_rss_bytes, process_cpu_s, rss_bytes
from steelyard.documents.machine import MachineFacts, machine_builtins


def test_the_machine_is_described_as_json():
    found = describe_machine()

    assert json.loads(json.dumps(machine_builtins(found))) == machine_builtins(found)
    assert list(machine_builtins(found)) == list(MachineFacts.__struct_fields__)
    assert found.cpu_model
    assert found.cores >= 1
    assert found.memory_bytes > 1e8
    assert found.libraries["numpy"]


def test_watching_sees_the_processor_time_of_this_process():
    watch = Watch()
    end = time.process_time() + 0.05
    while time.process_time() < end:
        pass

    found = watch.surroundings()

    assert 0.05 <= found.cpu_s <= found.wall_s + 0.02
    assert 0 <= found.load_share <= 1
    assert 0 <= found.steal_share <= 1


def test_a_process_is_read_by_its_number():
    assert 0 < rss_bytes(os.getpid()) <= peak_rss_bytes(os.getpid())
    assert process_cpu_s(os.getpid()) > 0


def test_a_child_does_not_inherit_the_peak_of_a_large_parent(monkeypatch, tmp_path):
    module = tmp_path / "peak_of_a_child.py"
    module.write_text(
        "from steelyard.adapters.measuring.child_process import answer_once\n"
        "from steelyard.adapters.measuring.machine import peak_rss_bytes\n"
        "answer_once(lambda question: peak_rss_bytes())\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    large = bytearray(b"x" * 300_000_000)

    found = ask_child("peak_of_a_child", {}, time_out_s=60, what="reading a child's peak")

    assert len(large) <= peak_rss_bytes()
    assert found < 200_000_000
