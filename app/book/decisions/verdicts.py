"""What became of a proposal, for people who read its limit: outcome, amount and day; people by role, never by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from app.db.tables import Decision, Override, Proposal, User
from app.db.tables.kinds import Outcome, ProposalStatus, UserRole
from scoring.pack_schema import Pack
from scoring.receipts.explanation import Language, amount_text
from scoring.wording.texts import Text

_SAID: Final[Mapping[str, Text]] = {
    "decided": Text(en="Decision {number} on proposal {proposal}, {day}: ", zh="提案{proposal}的决定{number}，{day}："),
    "waits": Text(
        en="Proposal {proposal} is {status}: nothing is decided on it.", zh="提案{proposal}{status}，尚未决定。"
    ),
    "by": Text(en=", by {who} under authority {authority}.", zh="，由{who}依授权{authority}作出。"),
    "alone": Text(en=", by {who}.", zh="，由{who}作出。"),
    "override": Text(
        en="Override {code}: {before} by the policy, {after} decided; wanted by {maker}, approved by {who}.",
        zh="人工调整{code}：政策给出{before}，决定{after}；由{maker}提出，{who}批准。",
    ),
    "nothing": Text(en="no amount", zh="无额度"),
    "program": Text(en="the program", zh="程序"),
    "told": Text(en="The bank decided on {day}: ", zh="本行于{day}决定："),
}
_OUTCOMES: Final[Mapping[Outcome, Text]] = {
    Outcome.APPROVED: Text(en="approved, {amount}", zh="批准{amount}"),
    Outcome.REDUCED: Text(en="reduced to {amount}", zh="减为{amount}"),
    Outcome.REFUSED: Text(en="refused, no amount", zh="拒绝，无额度"),
    Outcome.RETURNED: Text(en="returned for better facts, no amount", zh="退回补充资料，无额度"),
}
_STATES: Final[Mapping[ProposalStatus, Text]] = {
    ProposalStatus.OPEN: Text(en="open", zh="待决定"),
    ProposalStatus.HELD: Text(en="held with its batch", zh="随批次暂缓"),
    ProposalStatus.DECIDED: Text(en="decided", zh="已决定"),
    ProposalStatus.SUPERSEDED: Text(en="superseded by a later one", zh="已被后来的提案取代"),
    ProposalStatus.WITHDRAWN: Text(en="withdrawn", zh="已撤回"),
}
_ROLES: Final[Mapping[UserRole, Text]] = {
    UserRole.OFFICER: Text(en="an officer", zh="客户经理"),
    UserRole.REVIEWER: Text(en="a reviewer", zh="审查人员"),
    UserRole.RISK: Text(en="a risk officer", zh="风险管理人员"),
    UserRole.ADMIN: Text(en="an administrator", zh="管理员"),
}


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An override; amounts in minor units.

    Attributes:
        reason_code: of the policy's reasons.
        from_minor: what the policy gives; None: no amount.
        to_minor: what was decided.
        made_by: role of who wanted it.
        approved_by: role of who approved it.
    """

    reason_code: str
    from_minor: int | None
    to_minor: int
    made_by: UserRole
    approved_by: UserRole


@dataclass(frozen=True, slots=True)
class Verdict:
    """A proposal and what was decided on it; all but the first two are None where nothing is decided.

    Attributes:
        proposal_id: the proposal.
        status: of it.
        decision_id: the decision.
        outcome: of it.
        amount_minor: decided amount; None where none was given.
        decided_by: role of who decided; None: the program under an authority.
        authority_id: authority that covers the decision.
        decided_at: instant.
        adjustment: the override, where there is one.
    """

    proposal_id: int
    status: ProposalStatus
    decision_id: int | None = None
    outcome: Outcome | None = None
    amount_minor: int | None = None
    decided_by: UserRole | None = None
    authority_id: int | None = None
    decided_at: datetime | None = None
    adjustment: Adjustment | None = None

    def gives(self, amount_minor: int | None) -> bool:
        """Whether what stands is the policy's own amount: nothing is decided, or it was approved as proposed."""
        return self.outcome is None or (self.outcome == Outcome.APPROVED and self.amount_minor == amount_minor)

    def to_dict(self) -> dict[str, Any]:
        """As JSON; amounts in minor units, the instant as ISO 8601 text."""
        said = asdict(self)
        return said | {"decided_at": None if self.decided_at is None else self.decided_at.isoformat()}


