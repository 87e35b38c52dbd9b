"""The folder of a book: what each batch decided, the state that the next one compares with, and unfinished work.

batches/ID/   limits and all that replays them, of the subjects decided again; the manifest comes last
states/ID/    inputs of the whole book as that batch left it (app.jobs.inputfiles)
work/ID-.../  parts of a batch that was not finished: kept by a killed process, gone when the batch is recorded
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from app.jobs.inputfiles import open_state, write_state
from app.jobs.limits import RECORDED, record_inputs
from app.jobs.progress import Reporter
from geo.files import whole_file
from geo.manifest import is_whole, write_manifest
from geo.observations import LIMITS, to_table
from geo.season import Season
from scoring.inputs import Inputs
from scoring.intake import Intake
from scoring.limits import decide
from scoring.pack_schema import Pack

LIMITS_FILE = "limits.parquet"
_COMPRESSION = "zstd"


@dataclass(frozen=True, slots=True)
class BookFolder:
    """Where a book lies."""

    root: Path

    def batch(self, batch_id: str) -> Path:
        """Files of a batch."""
        return self.root / "batches" / batch_id

    def state(self, batch_id: str) -> Path:
        """Inputs of the whole book as of a batch."""
        return self.root / "states" / batch_id

    def work(self, name: str) -> Path:
        """Parts of an unfinished batch."""
        return self.root / "work" / name

    def batches(self) -> frozenset[str]:
        """Ids of batches that have files here, recorded in the database or not."""
        return frozenset(path.name for path in (self.root / "batches").glob("*") if is_whole(path))

    def open_state(self, batch_id: str) -> Inputs | None:
        """The book as a batch left it; None where that is not kept any more."""
        return open_state(self.state(batch_id)) if self.state(batch_id).is_dir() else None

    def keep(self, states: Collection[str]) -> None:
        """Give up unfinished work and all states but some."""
        shutil.rmtree(self.root / "work", ignore_errors=True)
        for path in (self.root / "states").glob("*"):
            if path.name not in states:
                shutil.rmtree(path)


def decide_parts(work: Path, intake: Intake, pack: Pack, size: int, report: Reporter) -> list[Path]:
    """Decide part by part into files; parts that are there already are kept.

    Args:
        work: folder; named after all that the limits rest on.
        intake: what is to be decided.
        pack: the policy.
        size: parcels of a part, about.
        report: told of every part.

    Returns:
        Files of geo.observations.LIMITS, each with some subjects and all their parcels.
    """
    report.begin("Decide", -(-len(intake.frame) // size))
    files = []
    for number, (_, part) in enumerate(intake.parts(size)):
        files.append(work / f"part-{number:05d}.parquet")
        if not files[-1].exists():
            limits = to_table(pd.concat(decide(part, pack), ignore_index=True), LIMITS)
            with whole_file(files[-1]) as unfinished:
                pq.write_table(limits, unfinished, compression=_COMPRESSION)
        report.advance("Decide")
    report.end("Decide", f"{len(intake.subjects)} subjects decided again")
    return files


def read_parts(files: Sequence[Path]) -> Iterator[pa.Table]:
    """Tables of LIMITS, one after the other."""
    return (pq.read_table(path).cast(LIMITS) for path in files)


def write_batch(folder: Path, parts: Sequence[Path], inputs: Inputs, pack: Pack, season: Season) -> None:
    """Write what a batch decided and all that replays it; the manifest comes last.

    Args:
        folder: of the batch; one that is whole stays as it is.
        parts: files of decide_parts.
        inputs: of the subjects decided again.
        pack: the policy.
        season: the season.
    """
    if is_whole(folder):
        return
    with (
        whole_file(folder / LIMITS_FILE) as unfinished,
        pq.ParquetWriter(unfinished, LIMITS, compression=_COMPRESSION, version="2.6") as writer,
    ):
        for table in read_parts(parts):
            writer.write_table(table)
    record_inputs(folder, inputs, inputs.take_in(pack, season), pack)
    write_manifest(folder, [LIMITS_FILE, *RECORDED])


def keep_state(folder: Path, inputs: Inputs) -> None:
    """Write the book's state for the next batch, if it is not there."""
    if not folder.is_dir():
        write_state(folder, inputs)
