"""A decision as a page has it: outcome, people, override, receipt, and whether it comes out the same again."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, RowMapping, select

from app.api.answers import money
from app.api.decisions.judging import Bench
from app.api.decisions.listing import decision_made
from app.api.decisions.receipts import receipt_or_fault, replayed
from app.api.decisions.schemas import BothTexts, LimitSubject
from app.api.decisions.told import DecisionPage, PersonShort
from app.api.decisions.unfolding import Unfolded, unfold_or_fault
from app.artefacts.folders import Folders
from app.book.decisions.verdicts import verdict_lines
from app.db.tables import CreditSubject, Decision, Override, Proposal, User
from geo.errors import InputError


def found_decision(connection: Connection, within: ColumnElement[bool], number: int) -> RowMapping:
    """Row of a decision on a proposal within reach, with its subject and the proposed amount.

    Raises:
        InputError: there is none; one of others is not there either.
    """
    wanted = (
        select(Decision.__table__, CreditSubject.kind, CreditSubject.subject_id, User.login)
        .add_columns(Proposal.amount_minor.label("proposed_minor"))
        .join(Proposal, Proposal.id == Decision.proposal_id)
        .join(CreditSubject, CreditSubject.id == Decision.credit_subject_id)
        .outerjoin(User, User.id == Decision.decided_by_id)
        .where(Decision.id == number, within)
    )
    row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        raise InputError("UNKNOWN_DECISION", f"There is no decision {number}.", "See what was decided lately.")
    return row


def decision_page(bench: Bench, folders: Folders, row: RowMapping, *, replay: bool) -> DecisionPage:
    """The page of a decision; with replay its limit is worked out again."""
    connection = bench.connection
    number = row["proposal_id"]
    unfolded, fault = unfold_or_fault(connection, folders, number)
    receipt, fault = receipt_or_fault(connection, folders, number, unfolded, fault)
    people = _people(connection, row)
    changed = connection.execute(
        select(Override.reason_code, Override.reason).where(Override.decision_id == row["id"])
    ).one_or_none()
    return DecisionPage(
        made=decision_made(row),
        subject=LimitSubject(kind=row["kind"], id=row["subject_id"]),
        proposed=money(row["proposed_minor"], row["currency"]),
        proposed_by=people.get(row["proposed_by_id"]),
        decided_by=people.get(row["decided_by_id"]),
        authority=row["authority_id"],
        note=row["note"],
        override_code=None if changed is None else changed.reason_code,
        override_reason=None if changed is None else changed.reason,
        policy_id=row["policy_id"],
        policy_hash=row["policy_hash"],
        receipt_hash=row["receipt_hash"],
        said=None if unfolded is None else _said(unfolded),
        receipt=receipt,
        receipt_fault=fault,
        replay=replayed(unfolded) if replay and unfolded is not None else None,
    )


def _said(unfolded: Unfolded) -> BothTexts | None:
    verdict = unfolded.verdict
    if verdict is None:
        return None
    en, zh = (verdict_lines(verdict, unfolded.pack, language)[0] for language in ("en", "zh"))
    return BothTexts(en=en, zh=zh)


def _people(connection: Connection, row: RowMapping) -> dict[int | None, PersonShort]:
    numbers = [row["proposed_by_id"], row["decided_by_id"]]
    wanted = select(User.id, User.login, User.display_name, User.role).where(
        User.id.in_([number for number in numbers if number is not None])
    )
    return {
        each.id: PersonShort(login=each.login, display_name=each.display_name, role=each.role)
        for each in connection.execute(wanted)
    }
