"""What causes and crops are called in both languages."""

from __future__ import annotations

from collections.abc import Iterable

from app.alerts.worklist.candidates import RulesAtHand
from app.alerts.worklist.listing import Listed
from app.api.office.shapes import BothNames, names_of
from app.api.schemas import VillageName
from app.book.villages import InVillage
from geo.legend import load_legend


def village_name(village: InVillage | None) -> VillageName | None:
    """A village; None where it is not known."""
    return None if village is None else VillageName(code=village.code, name=village.name)


def cause_names(rules: RulesAtHand, cause: str, rules_id: str) -> BothNames:
    """Title of a cause; its key where its rules are not at hand."""
    at_hand = rules(rules_id)
    rule = None if at_hand is None else at_hand.causes.get(cause)
    return BothNames(en=cause, zh=cause) if rule is None else names_of(rule.title)


def causes_of(rules: RulesAtHand, alerts: Iterable[Listed]) -> dict[str, BothNames]:
    """Names of the causes that occur among alerts, by key."""
    pairs = sorted({(alert.cause, alert.rules_id) for alert in alerts})
    return {cause: cause_names(rules, cause, rules_id) for cause, rules_id in pairs}


def crop_names(keys: Iterable[str | None]) -> dict[str, BothNames]:
    """Names of crops by legend key; a key that the legend lacks is left out."""
    legend = load_legend()
    found = {key: legend.find(key) for key in keys if key is not None}
    return {key: BothNames(en=crop.en, zh=crop.zh) for key, crop in sorted(found.items()) if crop is not None}
