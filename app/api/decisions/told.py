"""Shapes of decisions, and of what a farmer is told."""

from __future__ import annotations

from pydantic import Field

from app.api.decisions.schemas import BothTexts, DecisionMade, LimitReceipt, LimitSubject, ReceiptFault
from app.api.schemas import Answer, Money
from app.db.tables.kinds import UserRole


class Replayed(Answer):
    """A limit worked out again from what is on record."""

    same: bool
    size: int | None = Field(description="Bytes of the limit; null where it could not be worked out.")
    sha256: str | None
    code: str | None
    message: str | None


class PersonShort(Answer):
    """Somebody who decided."""

    login: str
    display_name: str
    role: UserRole


class DecisionPage(Answer):
    """A decision with its override and receipt."""

    made: DecisionMade
    subject: LimitSubject
    proposed: Money | None
    proposed_by: PersonShort | None
    decided_by: PersonShort | None
    authority: int | None
    note: str | None
    override_code: str | None
    override_reason: str | None
    policy_id: str
    policy_hash: str
    receipt_hash: str | None
    said: BothTexts | None = Field(description="What was decided, in a sentence.")
    receipt: LimitReceipt | None
    receipt_fault: ReceiptFault | None
    replay: Replayed | None


class ToldReason(Answer):
    """A reason in plain words, and what it adds or takes off."""

    text: str
    effect: str


class ToldLimit(Answer):
    """A limit as a farmer is told it, in one language; empty texts are left out."""

    about: str
    decided: str
    amount: str
    opening: str
    span: str
    visit: str
    reasons: list[ToldReason]
    changes: list[str]
    automated: str
    no_contract: str
    objection: list[str]
    labels: list[str]


class PlainWords(Answer):
    """What to tell the farmer, in both languages."""

    en: ToldLimit
    zh: ToldLimit
