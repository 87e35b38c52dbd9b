"""What a pack says of loans that fall due or meet a loss: reminders, notice to insurers, relief that may be offered."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from scoring.pack_people import Dated
from scoring.pack_values import Share, Strict
from scoring.wording import Text

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Cover: TypeAlias = Literal["crop", "income", "asset"]
Scope: TypeAlias = Literal["own", "regional", "unclear"]
ReliefKind: TypeAlias = Literal["extension", "renewal", "grace"]


def _falling(days: tuple[int, ...]) -> tuple[int, ...]:
    if any(after >= before for before, after in pairwise(days)):
        raise ValueError("order the days from most to least, each once")
    return days


class Collection(Strict):
    """When a loan that falls due is called to mind: so many days before, most first.

    `sale_days` lie between a harvest and the money for it.
    """

    remind_days: Annotated[
        tuple[Annotated[int, Field(ge=1, le=365)], ...], Field(min_length=1), AfterValidator(_falling)
    ]
    sale_days: int = Field(default=0, ge=0, le=365)


class ClaimNotice(Dated):
    """By when a loss is to be reported to an insurer: of one insurer, kind of cover or cause, or of all.

    `hours` or `days` count from the event or from the day on which the loss became known; without either the wording of
    the insured's own policy says it, and no day is shown.
    """

    code: Key
    insurer: str | None = Field(default=None, min_length=1)
    kinds: tuple[Cover, ...] = ("crop", "income")
    causes: tuple[Key, ...] = ()
    hours: int | None = Field(default=None, ge=1, le=8760)
    days: int | None = Field(default=None, ge=0, le=365)
    counts_from: Literal["event", "known"] = "event"
    says: Text
    cites: str

    @model_validator(mode="after")
    def _one_span(self) -> Self:
        if self.hours is not None and self.days is not None:
            raise ValueError("state hours or days, not both")
        return self

    @property
    def span_days(self) -> int | None:
        """Whole calendar days from the day that counts to the last one; None where the policy's own wording says it.

        The hour of an event is not known: hours are those of an event at the very beginning of its day.
        """
        return self.days if self.hours is None else self.hours // 24


class Claims(Strict):
    """Notice to insurers."""

    notices: tuple[ClaimNotice, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        _refuse_twice([notice.code for notice in self.notices])
        return self

    def cited(self) -> tuple[str, ...]:
        """Ids of citations, in order."""
        return tuple(notice.cites for notice in self.notices)


class ReliefOption(Dated):
    """Relief that a person may offer after a loss; the program never decides it.

    `scopes` are those of the alerts beside which it is shown. `least_loss` is the share of the crop that must be lost,
    as an authority declares it where `declared` says so: no figure from imagery takes its place.
    """

    code: Key
    kind: ReliefKind
    title: Text
    asks: Text
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)] = ("own", "regional", "unclear")
    least_loss: Share | None = None
    declared: bool = False
    most_months: int | None = Field(default=None, ge=1, le=360)
    cites: str


class Relief(Strict):
    """Relief that a bank may offer."""

    options: tuple[ReliefOption, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        _refuse_twice([option.code for option in self.options])
        return self

    def cited(self) -> tuple[str, ...]:
        """Ids of citations, in order."""
        return tuple(option.cites for option in self.options)


def _refuse_twice(codes: list[str]) -> None:
    twice = next((code for code in codes if codes.count(code) > 1), None)
    if twice is not None:
        raise ValueError(f"holds {twice!r} twice")
