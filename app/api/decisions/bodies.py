"""What clients send to decide, to ask for another amount, and to release."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.api.access.schemas import MOST_NUMBER, Asked

#: So many proposals are decided together at most.
MOST_TOGETHER = 200
_Number = Annotated[int, Field(ge=1, le=MOST_NUMBER)]
#: PostgreSQL keeps no NUL in texts.
_Said = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")]


class ProposalNumbers(Asked):
    """Proposals that are decided together: all of them, or none."""

    numbers: Annotated[list[_Number], Field(min_length=1, max_length=MOST_TOGETHER)]


class ProposalNumbersWithNote(ProposalNumbers):
    """Likewise, and why."""

    note: _Said


class OverrideAsked(Asked):
    """Another amount than the policy's."""

    amount: Annotated[str, Field(pattern=r"^[0-9]{1,13}(\.[0-9]{1,3})?$")] = Field(
        description="In whole units of the proposal's currency, as a decimal string."
    )
    reason_code: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_]+$")]
    reason: _Said


class AnswerNote(Asked):
    """What somebody says with an answer; refusing needs it."""

    note: _Said = ""


class ReleaseReason(Asked):
    """Why a batch is released."""

    reason: _Said
