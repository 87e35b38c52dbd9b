"""What was decided, as rows that never change: the decision, its override, its parts by parcel, its chain entry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, RowMapping, insert, select, update

from app.book.chain.links import Link, Said, append, instant
from app.book.chain.witness import Content, Witness, numbered, numbers_of, text_hash
from app.book.decisions.applied import follow_decision
from app.book.decisions.cases import Case
from app.book.decisions.ending import end_requests
from app.db.listed import listed_numbers
from app.db.rows import Row, chunked
from app.db.tables import CreditSubject, Decision, DecisionParcel, Override, Proposal, ProposalParcel
from app.db.tables.kinds import EntryKind, Outcome, ProposalStatus
from scoring.lending.overrides import Change
from scoring.money import allocate

_PLAIN: Final = ("id", "proposal_id", "application_id", "amount_minor", "currency", "policy_id", "policy_hash")
_PEOPLE: Final = ("receipt_hash", "proposed_by_id", "decided_by_id", "authority_id")


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision to be written down, every rule already heeded.

    Attributes:
        case: the proposal.
        outcome: what was decided.
        amount_minor: the amount; None where none is given.
        note: why, where a person says so.
        proposed_by_id: who made the proposal or the override; None: a batch.
        decided_by_id: who decided; None: the program, under the authority.
        authority_id: what covers it.
        change: the override, if it is one.
    """

    case: Case
    outcome: Outcome
    amount_minor: int | None
    note: str | None
    proposed_by_id: int | None
    decided_by_id: int | None
    authority_id: int | None
    change: Change | None = None
    changed_by_id: int | None = None


def record(connection: Connection, rulings: Sequence[Ruling], now: datetime) -> list[int]:
    """Write decisions, close their proposals with what was asked for beside them, and append to the chain.

    Args:
        connection: transaction that writes: all or nothing.
        rulings: at most one for a proposal.
        now: instant of the decisions.

    Returns:
        Numbers of the decisions, in order.

    Raises:
        InputError: the clock shows a time before the chain's last entry.
    """
    numbers: list[int] = []
    for chunk in chunked(rulings):
        made = connection.execute(
            insert(Decision).returning(Decision.id, sort_by_parameter_order=True),
            [_decision(ruling, now) for ruling in chunk],
        )
        own = list(made.scalars())
        _add_overrides(connection, dict(zip(own, chunk, strict=True)), now)
        _add_parcels(connection, dict(zip(own, chunk, strict=True)))
        _close(connection, chunk, now)
        contents = decision_contents(connection, [str(number) for number in own])
        append(connection, [Link(EntryKind.DECISION, key, content) for key, content in contents.items()], now)
        numbers += own
    return numbers


def decision_contents(connection: Connection, keys: Sequence[str]) -> Mapping[str, Content]:
    """What the chain vouches for of decisions, with their overrides and parts; notes and reasons by their hashes.

    Parcels stand under a hash with the subject's own, so that no content names ground.
    """
    numbers = numbers_of(keys)
    rows = connection.execute(
        select(Decision.__table__, CreditSubject.subject_hash)
        .join(CreditSubject, CreditSubject.id == Decision.credit_subject_id)
        .where(Decision.id.in_(listed_numbers(connection, numbers)))
        .order_by(Decision.id)
    ).mappings()
    overrides, parts = _overrides(connection, numbers), _parts(connection, numbers)
    return {str(row["id"]): _content(row, overrides[row["id"]], parts[row["id"]]) for row in rows}


def decision_witness() -> Witness:
    """How decisions are checked against the chain."""
    return Witness(decision_contents, numbered(Decision.id), once=True)


def _decision(ruling: Ruling, now: datetime) -> Row:
    case = ruling.case
    return {
        "proposal_id": case.id,
        "application_id": case.application_id,
        "credit_subject_id": case.credit_subject_id,
        "outcome": ruling.outcome,
        "amount_minor": ruling.amount_minor,
        "currency": case.currency,
        "policy_id": case.policy_id,
        "policy_hash": case.policy_hash,
        "receipt_hash": case.receipt_hash,
        "reasons": case.reasons,
        "note": ruling.note,
        "proposed_by_id": ruling.proposed_by_id,
        "decided_by_id": ruling.decided_by_id,
        "authority_id": ruling.authority_id,
        "decided_at": now,
        "recorded_at": now,
    }


