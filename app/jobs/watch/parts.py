"""A book judged part by part into files, so that a killed watch goes on where it stopped.

A file is named after its number and the hash of its content: one that is damaged is not the one of that name, and its
part is judged again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from app.jobs.progress import Reporter
from geo.files import sha256_of, whole_file
from scoring.alerts.transitions import TRANSITIONS

Ints = npt.NDArray[np.int64]

_COMPRESSION: Final = "zstd"
_UNJUDGED: Final = b"unjudged"
_HASH_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class Part:
    """Changes of alerts of some parcels (TRANSITIONS), and which of the parcels were never judged."""

    table: pa.Table
    unjudged: tuple[str, ...]


def judge_parts(work: Path, blocks: Sequence[Ints], judge: Callable[[Ints], Part], report: Reporter) -> list[Path]:
    """Judge every block that has no whole file yet.

    Args:
        work: folder, named after all that the watch rests on.
        blocks: positions of their parcels in the book.
        judge: judges one of them.
        report: told of every part.

    Returns:
        Files, in the order of the blocks.
    """
    report.begin("Judge", len(blocks))
    files = []
    for number, block in enumerate(blocks):
        files.append(_whole(work, number) or _write(work, number, judge(block)))
        report.advance("Judge")
    report.end("Judge")
    return files


def read_parts(files: Sequence[Path]) -> Part:
    """All parts together, by parcel: however the book was cut, the same rows in the same order."""
    tables = [pq.read_table(path) for path in files]
    unjudged = tuple(name for table in tables for name in json.loads(table.schema.metadata[_UNJUDGED]))
    whole = [table.replace_schema_metadata().cast(TRANSITIONS) for table in tables]
    together = pa.concat_tables([TRANSITIONS.empty_table(), *whole]).combine_chunks()
    return Part(together.sort_by("subject_id"), tuple(sorted(unjudged)))  # stable: cause and day keep their order


def _whole(work: Path, number: int) -> Path | None:
    """The file of a part; one that is not what was written goes away."""
    for path in sorted(work.glob(f"part-{number:05d}-*.parquet")):
        if path.stem.endswith(sha256_of(path)[:_HASH_DIGITS]):
            return path
        path.unlink()
    return None


def _write(work: Path, number: int, part: Part) -> Path:
    table = part.table.cast(TRANSITIONS).replace_schema_metadata({_UNJUDGED: json.dumps(part.unjudged).encode()})
    unnamed = work / f"judged-{number:05d}.parquet"
    with whole_file(unnamed) as unfinished:
        pq.write_table(table, unfinished, compression=_COMPRESSION, version="2.6")
    named = work / f"part-{number:05d}-{sha256_of(unnamed)[:_HASH_DIGITS]}.parquet"
    unnamed.replace(named)
    return named
