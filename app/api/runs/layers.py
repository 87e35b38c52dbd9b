"""Imagery of a run on the map: what there is, and asking a worker for it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select

from app.api.access.scope import scope_of
from app.api.runs.layerschemas import RunLayers
from app.api.work.routes import job_shown, seen_jobs
from app.api.work.schemas import JobShown
from app.artefacts.folders import Folders, required
from app.artefacts.runs import RunShelf
from app.book.decisions.people import Person
from app.db.season_runs import of_crops
from app.db.tables import Job, OrgUnit, Parcel, ParcelObservation, Run
from app.db.tables.office_kinds import JobKind
from app.maplayers.dated import LEAST_CLEAR, imagery_folder, names_folder, read_index
from app.queue.asking import Wanted, ask
from app.queue.showing import find_job, newest_jobs
from geo.errors import InputError
from geo.files import fingerprint


def run_layers(connection: Connection, person: Person, layers: Path | None, run_id: str) -> RunLayers:
    """What of a run the map shows, and the newest job for it that the person sees.

    Raises:
        InputError: the person sees no such run.
        DataError: the list of a run's imagery is damaged.
    """
    _require_run(connection, person, run_id)
    index = read_index(imagery_folder(layers, run_id)) if layers is not None and names_folder(run_id) else None
    mine = (Job.kind == JobKind.MAP_LAYERS, Job.unique_key.startswith(_key(run_id, ""), autoescape=True))
    jobs = newest_jobs(connection, 1, *mine, seen_jobs(connection, person))
    return RunLayers(
        dates=0 if index is None else len(index.days),
        newest=index.days[-1].day if index is not None and index.days else None,
        season=index is not None and index.mosaic is not None,
        job=job_shown(jobs[0]) if jobs else None,
    )


def ask_for_layers(
    connection: Connection, person: Person, folders: Folders, shelf: RunShelf, run_id: str, now: datetime
) -> JobShown:
    """The job that puts a run onto the map: one that waits or runs, else a new one.

    Args:
        connection: transaction that writes.
        person: who asks.
        folders: where files lie.
        shelf: runs on disk.
        run_id: the run.
        now: instant.

    Raises:
        InputError: the person sees no such run, its files are not here, or no folder is set for layers.
    """
    _require_run(connection, person, run_id)
    _require_crops(connection, run_id)
    required(folders.layers, "ACRELINE_LAYER_DIR")
    shelf.folder(run_id)
    unit = connection.scalars(select(OrgUnit.id).where(OrgUnit.code == person.unit)).one()
    wanted = Wanted(
        kind=JobKind.MAP_LAYERS,
        asked={"run_id": run_id, "clear": LEAST_CLEAR, "most": None},
        unique_key=_key(run_id, person.unit),
        org_unit_id=unit,
        asked_by_id=person.id,
    )
    number = ask(connection, wanted, now)
    return job_shown(find_job(connection, number, seen_jobs(connection, person)))


def _require_run(connection: Connection, person: Person, run_id: str) -> None:
    """InputError where no parcel within reach is in a run; one of others and none at all are not told apart."""
    seen = ParcelObservation
    mine = select(seen.parcel_id).join(Parcel, Parcel.parcel_id == seen.parcel_id).where(seen.run_id == run_id)
    if connection.execute(mine.where(scope_of(connection, person).parcels()).limit(1)).first() is None:
        raise InputError("RUN_UNKNOWN", f"There is no run {run_id!r}.", "The list of runs names those there are.")


def _require_crops(connection: Connection, run_id: str) -> None:
    if connection.scalar(select(Run.run_id).where(Run.run_id == run_id, of_crops())) is None:
        raise InputError("RUN_OF_SITES", "A run over energy sites has no season's map.", "See the pages of its sites.")


def _key(run_id: str, unit: str) -> str:
    """What makes jobs equal: whoever asks sees the job, so each unit has its own; what stands is not made again."""
    return f"{fingerprint(run_id)[:32]} for {unit}"[:128]
