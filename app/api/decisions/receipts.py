"""Receipts of limits out of the book's files, and what a farmer is told of them. A file that is gone is said."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, select

from app.api.answers import decimal_text
from app.api.decisions.schemas import BothTexts, LimitReceipt, ReceiptFault, ReceiptRow
from app.api.decisions.told import PlainWords, Replayed, ToldLimit, ToldReason
from app.artefacts.contents import ContentStore
from app.artefacts.folders import Folders, required
from app.book.decisions.decided import Decided, limit_of_proposal
from app.book.decisions.verdicts import verdict_told
from app.book.refresh.folder import LIMITS_FILE, BookFolder
from app.db.tables import CreditSubject, ParcelObservation, Proposal, ProposalParcel, Run
from app.jobs.explain import read_rows
from app.jobs.limits import INPUTS_FILE
from app.jobs.replay import recorded_policy, replay_run
from app.reports.words import word
from geo.errors import AcrelineError, DataError, InputError
from geo.observations import LIMITS
from scoring.pack_schema import Pack
from scoring.policy import load_pack
from scoring.receipts.explanation import Language, explain
from scoring.receipts.limit import Limit
from scoring.replay import limit_bytes

_BOOK: Final = "ACRELINE_BOOK_DIR"
_SEEN: Final = ("parcel_id", "status", "crop", "declared_crop", "area_ha", "vigour_pct")


@dataclass(frozen=True, slots=True)
class Unfolded:
    """A limit with its parcels, as the batch's files have them.

    Attributes:
        decided: the limit and what it rests on.
        pack: the policy on record.
        parcels: limits of the parcels, by id.
        inputs: rows of the batch's inputs, by parcel.
    """

    decided: Decided
    pack: Pack
    parcels: Mapping[str, Limit]
    inputs: Mapping[str, Mapping[str, Any]]

    @property
    def limit(self) -> Limit:
        """The subject's own."""
        return self.decided.limits[0]


def unfold(connection: Connection, folders: Folders, proposal_id: int) -> Unfolded:
    """The limit of a proposal with its parcels.

    Raises:
        InputError: the service has no book, or the proposal is of no batch.
        DataError: files are gone or not what was decided, or data were erased.
    """
    found = limit_of_proposal(connection, BookFolder(required(folders.book, _BOOK)), proposal_id)
    limit = found.limits[0]
    parcels = _parcels(found, limit)
    wanted = [("parcel_id", "in", sorted(parcels))]
    rows = read_rows(found.folder / INPUTS_FILE, wanted, _SEEN) if parcels else []
    return Unfolded(found, recorded_policy(found.folder), parcels, {row["parcel_id"]: row for row in rows})


def unfold_or_fault(
    connection: Connection, folders: Folders, proposal_id: int
) -> tuple[Unfolded | None, ReceiptFault | None]:
    """Likewise; a page shows the rest where the receipt cannot be shown, and says why."""
    try:
        return unfold(connection, folders, proposal_id), None
    except (InputError, DataError) as error:
        return None, ReceiptFault(code=error.code, message=error.message)


def application_receipt(connection: Connection, folders: Folders, proposal_id: int) -> LimitReceipt | None:
    """The receipt of a proposal that an application became, as it was kept; None: it is of a batch, or was erased.

    Raises:
        InputError: the service has no folder of files, or the policy is not at hand.
        DataError: the file is gone or damaged.
    """
    wanted = (
        select(Proposal.receipt_hash)
        .join(CreditSubject, CreditSubject.id == Proposal.credit_subject_id)
        .where(Proposal.id == proposal_id, Proposal.application_id.is_not(None), CreditSubject.subject_id.is_not(None))
    )
    digest = connection.scalar(wanted)
    if digest is None:
        return None
    row = json.loads(ContentStore(required(folders.files, "ACRELINE_FILES_DIR")).read(digest))
    limit = Limit.of(row | {"reasons": json.dumps(row["reasons"])})
    pack = load_pack(limit.policy_id, packs_dir=folders.packs)
    return LimitReceipt(
        sha256=digest,
        adds_up=sum(int(line["effect_minor"]) for line in limit.lines) == (limit.amount_minor or 0),
        lines=receipt_rows(limit),
        principal=[BothTexts(en=line["en"], zh=line["zh"]) for line in limit.principal],
        simulated=_simulated(connection, proposal_id),
        example=pack.approval.state == "example",
        run_id=None,
        code_version=None,
    )


