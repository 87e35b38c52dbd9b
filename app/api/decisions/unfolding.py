"""Limits of proposals with their parcels: out of the book's files, or of an application weighed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select

from app.api.decisions.schemas import ReceiptFault
from app.artefacts.contents import ContentStore
from app.artefacts.folders import Folders, required
from app.book.applications.proposed import proposed_limit
from app.book.decisions.cases import find_case
from app.book.decisions.decided import Decided, limit_of_proposal
from app.book.decisions.verdicts import Verdict, verdict_on
from app.book.refresh.folder import LIMITS_FILE, BookFolder
from app.db.tables import ParcelObservation, ProposalParcel, Run
from app.jobs.explain import read_rows
from app.jobs.limits import INPUTS_FILE
from app.jobs.replay import recorded_policy
from geo.errors import DataError, InputError
from geo.observations import LIMITS
from scoring.pack_schema import Pack
from scoring.receipts.limit import Limit

_BOOK: Final = "ACRELINE_BOOK_DIR"
_FILES: Final = "ACRELINE_FILES_DIR"
_SEEN: Final = ("parcel_id", "status", "crop", "declared_crop", "area_ha", "vigour_pct")


@dataclass(frozen=True, slots=True)
class Unfolded:
    """A limit with its parcels.

    Attributes:
        limit: the subject's own.
        pack: the policy that made it.
        parcels: limits of the parcels, by id.
        inputs: rows of what they were worked out from, by parcel.
        verdict: what became of the proposal; None: of none.
        simulated: imagery under it is not real.
        run_id: the run of the batch; None: of an application.
        code_version: of the batch; None: of an application.
        proposed_minor: what the proposal gives: less than the limit where an application asked for less.
        again: folder of a batch whose files give the limit again, or the bytes that an application gave again.
    """

    limit: Limit
    pack: Pack
    parcels: Mapping[str, Limit]
    inputs: Mapping[str, Mapping[str, Any]]
    verdict: Verdict | None
    simulated: bool
    run_id: str | None
    code_version: str | None
    proposed_minor: int | None
    again: Path | bytes


def unfold(connection: Connection, folders: Folders, proposal_id: int) -> Unfolded:
    """The limit of a proposal with its parcels.

    Raises:
        InputError: a folder of the service is not set, the policy is another one by now, or see proposed_limit.
        DataError: files are gone or not what was decided, or data were erased.
    """
    case = find_case(connection, proposal_id)
    if case.application_id is not None and case.batch_id is None:
        return _of_application(connection, folders, proposal_id, case.amount_minor)
    return _of_batch(limit_of_proposal(connection, BookFolder(required(folders.book, _BOOK)), proposal_id))


def unfold_or_fault(
    connection: Connection, folders: Folders, proposal_id: int
) -> tuple[Unfolded | None, ReceiptFault | None]:
    """Likewise; a page shows the rest where the receipt cannot be shown, and says why."""
    try:
        return unfold(connection, folders, proposal_id), None
    except (InputError, DataError) as error:
        return None, ReceiptFault(code=error.code, message=error.message)


def store_of(folders: Folders) -> ContentStore:
    """Where receipts of applications lie; InputError where no folder is set."""
    return ContentStore(required(folders.files, _FILES))


def seen_in_simulation(connection: Connection, proposal_id: int) -> bool:
    """Whether a run that saw a parcel of a proposal was simulated."""
    wanted = (
        select(Run.run_id)
        .join(ParcelObservation, ParcelObservation.run_id == Run.run_id)
        .join(ProposalParcel, ProposalParcel.parcel_id == ParcelObservation.parcel_id)
        .where(ProposalParcel.proposal_id == proposal_id, Run.simulated)
    )
    return connection.scalar(wanted.limit(1)) is not None


def _of_batch(found: Decided) -> Unfolded:
    limit = found.limits[0]
    parcels = _parcels(found, limit)
    wanted = [("parcel_id", "in", sorted(parcels))]
    rows = read_rows(found.folder / INPUTS_FILE, wanted, _SEEN) if parcels else []
    return Unfolded(
        limit=limit,
        pack=recorded_policy(found.folder),
        parcels=parcels,
        inputs={row["parcel_id"]: row for row in rows},
        verdict=found.verdict,
        simulated=found.grounds.simulated,
        run_id=found.grounds.run_id,
        code_version=found.grounds.code_version,
        proposed_minor=limit.amount_minor,
        again=found.folder,
    )


def _of_application(connection: Connection, folders: Folders, proposal_id: int, proposed_minor: int | None) -> Unfolded:
    found = proposed_limit(connection, store_of(folders), folders.packs, proposal_id)
    return Unfolded(
        limit=found.limit,
        pack=found.pack,
        parcels=found.parcels,
        inputs=found.inputs,
        verdict=verdict_on(connection, proposal_id),
        simulated=seen_in_simulation(connection, proposal_id),
        run_id=None,
        code_version=None,
        proposed_minor=proposed_minor,
        again=found.receipt,
    )


def _parcels(found: Decided, limit: Limit) -> dict[str, Limit]:
    if limit.kind == "parcel":
        return {limit.subject_id: limit}
    rows = read_rows(found.folder / LIMITS_FILE, [("farmer_id", "in", [limit.subject_id])], LIMITS.names)
    return {row["subject_id"]: Limit.of(row) for row in rows if row["subject_kind"] == "parcel"}
