"""Overrides: amounts other than the policy's figure, within the pack's bounds."""

from __future__ import annotations

from dataclasses import dataclass

from geo.errors import InputError
from scoring.money import to_major
from scoring.pack_overrides import Overrides
from scoring.pack_schema import Pack


@dataclass(frozen=True, slots=True)
class Change:
    """An amount that leaves the policy's figure.

    Attributes:
        from_minor: the policy's figure; None where it gave none.
        to_minor: what people want instead.
        reason_code: one of the pack's.
        reason: in their own words.
    """

    from_minor: int | None
    to_minor: int
    reason_code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Past:
    """Decisions of people within the pack's days, without the one in question, and how many of them were overrides."""

    decisions: int
    overrides: int


def require_override(pack: Pack, change: Change, past: Past) -> None:
    """Refuse an override that the pack does not allow.

    Raises:
        InputError: the pack allows none, the reason is none of its own or empty, nothing changes, the amount goes too
            far from the policy's figure, or too many decisions are overrides already.
    """
    rules = pack.overrides
    if rules is None:
        raise InputError(
            "OVERRIDES_NOT_ALLOWED",
            f"The policy {pack.id!r} has no section [overrides]: amounts other than its own are not allowed.",
            "Approve the proposal's amount, refuse it, or return it.",
        )
    _check_reason(rules, change)
    _check_distance(rules, change, pack.currency.exponent)
    _check_share(rules, past)


def _check_reason(rules: Overrides, change: Change) -> None:
    if change.reason_code not in rules.reason_codes:
        known = ", ".join(rules.reason_codes)
        raise InputError("OVERRIDE_REASON", f"{change.reason_code!r} is no reason of the policy.", f"Choose: {known}.")
    if not change.reason.strip():
        raise InputError("REASON_EMPTY", "The override has no reason in words.", "Say why, in a few words.")


def _check_distance(rules: Overrides, change: Change, exponent: int) -> None:
    if change.from_minor == change.to_minor:
        raise InputError("OVERRIDE_NOTHING", "The amount is the proposal's own.", "Approve the proposal instead.")
    base = change.from_minor or 0  # a share of no figure is nothing
    if abs(change.to_minor - base) > rules.most_change * base:
        raise InputError(
            "OVERRIDE_TOO_FAR",
            f"{to_major(change.to_minor, exponent):,} lies further from the policy's {to_major(base, exponent):,} than"
            f" {rules.most_change} of it.",
            "Stay within the pack's overrides.most_change, or return the proposal and correct its facts.",
        )


def _check_share(rules: Overrides, past: Past) -> None:
    decisions, overrides = past.decisions + 1, past.overrides + 1
    if decisions >= rules.least_decisions and overrides > rules.most_share * decisions:
        raise InputError(
            "OVERRIDES_TOO_MANY",
            f"{overrides} of {decisions} decisions within {rules.days} days would be overrides, and the policy allows"
            f" a share of {rules.most_share}.",
            "Decide by the policy, or ask for a policy that fits these cases.",
        )
