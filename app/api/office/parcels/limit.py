"""The limit of a parcel: of the newest proposal that rests on it, with its receipt from the book, else of a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping, and_, select

from app.api.answers import limit_answer, money
from app.api.office.desk import Desk
from app.api.office.parcels.schemas import LimitOf, ProposalSaid
from app.api.schemas import Limit
from app.artefacts.receipts import batch_limit
from app.db.erased import erased_among
from app.db.tables import CreditSubject, Decision, DecisionParcel, LimitBatch, Proposal, ProposalParcel
from app.db.tables.kinds import ProposalStatus
from app.db.views import LimitView, ParcelDetail
from scoring.receipts.limit import Limit as Receipt

_STANDS = (ProposalStatus.OPEN, ProposalStatus.HELD, ProposalStatus.DECIDED)


@dataclass(frozen=True, slots=True)
class ParcelLimit:
    """The limit, what it is from, and the proposal of the book; None: there is none."""

    limit: Limit | None = None
    origin: LimitOf | None = None
    proposal: ProposalSaid | None = None


def parcel_limit(desk: Desk, book: Path | None, parcel_id: str, seen: ParcelDetail | None) -> ParcelLimit:
    """The limit of a parcel.

    Args:
        desk: whose look.
        book: folder of the book; None: no receipts of batches lie here.
        parcel_id: the parcel, in the person's scope.
        seen: what the newest run says of it.

    Raises:
        DataError: the batch's file is damaged, or is not the one that was proposed from.
    """
    row = _newest(desk, parcel_id)
    said = None if row is None else _said(row)
    receipt = None if row is None else _receipt(desk, book, row, parcel_id)
    if receipt is not None:
        return ParcelLimit(limit_answer(_view(receipt)), LimitOf.PROPOSAL, said)
    if seen is None or seen.limit is None:
        return ParcelLimit(proposal=said)
    return ParcelLimit(limit_answer(seen.limit), LimitOf.RUN, said)


def _newest(desk: Desk, parcel_id: str) -> RowMapping | None:
    """The newest proposal that rests on the parcel and was not taken back, with the last decision on it."""
    part = and_(DecisionParcel.decision_id == Decision.id, DecisionParcel.parcel_id == parcel_id)
    batch = (LimitBatch.id.label("batch_id"), LimitBatch.recorded_at.label("batch_at"))
    whose = (CreditSubject.kind, CreditSubject.subject_id, Proposal.receipt_hash)
    wanted = (
        select(Proposal.id, Proposal.status, *whose, *batch)
        .add_columns(Decision.outcome, Decision.decided_at, DecisionParcel.amount_minor, DecisionParcel.currency)
        .join(ProposalParcel, ProposalParcel.proposal_id == Proposal.id)
        .join(CreditSubject, CreditSubject.id == Proposal.credit_subject_id)
        .outerjoin(LimitBatch, LimitBatch.id == Proposal.batch_id)
        .outerjoin(Decision, Decision.proposal_id == Proposal.id)
        .outerjoin(DecisionParcel, part)
        .where(ProposalParcel.parcel_id == parcel_id, Proposal.status.in_(_STANDS))
        .order_by(Proposal.id.desc(), Decision.id.desc())
    )
    return desk.connection.execute(wanted.limit(1)).mappings().one_or_none()


def _said(row: RowMapping) -> ProposalSaid:
    amount, currency, decided = row["amount_minor"], row["currency"], row["decided_at"]
    return ProposalSaid(
        number=row["id"],
        status=row["status"],
        outcome=row["outcome"],
        decided=None if currency is None else money(amount, currency),
        decided_on=None if decided is None else decided.date(),
    )


def _receipt(desk: Desk, book: Path | None, row: RowMapping, parcel_id: str) -> Receipt | None:
    """None where the batch's files are not here, the proposal is of no batch, or the farmer's data were erased."""
    if book is None or row["batch_id"] is None or row["subject_id"] is None:
        return None
    own = (str(row["kind"]), str(row["subject_id"]), str(row["receipt_hash"]))
    found = batch_limit(book, row["batch_id"], parcel_id, own)
    if found is None or erased_among(desk.connection, [found.farmer_id], row["batch_at"]):
        return None
    return found


def _view(receipt: Receipt) -> LimitView:
    names: dict[str, Any] = {name: getattr(receipt, name) for name in LimitView.__dataclass_fields__ if name in _SAME}
    return LimitView(subject_kind=receipt.kind, reasons=receipt.lines, **names)


_SAME = frozenset(Receipt.__dataclass_fields__) & frozenset(LimitView.__dataclass_fields__)
