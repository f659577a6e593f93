"""``steelyard labels join``."""

from __future__ import annotations

from pathlib import Path

import click

from steelyard.cli.labels.screen import print_sentences
from steelyard.cli.opening import config_option, open_shop
from steelyard.errors import SourceError
from steelyard.workflows.labelling.join_labels import join_labels

__all__ = ["command"]


@click.command("join")
@config_option
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Parquet file to write.")
@click.option("--book", default="", metavar="NAME", help="Book people's judgements of the first file under this name.")
def command(path: Path, files: tuple[Path, ...], out: Path, book: str) -> None:
    """Put files of labels together, the most trusted first: of a pair that several label the first wins.

    A filled-in list of `labels shop` is such a file; rows without a gain are left out. Use the result as
    [data.judgements] with origin = "mixed".
    """
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise SourceError(f"no file at {', '.join(missing)}: give CSV or Parquet with query, item_id and gain")
    found = join_labels(open_shop(path), files, out=out.resolve(), book=book)
    told = ", ".join(f"{n:,} from {origin}" for origin, n in found.by_origin.items()) or "none"
    print_sentences([f"Labels in {out}: {told}"])
    left = [(found.n_again, "of pairs that a file before labels"), (found.n_empty, "without a gain")]
    print_sentences([f"Rows left out: {n:,} {why}" for n, why in left if n])
    print_sentences([found.booked] if found.booked else [])