def _add_overrides(connection: Connection, rulings: Mapping[int, Ruling], now: datetime) -> None:
    rows = [
        {
            "decision_id": number,
            "from_minor": ruling.change.from_minor,
            "to_minor": ruling.change.to_minor,
            "currency": ruling.case.currency,
            "reason_code": ruling.change.reason_code,
            "reason": ruling.change.reason,
            "made_by_id": ruling.changed_by_id,
            "approved_by_id": ruling.decided_by_id,
            "recorded_at": now,
        }
        for number, ruling in rulings.items()
        if ruling.change is not None
    ]
    if rows:
        connection.execute(insert(Override), rows)


def _add_parcels(connection: Connection, rulings: Mapping[int, Ruling]) -> None:
    """Parts of the proposal, scaled to the decided amount by largest remainders: they add up to the minor unit."""
    given = {ruling.case.id: (number, ruling) for number, ruling in rulings.items() if ruling.amount_minor is not None}
    wanted = (
        select(ProposalParcel.proposal_id, ProposalParcel.parcel_id, ProposalParcel.amount_minor)
        .where(ProposalParcel.proposal_id.in_(listed_numbers(connection, list(given))))
        .where(ProposalParcel.amount_minor.is_not(None))
        .order_by(ProposalParcel.proposal_id, ProposalParcel.parcel_id)
    )
    found = connection.execute(wanted).all()
    for chunk in chunked(list(_scaled(found, given))):
        connection.execute(insert(DecisionParcel), chunk)


def _scaled(parts: Sequence[Any], given: Mapping[int, tuple[int, Ruling]]) -> Iterator[Row]:
    if not parts:
        return
    cases = list(dict.fromkeys(part.proposal_id for part in parts))
    place = {number: row for row, number in enumerate(cases)}
    totals = np.array([given[number][1].amount_minor for number in cases], dtype=np.int64)
    weights = np.array([part.amount_minor for part in parts], dtype=np.int64)
    shares = allocate(totals, weights, np.array([place[part.proposal_id] for part in parts], dtype=np.int64))
    for part, share in zip(parts, shares.tolist(), strict=True):
        number, ruling = given[part.proposal_id]
        yield {
            "decision_id": number,
            "parcel_id": part.parcel_id,
            "amount_minor": share,
            "currency": ruling.case.currency,
        }


def _close(connection: Connection, rulings: Sequence[Ruling], now: datetime) -> None:
    among = listed_numbers(connection, [ruling.case.id for ruling in rulings])
    connection.execute(
        update(Proposal)
        .where(Proposal.id.in_(among))
        .values(status=ProposalStatus.DECIDED, closed_at=now)
        .execution_options(synchronize_session=False)
    )
    end_requests(connection, now)
    for ruling in rulings:
        follow_decision(connection, ruling.case.application_id, ruling.outcome, ruling.decided_by_id, now)


def _overrides(connection: Connection, numbers: Sequence[int]) -> Mapping[int, list[Said]]:
    found: defaultdict[int, list[Said]] = defaultdict(list)
    wanted = select(Override.__table__).where(Override.decision_id.in_(listed_numbers(connection, numbers)))
    for row in connection.execute(wanted.order_by(Override.id)).mappings():
        found[row["decision_id"]].append(
            {
                "from_minor": row["from_minor"],
                "to_minor": row["to_minor"],
                "currency": row["currency"],
                "reason_code": row["reason_code"],
                "reason_hash": text_hash(row["reason"]),
                "made_by_id": row["made_by_id"],
                "approved_by_id": row["approved_by_id"],
                "recorded_at": instant(row["recorded_at"]),
            }
        )
    return found


def _parts(connection: Connection, numbers: Sequence[int]) -> Mapping[int, list[tuple[str, int, str]]]:
    found: defaultdict[int, list[tuple[str, int, str]]] = defaultdict(list)
    among = DecisionParcel.decision_id.in_(listed_numbers(connection, numbers))
    columns = (DecisionParcel.decision_id, DecisionParcel.parcel_id, DecisionParcel.amount_minor)
    for number, parcel, amount, currency in connection.execute(select(*columns, DecisionParcel.currency).where(among)):
        found[number].append((parcel, amount, currency))
    return found


def _content(row: RowMapping, overrides: list[Said], parts: list[tuple[str, int, str]]) -> Content:
    subject = row["subject_hash"]
    hashed = sorted((str(text_hash(f"{subject}\n{parcel}")), amount, currency) for parcel, amount, currency in parts)
    return {
        **{name: row[name] for name in (*_PLAIN, *_PEOPLE)},
        "subject_hash": subject,
        "outcome": str(row["outcome"]),
        "reasons": row["reasons"],
        "note_hash": text_hash(row["note"]),
        "decided_at": instant(row["decided_at"]),
        "recorded_at": instant(row["recorded_at"]),
        "overrides": overrides,
        "parcels": [list(part) for part in hashed],
    }
