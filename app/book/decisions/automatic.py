"""Approval by the program, under a dated authority that a person granted and within what the pack allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from app.book.decisions.authorities import authorities_of
from app.book.decisions.cases import Case, cases, in_force
from app.book.decisions.rulings import Ruling, record
from app.db.tables import Proposal
from app.db.tables.kinds import BatchStatus, Outcome, ProposalStatus
from geo.errors import InputError
from scoring.lending.authority import Asked, Authority, automatic_ceiling, covering
from scoring.pack_people import Refresh
from scoring.policy import Pack


class Left(StrEnum):
    """Why a proposal waits for a person."""

    OTHER_POLICY = "other_policy"
    NO_AMOUNT = "no_amount"
    NEEDS_VISIT = "needs_visit"
    BATCH_HELD = "batch_held"
    NOTHING_BEFORE = "nothing_before"
    MOVES_TOO_FAR = "moves_too_far"
    ABOVE_CEILING = "above_ceiling"


@dataclass(frozen=True, slots=True)
class Approved:
    """What the program approved.

    Attributes:
        decisions: how many.
        amount_minor: their sum.
        left: open proposals of the policy that wait for a person, by the first reason.
    """

    decisions: int
    amount_minor: int
    left: Mapping[Left, int]


@dataclass(frozen=True, slots=True)
class _Bounds:
    pack: Pack
    ceiling: int
    refresh: Refresh
    authorities: Sequence[Authority]
    now: datetime


def approve_automatically(connection: Connection, pack: Pack, now: datetime, batch_id: str | None = None) -> Approved:
    """Approve what the program may; everything else stays open.

    It may where the amount is known and covered by an authority without a person and by an automatic one of the pack,
    nobody has to visit, the batch is not held, and the amount moves from the last approved (else sanctioned) one by no
    more than the pack's refresh.most_farmer_change. What has nothing before it waits for a person.

    Args:
        connection: transaction that writes.
        pack: that made the proposals.
        now: instant of the decisions.
        batch_id: of this batch only.

    Raises:
        InputError: the pack is not in force or allows nothing by itself, no authority lets the program approve now, or
            the clock is behind.
    """
    bounds = _bounds(connection, pack, now)
    where = [Proposal.status == ProposalStatus.OPEN, Proposal.policy_id == pack.id, Proposal.application_id.is_(None)]
    if batch_id is not None:
        where.append(Proposal.batch_id == batch_id)
    left: Counter[Left] = Counter()
    decisions = amount = 0
    for chunk in cases(connection, *where):
        found = [(case, _judge(case, bounds)) for case in chunk]
        left.update(reason for _, reason in found if isinstance(reason, Left))
        rulings = [_ruling(case, able) for case, able in found if isinstance(able, Authority)]
        record(connection, rulings, now)
        decisions += len(rulings)
        amount += sum(ruling.amount_minor or 0 for ruling in rulings)
    return Approved(decisions, amount, dict(left))


def _bounds(connection: Connection, pack: Pack, now: datetime) -> _Bounds:
    day = in_force(pack, now)
    ceiling = automatic_ceiling(pack, day)
    if ceiling is None or pack.refresh is None:
        raise InputError(
            "AUTOMATIC_NOT_ALLOWED",
            f"The policy {pack.id!r} lets nothing be approved automatically on {day}.",
            "It needs [refresh] and an automatic one among [[authorities]], in force on the day; or decide by hand.",
        )
    able = [each for each in authorities_of(connection, None) if each.holds(now)]
    if not any(each.policy_id == pack.id for each in able):
        raise InputError(
            "NO_AUTHORITY",
            f"No authority lets the program approve under {pack.id!r} on {day}.",
            "`acreline people grant --automatic` gives one.",
        )
    return _Bounds(pack, ceiling, pack.refresh, able, now)


def _judge(case: Case, bounds: _Bounds) -> Authority | Left:
    if case.policy_hash != bounds.pack.content_hash:
        return Left.OTHER_POLICY
    if case.amount_minor is None:
        return Left.NO_AMOUNT
    if case.needs_visit:
        return Left.NEEDS_VISIT
    if case.batch_status == BatchStatus.HELD:
        return Left.BATCH_HELD
    return _move(case, case.amount_minor, bounds) or _covered(case, case.amount_minor, bounds)


def _move(case: Case, amount_minor: int, bounds: _Bounds) -> Left | None:
    base = case.sanctioned_minor if case.before_minor is None else case.before_minor
    if base is None:
        return Left.NOTHING_BEFORE
    return Left.MOVES_TOO_FAR if abs(amount_minor - base) > bounds.refresh.most_farmer_change * base else None


def _covered(case: Case, amount_minor: int, bounds: _Bounds) -> Authority | Left:
    asked = Asked(amount_minor, case.currency, case.product, case.policy_id, bounds.now)
    found = covering(bounds.authorities, asked) if amount_minor <= bounds.ceiling else None
    return found or Left.ABOVE_CEILING


def _ruling(case: Case, authority: Authority) -> Ruling:
    return Ruling(case, Outcome.APPROVED, case.amount_minor, None, case.made_by_id, None, authority.id)
