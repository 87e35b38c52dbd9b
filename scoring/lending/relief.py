"""Relief that a person may offer beside an alert. Nothing here decides it: a person asks what the option asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from scoring.pack_relief import Relief, ReliefOption


@dataclass(frozen=True, slots=True)
class Offer:
    """One option beside a loss.

    Attributes:
        option: what the pack says.
        seen_loss: share of the stand that seems lost, 0..1; None where not known.
        seen_reaches: whether that is not less than the option's least loss; None where either is not known. It informs:
            where the option wants a declared figure, the declared one counts.
    """

    option: ReliefOption
    seen_loss: float | None
    seen_reaches: bool | None


def relief_offers(relief: Relief, scope: str, seen_loss: float | None, day: date) -> tuple[Offer, ...]:
    """Options of a pack that may be offered on a day, in the pack's order.

    Less loss seen than an option asks hides nothing: imagery does not measure what an authority declares.

    Args:
        relief: of the pack.
        scope: "own", "regional" or "unclear". Where it is unclear every option stands, for a person to find out.
        seen_loss: severity of the alert, 0..1; None where not known.
        day: local day.
    """
    return tuple(
        Offer(option, seen_loss, _reaches(option, seen_loss))
        for option in relief.options
        if option.holds(day) and (scope == "unclear" or scope in option.scopes)
    )


def _reaches(option: ReliefOption, seen_loss: float | None) -> bool | None:
    if option.least_loss is None or seen_loss is None:
        return None
    return seen_loss >= float(option.least_loss)
