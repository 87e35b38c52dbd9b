"""What stands beside an alert for a loan: policies that cover the parcel, notice to the insurer, claims, and relief.

It reads and decides nothing: a person reports the loss, and a person offers relief.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from app.book.loans.imports import day_start
from app.book.loans.positions import holds
from app.db.tables import ContractPlot, CropCycle, Insurance, InsuranceClaim, Role
from app.db.tables.kinds import InsuranceKind, RoleKind
from geo.season import parse_season
from scoring.lending.claim_notice import Loss, Notice, claim_notice
from scoring.lending.relief import Offer, relief_offers
from scoring.pack_schema import Pack

#: Kinds of cover that a loss in the field may concern.
COVER_KINDS: Final = (InsuranceKind.CROP, InsuranceKind.INCOME)
DAYS_UNKNOWN: Final = "COVER_DAYS_UNKNOWN"
CROP_UNKNOWN: Final = "COVER_CROP_UNKNOWN"
OTHER_CROP: Final = "COVER_OTHER_CROP"


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim on record.

    Attributes:
        event: as the book names it.
        starts_on: first day of the event; None where not known.
        ends_on: last day likewise.
        outcome: "open", "paid", "refused" or "withdrawn"; None where not known.
        paid_minor: minor units; None where not known.
        currency: ISO 4217.
    """

    event: str
    starts_on: date | None
    ends_on: date | None
    outcome: str | None
    paid_minor: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class Cover:
    """A policy that covers the parcel on the day of the loss, as far as the book knows.

    Attributes:
        insurer: as the book names it.
        policy_number: None where not known.
        kind: "crop" or "income".
        crop: legend key of what it insures; None where not known.
        insured_minor: minor units; None where not known.
        currency: ISO 4217.
        starts_on: first day of cover; None where not known.
        ends_on: last day likewise.
        remarks: codes of what a person has to look up in the policy.
        notice: by when the loss is to be reported; None where the pack states no rule for it.
        claims: on the policy.
    """

    insurer: str
    policy_number: str | None
    kind: str
    crop: str | None
    insured_minor: int | None
    currency: str
    starts_on: date | None
    ends_on: date | None
    remarks: tuple[str, ...]
    notice: Notice | None
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class LoanContext:
    """What stands beside an alert, as of a day.

    Attributes:
        loss: when it happened, as far as imagery tells.
        day: local day as of which it is told.
        covers: policies.
        offers: relief that may be offered.
        claims_stated: whether the pack says anything of notice to insurers.
        relief_stated: whether it says anything of relief.
    """

    loss: Loss
    day: date
    covers: tuple[Cover, ...]
    offers: tuple[Offer, ...]
    claims_stated: bool
    relief_stated: bool

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; days are ISO, amounts minor units, null is not known."""
        return {
            "day": self.day.isoformat(),
            "event_day": self.loss.happened_on.isoformat(),
            "insurance": [_cover_dict(cover) for cover in self.covers],
            "relief": [_offer_dict(offer) for offer in self.offers],
            "claims_stated": self.claims_stated,
            "relief_stated": self.relief_stated,
        }


def loan_context(
    connection: Connection, parcel_id: str, loss: Loss, pack: Pack, day: date, *, scope: str, severity: float | None
) -> LoanContext:
    """What stands beside a loss on a parcel.

    Args:
        connection: database; it is read only.
        parcel_id: the parcel.
        loss: when it happened, local days.
        pack: the bank's policy, with its rules of notice and relief.
        day: local day as of which it is told; what the book was told of it or before counts.
        scope: of the alert, "own", "regional" or "unclear".
        severity: of the alert, 0..1; None where not known.
    """
    covers = _covers(connection, parcel_id, loss, pack, day)
    offers = () if pack.relief is None else relief_offers(pack.relief, scope, severity, day)
    return LoanContext(loss, day, covers, offers, pack.claims is not None, pack.relief is not None)


def _covers(connection: Connection, parcel_id: str, loss: Loss, pack: Pack, day: date) -> tuple[Cover, ...]:
    after, on = day_start(day) + timedelta(days=1), loss.happened_on
    rows = connection.execute(
        select(Insurance.__table__)
        .where(holds(Insurance, after), Insurance.kind.in_(COVER_KINDS), _of_parcel(connection, parcel_id, after))
        .where(or_(Insurance.starts_on.is_(None), Insurance.starts_on <= on))
        .where(or_(Insurance.ends_on.is_(None), Insurance.ends_on >= on))
        .order_by(Insurance.insurer, Insurance.policy_number, Insurance.id)
    ).mappings()
    policies = list(rows)
    crops = _declared(connection, parcel_id, on, after)
    claims = _claims(connection, [row["id"] for row in policies], after)
    return tuple(_cover(row, crops, tuple(claims.get(row["id"], ())), loss, pack, day) for row in policies)


def _of_parcel(connection: Connection, parcel_id: str, after: Any) -> ColumnElement[bool]:
    """Condition on Insurance: of the parcel, else of a contract that it backs, else of that contract's borrower."""
    lines = [
        number
        for number in connection.scalars(
            select(ContractPlot.facility_id).where(ContractPlot.parcel_id == parcel_id, holds(ContractPlot, after))
        )
        if number is not None
    ]
    parties = connection.scalars(
        select(Role.party_id).where(Role.facility_id.in_(lines), Role.kind == RoleKind.BORROWER, holds(Role, after))
    ).all()
    whole = and_(Insurance.parcel_id.is_(None), Insurance.facility_id.in_(lines))
    personal = and_(Insurance.parcel_id.is_(None), Insurance.facility_id.is_(None), Insurance.party_id.in_(parties))
    return or_(Insurance.parcel_id == parcel_id, whole, personal)