def verdict_on(connection: Connection, proposal_id: int) -> Verdict:
    """What became of a proposal."""
    status = connection.execute(select(Proposal.status).where(Proposal.id == proposal_id)).scalar_one()
    columns = (Decision.id, Decision.outcome, Decision.amount_minor, User.role)
    wanted = (
        select(*columns, Decision.authority_id, Decision.decided_at)
        .outerjoin(User, User.id == Decision.decided_by_id)
        .where(Decision.proposal_id == proposal_id)
        .order_by(Decision.id.desc())
    )
    row = connection.execute(wanted.limit(1)).one_or_none()
    if row is None:
        return Verdict(proposal_id, status)
    return Verdict(proposal_id, status, *row, adjustment=_adjustment(connection, row.id))


def _adjustment(connection: Connection, decision_id: int) -> Adjustment | None:
    row = connection.execute(select(Override.__table__).where(Override.decision_id == decision_id)).one_or_none()
    if row is None:
        return None
    people = {row.made_by_id, row.approved_by_id}
    roles = {row.id: row.role for row in connection.execute(select(User.id, User.role).where(User.id.in_(people)))}
    return Adjustment(row.reason_code, row.from_minor, row.to_minor, roles[row.made_by_id], roles[row.approved_by_id])


def verdict_lines(verdict: Verdict, pack: Pack, language: Language) -> list[str]:
    """A verdict for the bank's people: one line, and another one for an override."""
    if verdict.decided_at is None or verdict.outcome is None:
        said = getattr(_STATES[verdict.status], language)
        return [_say("waits", language, proposal=verdict.proposal_id, status=said)]
    who = _say("program", language) if verdict.decided_by is None else getattr(_ROLES[verdict.decided_by], language)
    day = pack.local_day(verdict.decided_at)
    head = _say("decided", language, number=verdict.decision_id, proposal=verdict.proposal_id, day=day)
    by = "alone" if verdict.authority_id is None else "by"
    tail = _say(by, language, who=who, authority=verdict.authority_id)
    return [head + _outcome(verdict, pack, language) + tail, *_override(verdict.adjustment, pack, language)]


def verdict_told(verdict: Verdict, pack: Pack, language: Language) -> str:
    """A verdict for the farmer, without people and numbers; empty where nothing is decided."""
    if verdict.decided_at is None:
        return ""
    head = _say("told", language, day=pack.local_day(verdict.decided_at))
    return head + _outcome(verdict, pack, language) + ("。" if language == "zh" else ".")


def _outcome(verdict: Verdict, pack: Pack, language: Language) -> str:
    assert verdict.outcome is not None  # noqa: S101 - asked only where something is decided
    amount = _amount(verdict.amount_minor, pack, language)
    return str(getattr(_OUTCOMES[verdict.outcome], language)).format(amount=amount)


def _override(made: Adjustment | None, pack: Pack, language: Language) -> list[str]:
    if made is None:
        return []
    before, after = (_amount(minor, pack, language) for minor in (made.from_minor, made.to_minor))
    maker, who = (getattr(_ROLES[role], language) for role in (made.made_by, made.approved_by))
    return [_say("override", language, code=made.reason_code, before=before, after=after, maker=maker, who=who)]


def _amount(minor: int | None, pack: Pack, language: Language) -> str:
    return _say("nothing", language) if minor is None else amount_text(minor, pack, language)


def _say(key: str, language: Language, **facts: object) -> str:
    return str(getattr(_SAID[key], language)).format(**facts)
