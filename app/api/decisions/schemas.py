"""Shapes of proposals, override requests and batches."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import Field

from app.api.schemas import Answer, Money
from app.db.tables.kinds import BatchStatus, Outcome, ProposalStatus, SubjectKind
from app.db.tables.office_kinds import RequestStatus


class ChangeKind(StrEnum):
    """What a proposal does to the last approved amount."""

    RAISED = "raised"
    LOWERED = "lowered"
    SAME = "same"
    NEW = "new"
    NONE = "none"


class DecisionAct(StrEnum):
    """What somebody may do with a proposal or a request."""

    APPROVE = "approve"
    REFUSE = "refuse"
    RETURN = "return"
    ASK = "ask"
    WITHDRAW = "withdraw"
    RELEASE = "release"


class BothTexts(Answer):
    """The same in English and Chinese."""

    en: str
    zh: str


class Able(Answer):
    """Whether who asks may do something, and what is in the way."""

    act: DecisionAct
    allowed: bool
    code: str | None = Field(description="Code of the refusal; null where it is allowed.")
    message: str | None


class LimitSubject(Answer):
    """Whom a limit is for; id null: the data were erased."""

    kind: SubjectKind
    id: str | None


class DecisionMade(Answer):
    """A decision in short; by null: the program, under an authority."""

    number: int
    proposal: int | None
    outcome: Outcome
    amount: Money | None
    by: str | None
    decided_at: datetime


class ProposalLine(Answer):
    """A proposal as a list has it; amounts null: not known or none."""

    number: int
    status: ProposalStatus
    change: ChangeKind
    subject: LimitSubject
    facility_number: str | None
    product: str | None
    amount: Money | None
    before: Money | None
    needs_visit: bool
    reasons: list[str] = Field(description="Codes of the principal reasons.")
    batch_id: str | None
    policy_id: str
    recorded_at: datetime
    closed_at: datetime | None
    open_request: int | None = Field(description="Number of the override request that waits.")
    decision: DecisionMade | None
    approve: Able


class ProposalList(Answer):
    """Proposals of a person's scope; `next` leads on, null at the end."""

    found: int
    next: str | None
    proposals: list[ProposalLine]


class ReceiptRow(Answer):
    """A line of a receipt; effects add up to the amount."""

    code: str
    en: str
    zh: str
    effect: str
    principal: bool


class ProposalPart(Answer):
    """One parcel of a proposal, with what it rests on where the batch's files say so.

    Attributes of the inputs are null where the files are not at hand, or nothing was seen.
    """

    parcel_id: str
    amount: Money | None
    policy_amount: Money | None = Field(description="What its lines add up to; more where less was asked for.")
    linked: bool = Field(description="Whether the parcel's own page is within reach.")
    status: str | None
    crop: BothTexts | None
    declared_crop: BothTexts | None
    area_ha: float | None
    vigour_pct: float | None
    lines: list[ReceiptRow]


class LimitReceipt(Answer):
    """The receipt of a limit, unfolded from its amount to lines; parcels have their own."""

    sha256: str
    adds_up: bool
    policy_amount: Money | None = Field(description="What the lines add up to; more where less was asked for.")
    lines: list[ReceiptRow]
    principal: list[BothTexts] = Field(description="Principal reasons, the most telling first.")
    simulated: bool
    example: bool = Field(description="The policy was approved by no bank.")
    run_id: str | None
    code_version: str | None


class ReceiptFault(Answer):
    """Why a receipt cannot be shown."""

    code: str
    message: str


class ReasonChoice(Answer):
    """A reason of the pack's [overrides]."""

    code: str
    title: BothTexts


class OverrideRules(Answer):
    """What the pack allows of other amounts; the bounds are worked out from the policy's figure."""

    reasons: list[ReasonChoice]
    least: Money
    most: Money


class OverrideRequestLine(Answer):
    """Another amount that somebody asked for."""

    number: int
    proposal: int
    subject: LimitSubject
    policy_amount: Money | None
    amount: Money
    reason_code: str
    reason_title: BothTexts | None
    reason: str
    made_by: str
    made_by_name: str
    made_at: datetime
    status: RequestStatus
    answered_by: str | None = Field(description="null: nobody yet, or it ended with its proposal.")
    answer_note: str | None
    answered_at: datetime | None
    decision: int | None
    can: list[Able]


class OverrideRequests(Answer):
    """Requests of a person's scope, the oldest first."""

    requests: list[OverrideRequestLine]


class ProposalFarmer(Answer):
    """Whom a proposal is for, by name: that somebody looked is written down."""

    party_id: int
    name: str | None


class ProposalPage(Answer):
    """A proposal with all that a second person needs to decide on it."""

    line: ProposalLine
    farmer: ProposalFarmer | None
    low: Money | None
    high: Money | None
    sanctioned: Money | None
    drawing: Money | None
    outstanding: Money | None
    available: Money | None
    policy_title: BothTexts | None
    policy_hash: str
    receipt_hash: str
    parts: list[ProposalPart]
    receipt: LimitReceipt | None
    receipt_fault: ReceiptFault | None
    override: OverrideRules | None = Field(description="null where the pack allows no other amounts.")
    requests: list[OverrideRequestLine]
    can: list[Able]


class Decided(Answer):
    """What was decided now, and what this person had decided so already."""

    decided: list[DecisionMade]
    already: list[DecisionMade]


class BatchHold(Answer):
    """A reason to hold a batch: so many subjects move by more than the pack's share."""

    code: str
    most: str
    subjects: int
    before: Money | None
    after: Money | None


class LimitBatchLine(Answer):
    """A refresh of the book; sums are over all its proposals."""

    id: str
    as_of: date
    status: BatchStatus
    policy_id: str
    run_id: str
    proposals: int
    before: Money | None
    after: Money | None
    by_status: dict[str, int]
    held_for: list[BatchHold]
    created_by: str | None = Field(description="null where a timer started it.")
    released_by: str | None
    release_reason: str | None
    released_at: datetime | None
    recorded_at: datetime
    can: list[Able]


class LimitBatches(Answer):
    """Batches, the newest first."""

    batches: list[LimitBatchLine]
