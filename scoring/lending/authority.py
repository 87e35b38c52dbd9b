"""Who may decide what: an authority covers an amount of a currency, product and policy at an instant.

An authority without a person lets the program approve by itself; the pack sets what such a one can cover at most.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from geo.errors import InputError
from scoring.money import to_major
from scoring.pack_schema import Pack


@dataclass(frozen=True, slots=True)
class Authority:
    """Up to which amount somebody may decide.

    Attributes:
        id: of the record.
        user_id: whose it is; None: the program's own.
        product: for which product only; None: every one.
        policy_id: for which policy only; None: every one.
        up_to_minor: greatest amount.
        currency: of it, ISO 4217.
        may_override: whether it lets its owner approve an amount that is not the policy's.
        valid_from: first instant.
        valid_to: first instant at which it holds no longer; None: open.
    """

    id: int
    user_id: int | None
    product: str | None
    policy_id: str | None
    up_to_minor: int
    currency: str
    may_override: bool
    valid_from: datetime
    valid_to: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether it holds at an instant."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to decide.

    Attributes:
        amount_minor: the amount; 0 where none is given (refused, returned).
        currency: of it.
        product: of the facility or application; None where neither is known, which no authority for one product fits.
        policy_id: of the proposal.
        at: instant.
        override: whether the amount is not the policy's.
    """

    amount_minor: int
    currency: str
    product: str | None
    policy_id: str
    at: datetime
    override: bool = False


def covering(authorities: Iterable[Authority], asked: Asked) -> Authority | None:
    """The least authority that covers what is asked; None where none does. Ties go to the older record."""
    able = [each for each in authorities if _covers(each, asked)]
    return min(able, key=lambda each: (each.up_to_minor, each.id), default=None)


def require_covering(authorities: Iterable[Authority], asked: Asked, whose: str, exponent: int) -> Authority:
    """The least authority that covers what is asked.

    Args:
        authorities: of the person who decides.
        asked: what for.
        whose: login, for the message.
        exponent: number of decimals of the currency, for the message.

    Raises:
        InputError: none does; says whether there is none at all, or none for so much.
    """
    own = list(authorities)
    found = covering(own, asked)
    if found is not None:
        return found
    if not any(each.holds(asked.at) for each in own):
        raise InputError(
            "NO_AUTHORITY", f"{whose} holds no authority on {asked.at:%Y-%m-%d}.", "`acreline people grant` gives one."
        )
    what = f"{to_major(asked.amount_minor, exponent):,} {asked.currency} under {asked.policy_id}"
    further = f" (product: {asked.product or 'not known'})" + (" as an override" if asked.override else "")
    raise InputError(
        "AUTHORITY_TOO_SMALL",
        f"No authority of {whose} covers {what}{further}.",
        "Let somebody decide who may; `acreline people list` shows who that is.",
    )


def require_pack_ceiling(pack: Pack, amount_minor: int, day: date) -> None:
    """Refuse an amount that nobody may approve by the pack; one that names no authorities of people sets no ceiling.

    Raises:
        InputError: no authority of the pack covers it on the day.
    """
    amount = to_major(amount_minor, pack.currency.exponent)
    named = any(not part.automatic for part in pack.authorities)
    if named and pack.authority(amount, day) is None:
        raise InputError(
            "ABOVE_PACK_CEILING",
            f"No authority of the policy {pack.id!r} covers {amount:,} {pack.currency.code} on {day}.",
            "Decide a smaller amount, or take a pack whose [[authorities]] cover it.",
        )


def automatic_ceiling(pack: Pack, day: date) -> int | None:
    """Greatest amount (minor units) that the pack lets the program approve by itself on a day; None: nothing."""
    most = [part.most for part in pack.authorities if part.automatic and part.holds(day) and part.most is not None]
    return pack.minor(max(most)) if most else None


def _covers(authority: Authority, asked: Asked) -> bool:
    return (
        authority.holds(asked.at)
        and authority.currency == asked.currency
        and authority.up_to_minor >= asked.amount_minor
        and authority.product in (None, asked.product)
        and authority.policy_id in (None, asked.policy_id)
        and (authority.may_override or not asked.override)
    )
