"""One proposal with all that a second person needs to decide on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from app.api.access.scope import Scope
from app.api.answers import money
from app.api.decisions.asked import request_lines
from app.api.decisions.judging import Bench
from app.api.decisions.listing import proposal_lines
from app.api.decisions.receipts import receipt_or_fault, receipt_rows
from app.api.decisions.schemas import (
    BothTexts,
    OverrideRules,
    ProposalFarmer,
    ProposalPage,
    ProposalPart,
    ReasonChoice,
)
from app.api.decisions.unfolding import Unfolded, unfold_or_fault
from app.api.schemas import Money
from app.artefacts.folders import Folders
from app.book.decisions.cases import Case, find_case
from app.book.decisions.requests import list_requests
from app.db.tables import CreditSubject, OverrideRequest, Parcel, Party, PersonalData, Proposal, ProposalParcel
from app.db.tables.kinds import SubjectKind
from app.db.tables.office_kinds import RequestStatus
from scoring.pack_schema import Pack
from scoring.receipt import crop_words
from scoring.wording.texts import Text

_AMOUNTS = ("low_minor", "high_minor", "sanctioned_minor", "drawing_minor", "outstanding_minor", "available_minor")


def proposal_page(bench: Bench, scope: Scope, folders: Folders, number: int, farmer: int | None) -> ProposalPage:
    """The page of a proposal within reach.

    Args:
        bench: who looks.
        scope: their scope.
        folders: where the book lies.
        number: of the proposal.
        farmer: number of its party, whose name may be shown: that somebody looks was written down.
    """
    connection = bench.connection
    case = find_case(connection, number)
    pack, amounts = bench.known_pack(case), _amounts(connection, case)
    asked = list_requests(connection, OverrideRequest.proposal_id == number)
    unfolded, fault = unfold_or_fault(connection, folders, number)
    receipt, fault = receipt_or_fault(connection, folders, number, unfolded, fault)
    return ProposalPage(
        line=proposal_lines(bench, [number])[number],
        farmer=None if farmer is None else _farmer(connection, farmer),
        **{name.removesuffix("_minor"): amounts[name] for name in _AMOUNTS},
        policy_title=None if pack is None else texts_of(pack.title),
        policy_hash=case.policy_hash,
        receipt_hash=case.receipt_hash,
        parts=_parts(connection, scope, case, unfolded),
        receipt=receipt,
        receipt_fault=fault,
        override=None if pack is None else _override_rules(pack, case),
        requests=request_lines(bench, asked),
        can=bench.acts(case, next((each for each in asked if each.status == RequestStatus.OPEN), None)),
    )


def farmer_of(connection: Connection, scope: Scope, number: int) -> int | None:
    """Number of the party that a proposal is for; None where it is for a parcel, or out of reach."""
    wanted = (
        select(Party.id)
        .join(CreditSubject, CreditSubject.subject_id == Party.farmer_id)
        .join(Proposal, Proposal.credit_subject_id == CreditSubject.id)
        .where(Proposal.id == number, CreditSubject.kind == SubjectKind.FARMER, scope.parties())
    )
    return connection.scalar(wanted)


def texts_of(text: Text) -> BothTexts:
    """A text in both languages."""
    return BothTexts(en=text.en, zh=text.zh)


def _amounts(connection: Connection, case: Case) -> Mapping[str, Money | None]:
    wanted = select(*(getattr(Proposal, name) for name in _AMOUNTS)).where(Proposal.id == case.id)
    row = connection.execute(wanted).mappings().one()
    return {name: money(row[name], case.currency) for name in _AMOUNTS}


def _farmer(connection: Connection, party_id: int) -> ProposalFarmer:
    name = connection.scalar(select(PersonalData.name).where(PersonalData.party_id == party_id))
    return ProposalFarmer(party_id=party_id, name=name)


def _parts(connection: Connection, scope: Scope, case: Case, unfolded: Unfolded | None) -> list[ProposalPart]:
    wanted = (
        select(ProposalParcel.parcel_id, ProposalParcel.amount_minor, scope.parcels().label("linked"))
        .join(Parcel, Parcel.parcel_id == ProposalParcel.parcel_id)
        .where(ProposalParcel.proposal_id == case.id)
        .order_by(ProposalParcel.amount_minor.desc(), ProposalParcel.parcel_id)
    )
    return [_part(row, case, unfolded) for row in connection.execute(wanted)]


def _part(row: Any, case: Case, unfolded: Unfolded | None) -> ProposalPart:
    limit = None if unfolded is None else unfolded.parcels.get(row.parcel_id)
    seen: Mapping[str, Any] = {} if unfolded is None else unfolded.inputs.get(row.parcel_id, {})
    return ProposalPart(
        parcel_id=row.parcel_id,
        amount=money(row.amount_minor, case.currency),
        policy_amount=None if limit is None else money(limit.amount_minor, limit.currency),
        linked=bool(row.linked),
        status=seen.get("status"),
        crop=_crop(seen.get("crop")),
        declared_crop=_crop(seen.get("declared_crop")),
        area_ha=seen.get("area_ha"),
        vigour_pct=seen.get("vigour_pct"),
        lines=[] if limit is None else receipt_rows(limit),
    )


def _crop(key: str | None) -> BothTexts | None:
    if key is None:
        return None
    en, zh = crop_words(key)
    return BothTexts(en=en, zh=zh)


def _override_rules(pack: Pack, case: Case) -> OverrideRules | None:
    """Reasons and bounds; the bounds in the currency's smallest unit, rounded inwards."""
    rules = pack.overrides
    if rules is None:
        return None
    base = case.amount_minor or 0
    width = int(Decimal(rules.most_change) * base)
    least, most = money(max(0, base - width), case.currency), money(base + width, case.currency)
    assert least is not None and most is not None  # noqa: S101, PT018 - given amounts
    reasons: Sequence[ReasonChoice] = [
        ReasonChoice(code=each.code, title=texts_of(each.title)) for each in rules.reasons
    ]
    return OverrideRules(reasons=list(reasons), least=least, most=most)
