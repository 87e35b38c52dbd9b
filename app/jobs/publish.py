"""The commit: finished stages become the run's files, the database learns of the run, the manifest comes last."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from app.jobs.limits import RECORDED
from geo.files import whole_file
from geo.manifest import MANIFEST_NAME, is_whole, read_manifest, write_manifest
from geo.runrecord import RunRecord

#: Files of a finished run, manifest aside. The database is not among them: it lives on after the run.
RUN_FILES: Final = (
    "parcels.parquet",
    "seasons.parquet",
    "series.parquet",
    "limits.parquet",
    *RECORDED,
    "pixels.parquet",
    "parcels.geojson",
    "repairs.json",
    "crop.tif",
    "crop_prob.tif",
    "vigour.tif",
    "mosaic.tif",
)
RECORD: Final = "run.json"
#: A further file of runs that read radar.
RADAR_FILE: Final = "radar.parquet"


def committed_run(out: Path) -> RunRecord | None:
    """Record of the run that the folder holds, None where there is no whole run."""
    record = out / RECORD
    if not is_whole(out) or not record.exists():
        return None
    return RunRecord.from_json(record.read_bytes())


def archive_previous(out: Path) -> Path | None:
    """Move an earlier run's files to superseded/<run id>, whole before the folder gives them up."""
    previous = committed_run(out)
    if previous is None:
        return None
    names = [*read_manifest(out), MANIFEST_NAME]
    archive = out / "superseded" / previous.run_id
    shutil.rmtree(archive, ignore_errors=True)
    archive.mkdir(parents=True)
    for name in names:
        link(out / name, archive / name)
    for name in reversed(names):
        (out / name).unlink()
    return archive


def gather(out: Path, stages: Iterable[Path]) -> None:
    """Bring the files of the run-wide stages into the run folder."""
    for folder in stages:
        for name in [*RUN_FILES, RADAR_FILE, *(path.name for path in folder.glob("*_32[67]*.tif"))]:
            if (folder / name).exists():
                link(folder / name, out / name)


def link(source: Path, target: Path) -> None:
    """The same file under another name: a hard link where the disk can, else a copy; whole or absent."""
    with whole_file(target) as part:
        try:
            os.link(source, part)
        except OSError:  # another disk, or one without links
            shutil.copyfile(source, part)


def write_json(path: Path, content: Mapping[str, object] | Sequence[object]) -> None:
    """Readable JSON, whole or absent."""
    with whole_file(path) as part:
        part.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def results(out: Path) -> list[Path]:
    """The run's files that are there: RUN_FILES, radar where it was read, and the rasters of further zones."""
    further = sorted(path.name for path in out.glob("*_32[67]*.tif"))
    return [out / name for name in (*RUN_FILES, RADAR_FILE, *further) if (out / name).exists()]


def commit(out: Path, record: RunRecord) -> None:
    """Write the record, then the manifest over it and all results: from here on the run is complete."""
    with whole_file(out / RECORD) as part:
        part.write_text(record.to_json(), encoding="utf-8")
    write_manifest(out, [*(path.name for path in results(out)), RECORD])
