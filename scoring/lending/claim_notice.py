"""By when a loss is to be reported to the insurer, in local calendar days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from scoring.pack_relief import ClaimNotice, Claims


@dataclass(frozen=True, slots=True)
class Loss:
    """When a loss happened, as far as imagery tells; local days.

    Attributes:
        cause: key of the cause, as the alert rules name it.
        known_on: day on which it became known.
        seen_on: day on which it was first seen; None where it has no date.
        not_before: last day on which it was surely not there; None where not known.
    """

    cause: str
    known_on: date
    seen_on: date | None = None
    not_before: date | None = None

    @property
    def happened_on(self) -> date:
        """The day that counts as the event's: first seen, else known."""
        return self.seen_on or self.known_on


@dataclass(frozen=True, slots=True)
class Notice:
    """Notice to an insurer, as of a day.

    Attributes:
        rule: what the pack says.
        counts_from: day from which its span counts.
        last_day: last day of notice; None where the policy's own wording says it.
        careful_day: last day if the event came right after the last look without it; None where that is not earlier
            or not known.
        days_left: from the day asked to the last day, below 0 once it has passed; None without one.
    """

    rule: ClaimNotice
    counts_from: date
    last_day: date | None
    careful_day: date | None
    days_left: int | None

    @property
    def passed(self) -> bool:
        """Whether the last day lies behind; False where there is none."""
        return self.days_left is not None and self.days_left < 0


def claim_notice(claims: Claims, loss: Loss, day: date, *, insurer: str, kind: str) -> Notice | None:
    """Notice to be given of a loss under a policy; None where the pack has no rule for it.

    The most particular rule counts: of the insurer before one of all, of the cause before one of all. Among equals the
    one that ends first does, so that nobody waits too long.

    Args:
        claims: of the pack.
        loss: the loss.
        day: as of which it is asked.
        insurer: of the policy, as the book names it; letter case does not matter.
        kind: of cover, "crop", "income" or "asset".
    """
    fitting = [rule for rule in claims.notices if _fits(rule, loss, insurer, kind)]
    if not fitting:
        return None
    best = max(_rank(rule) for rule in fitting)
    found = (notice_of(rule, loss, day) for rule in fitting if _rank(rule) == best)
    return min(found, key=lambda notice: notice.last_day or date.max)


def notice_of(rule: ClaimNotice, loss: Loss, day: date) -> Notice:
    """Notice under one rule. Days are calendar days: no day of rest moves an insurer's day."""
    start = loss.happened_on if rule.counts_from == "event" else loss.known_on
    span = rule.span_days
    if span is None:
        return Notice(rule, start, None, None, None)
    last = start + timedelta(days=span)
    return Notice(rule, start, last, _careful(rule, loss, last, span), (last - day).days)


def _careful(rule: ClaimNotice, loss: Loss, last: date, span: int) -> date | None:
    if rule.counts_from != "event" or loss.not_before is None:
        return None
    earliest = loss.not_before + timedelta(days=1 + span)
    return earliest if earliest < last else None


def _fits(rule: ClaimNotice, loss: Loss, insurer: str, kind: str) -> bool:
    named = rule.insurer is None or rule.insurer.casefold() == insurer.casefold()
    caused = not rule.causes or loss.cause in rule.causes
    return named and caused and kind in rule.kinds and rule.holds(loss.happened_on)


def _rank(rule: ClaimNotice) -> tuple[bool, bool]:
    return rule.insurer is not None, bool(rule.causes)


def soonest(notices: Iterable[Notice]) -> Notice | None:
    """The notice whose last day comes first; None where none has one."""
    dated = [notice for notice in notices if notice.last_day is not None]
    return min(dated, key=lambda notice: notice.last_day or date.max, default=None)
