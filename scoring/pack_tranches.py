"""Tranches of a sanctioned amount: which share may be drawn once what has been confirmed."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias, get_args

from pydantic import AfterValidator, Field

from scoring.pack_values import Share, Strict
from scoring.wording import Text

#: What confirms a tranche, in the order of a season. plan: the parcel has a planned crop and an amount; ploughed: its
#: ground was seen bare after a cover; sown: growth began in the season, which confirms "ploughed" too; canopy_closed:
#: the canopy closed, which confirms "sown" too; crop_seen: the planned crop was told from imagery.
Need: TypeAlias = Literal["plan", "ploughed", "sown", "canopy_closed", "crop_seen"]
NEEDS: Final[tuple[Need, ...]] = get_args(Need)


class Tranche(Strict):
    """One tranche: its share of the amount, what it needs, and by when that is to be expected.

    `by_day` counts days after the first day of the season; past it a tranche without confirmation goes to a person.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Text
    share: Annotated[Share, Field(gt=0)]
    needs: Need
    by_day: int | None = Field(default=None, ge=0, le=800)


def _in_order(tranches: tuple[Tranche, ...]) -> tuple[Tranche, ...]:
    keys = [tranche.key for tranche in tranches]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise ValueError(f"holds {twice!r} twice")
    total = sum(tranche.share for tranche in tranches)
    if tranches and total != 1:
        raise ValueError(f"the shares add up to {total}, not to 1")
    needs = [NEEDS.index(tranche.needs) for tranche in tranches]
    if needs != sorted(needs):
        raise ValueError("a later tranche needs less than an earlier one: order them by what they need")
    days = [tranche.by_day for tranche in tranches if tranche.by_day is not None]
    if days != sorted(days):
        raise ValueError("a later tranche has an earlier by_day")
    return tranches


Tranches = Annotated[tuple[Tranche, ...], AfterValidator(_in_order)]