def _declared(connection: Connection, parcel_id: str, on: date, after: Any) -> frozenset[str]:
    """Crops that somebody says stood on the parcel on a day: from sowing to harvest, else in their season."""
    cycle = CropCycle
    rows = connection.execute(
        select(cycle.crop, cycle.season_id, cycle.sowing_on, cycle.harvest_on).where(
            cycle.parcel_id == parcel_id, holds(cycle, after)
        )
    )
    spans = ((crop, parse_season(season), sown, cut) for crop, season, sown, cut in rows)
    return frozenset(crop for crop, season, sown, cut in spans if (sown or season.start) <= on <= (cut or season.end))


def _claims(connection: Connection, policies: Sequence[int], after: Any) -> dict[int, list[Claim]]:
    rows = connection.execute(
        select(InsuranceClaim.__table__)
        .where(InsuranceClaim.insurance_id.in_(policies), holds(InsuranceClaim, after))
        .order_by(InsuranceClaim.starts_on, InsuranceClaim.id)
    ).mappings()
    found: dict[int, list[Claim]] = {}
    for row in rows:
        outcome = None if row["outcome"] is None else str(row["outcome"])
        said = Claim(row["event"], row["starts_on"], row["ends_on"], outcome, row["paid_minor"], row["currency"])
        found.setdefault(row["insurance_id"], []).append(said)
    return found


def _cover(row: Any, crops: frozenset[str], claims: tuple[Claim, ...], loss: Loss, pack: Pack, day: date) -> Cover:
    kind = str(row["kind"])
    notice = None
    if pack.claims is not None:
        notice = claim_notice(pack.claims, loss, day, insurer=row["insurer"], kind=kind)
    names = ("insurer", "policy_number", "crop", "insured_minor", "currency", "starts_on", "ends_on")
    said = {name: row[name] for name in names}
    return Cover(**said, kind=kind, remarks=_remarks(row, crops), notice=notice, claims=claims)


def _remarks(row: Any, crops: frozenset[str]) -> tuple[str, ...]:
    asked = {
        DAYS_UNKNOWN: row["starts_on"] is None or row["ends_on"] is None,
        CROP_UNKNOWN: row["crop"] is None,
        OTHER_CROP: row["crop"] is not None and bool(crops) and row["crop"] not in crops,
    }
    return tuple(code for code, holds_here in asked.items() if holds_here)


def _cover_dict(cover: Cover) -> dict[str, Any]:
    names = ("insurer", "policy_number", "kind", "crop", "insured_minor", "currency")
    days = {name: _iso(getattr(cover, name)) for name in ("starts_on", "ends_on")}
    claims = [
        {
            "event": claim.event,
            "starts_on": _iso(claim.starts_on),
            "ends_on": _iso(claim.ends_on),
            "outcome": claim.outcome,
            "paid_minor": claim.paid_minor,
            "currency": claim.currency,
        }
        for claim in cover.claims
    ]
    told = {"remarks": list(cover.remarks), "notice": _notice_dict(cover.notice), "claims": claims}
    return {name: getattr(cover, name) for name in names} | days | told


def _notice_dict(notice: Notice | None) -> dict[str, Any] | None:
    if notice is None:
        return None
    return {
        "rule": notice.rule.code,
        "says": notice.rule.says.model_dump(),
        "cites": notice.rule.cites,
        "counts_from": notice.counts_from.isoformat(),
        "last_day": _iso(notice.last_day),
        "careful_day": _iso(notice.careful_day),
        "days_left": notice.days_left,
        "passed": notice.passed,
    }


def _offer_dict(offer: Offer) -> dict[str, Any]:
    option = offer.option
    return {
        "code": option.code,
        "kind": option.kind,
        "title": option.title.model_dump(),
        "asks": option.asks.model_dump(),
        "least_loss": None if option.least_loss is None else str(option.least_loss),
        "declared": option.declared,
        "most_months": option.most_months,
        "seen_loss": offer.seen_loss,
        "seen_reaches": offer.seen_reaches,
        "cites": option.cites,
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