def receipt_or_fault(
    connection: Connection, folders: Folders, proposal_id: int, unfolded: Unfolded | None, fault: ReceiptFault | None
) -> tuple[LimitReceipt | None, ReceiptFault | None]:
    """The batch's receipt, else the application's, else why there is none."""
    if unfolded is not None:
        return receipt_of(unfolded), fault
    try:
        kept = application_receipt(connection, folders, proposal_id)
    except (InputError, DataError) as error:
        return None, ReceiptFault(code=error.code, message=error.message)
    return kept, fault if kept is None else None


def receipt_of(unfolded: Unfolded) -> LimitReceipt:
    """The receipt of the subject's own limit."""
    limit, grounds = unfolded.limit, unfolded.decided.grounds
    total = sum(int(line["effect_minor"]) for line in limit.lines)
    return LimitReceipt(
        sha256=limit.sha256,
        adds_up=total == (limit.amount_minor or 0),
        lines=receipt_rows(limit),
        principal=[BothTexts(en=line["en"], zh=line["zh"]) for line in limit.principal],
        simulated=grounds.simulated,
        example=unfolded.pack.approval.state == "example",
        run_id=grounds.run_id,
        code_version=grounds.code_version,
    )


def receipt_rows(limit: Limit) -> list[ReceiptRow]:
    """Lines of a limit."""
    return [
        ReceiptRow(
            code=line["code"],
            en=line["en"],
            zh=line["zh"],
            effect=decimal_text(int(line["effect_minor"]), limit.currency),
            principal=bool(line["principal"]),
        )
        for line in limit.lines
    ]


def plain_words(unfolded: Unfolded, now: datetime) -> PlainWords:
    """What to tell the farmer today.

    Raises:
        InputError: another amount than the policy's was decided: these are not the words for it.
    """
    verdict = unfolded.decided.verdict
    if verdict is not None and not verdict.gives(unfolded.limit.amount_minor):
        raise InputError(
            "LETTER_OF_OTHER_AMOUNT",
            f"Decision {verdict.decision_id} ({verdict.outcome}) did not give the policy's amount,"
            " which is what the farmer would be told.",
            "Tell the farmer of this decision by hand.",
        )
    return PlainWords(en=_told(unfolded, "en", now), zh=_told(unfolded, "zh", now))


def replayed(unfolded: Unfolded) -> Replayed:
    """The limit worked out again: the same bytes, or what is in the way."""
    limit = unfolded.limit
    try:
        rows = replay_run(unfolded.decided.folder, [limit.subject_id])
    except AcrelineError as error:
        return Replayed(same=False, size=None, sha256=None, code=error.code, message=error.message)
    said = next(limit_bytes(row) for row in rows if row["subject_kind"] == limit.kind)
    digest = sha256(said).hexdigest()
    return Replayed(same=digest == limit.sha256, size=len(said), sha256=digest, code=None, message=None)


def _parcels(found: Decided, limit: Limit) -> dict[str, Limit]:
    if limit.kind == "parcel":
        return {limit.subject_id: limit}
    rows = read_rows(found.folder / LIMITS_FILE, [("farmer_id", "in", [limit.subject_id])], LIMITS.names)
    return {row["subject_id"]: Limit.of(row) for row in rows if row["subject_kind"] == "parcel"}


def _simulated(connection: Connection, proposal_id: int) -> bool:
    """Whether a run that saw a parcel of a proposal was simulated."""
    wanted = (
        select(Run.run_id)
        .join(ParcelObservation, ParcelObservation.run_id == Run.run_id)
        .join(ProposalParcel, ProposalParcel.parcel_id == ParcelObservation.parcel_id)
        .where(ProposalParcel.proposal_id == proposal_id, Run.simulated)
    )
    return connection.scalar(wanted.limit(1)) is not None


def _told(unfolded: Unfolded, language: Language, now: datetime) -> ToldLimit:
    pack, verdict = unfolded.pack, unfolded.decided.verdict
    told = explain(unfolded.limit, pack, language, pack.local_day(now))
    return ToldLimit(
        about=told.about,
        decided="" if verdict is None else verdict_told(verdict, pack, language),
        amount=told.amount or word("no_amount", language),
        opening=told.opening,
        span=told.span,
        visit=told.visit,
        reasons=[ToldReason(text=reason.text, effect=reason.effect) for reason in told.reasons],
        changes=list(told.changes),
        automated=told.automated,
        no_contract=word("no_contract", language),
        objection=list(told.objection),
        labels=_labels(unfolded, language),
    )


def _labels(unfolded: Unfolded, language: Language) -> list[str]:
    marks: Sequence[tuple[bool, str]] = (
        (unfolded.decided.grounds.simulated, "simulated"),
        (unfolded.pack.approval.state == "example", "example"),
    )
    return [word(key, language) for holds, key in marks if holds]
