"""Override requests as pages have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.api.answers import money
from app.api.decisions.judging import Bench
from app.api.decisions.schemas import BothTexts, LimitSubject, OverrideRequestLine
from app.api.schemas import Money
from app.book.decisions.cases import find_case
from app.book.decisions.requests import Request
from app.db.tables import CreditSubject, Proposal
from app.db.tables.office_kinds import RequestStatus


def request_lines(bench: Bench, requests: Sequence[Request]) -> list[OverrideRequestLine]:
    """Requests with what may be done with each."""
    wanted = (
        select(Proposal.id, CreditSubject.kind, CreditSubject.subject_id)
        .join(CreditSubject, CreditSubject.id == Proposal.credit_subject_id)
        .where(Proposal.id.in_({each.proposal_id for each in requests}))
    )
    subjects = {row.id: row for row in bench.connection.execute(wanted)}
    return [_line(bench, each, subjects[each.proposal_id]) for each in requests]


def _line(bench: Bench, request: Request, subject: Any) -> OverrideRequestLine:
    return OverrideRequestLine(
        number=request.id,
        proposal=request.proposal_id,
        subject=LimitSubject(kind=subject.kind, id=subject.subject_id),
        policy_amount=money(request.policy_amount_minor, request.currency),
        amount=_given(request.to_minor, request.currency),
        reason_code=request.reason_code,
        reason_title=_title(bench, request),
        reason=request.reason,
        made_by=request.made_by,
        made_by_name=request.made_by_name,
        made_at=request.recorded_at,
        status=request.status,
        answered_by=request.answered_by,
        answer_note=request.answer_note,
        answered_at=request.answered_at,
        decision=request.decision_id,
        can=bench.answers(request) if request.status == RequestStatus.OPEN else [],
    )


def _given(minor: int, currency: str) -> Money:
    found = money(minor, currency)
    assert found is not None  # noqa: S101 - a given amount
    return found


def _title(bench: Bench, request: Request) -> BothTexts | None:
    pack = bench.known_pack(find_case(bench.connection, request.proposal_id))
    rules = None if pack is None else pack.overrides
    titles = {} if rules is None else {each.code: each.title for each in rules.reasons}
    title = titles.get(request.reason_code)
    return None if title is None else BothTexts(en=title.en, zh=title.zh)
