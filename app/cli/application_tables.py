"""Applications on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from app.book.applications.drafting import plots_of
from app.book.applications.files import Filed, events_of
from app.book.applications.lacking import lacks_of
from app.book.applications.stages import next_roles
from app.book.parties.party_views import party_card
from app.cli.money import major_text
from scoring.policy import load_pack

_PLOT = ("parcel_id", "cycle", "crop", "area_ha", "sowing_on", "harvest_on")
_EVENT = ("happened_at", "kind", "login", "note")


def line_values(filed: Filed) -> dict[str, Any]:
    """An application without names; the amount in minor units, None where nothing was asked for yet."""
    return {
        "row": filed.id,
        "number": filed.number,
        "unit": filed.unit,
        "stage": str(filed.stage),
        "farmer": filed.farmer_id,
        "party": filed.party_id,
        "product": filed.product,
        "policy": filed.policy_id,
        "season": filed.season_id,
        "requested_minor": filed.requested_minor or None,
        "currency": filed.currency,
        "proposal": filed.proposal_id,
        "decision": filed.decision_id,
        "next": [str(role) for role in next_roles(filed.stage)],
    }


def line_of(filed: Filed) -> str:
    """One line: number, stage, farmer's number, amount, who is next."""
    values = line_values(filed)
    who = f"; next: {' or '.join(values['next'])}" if values["next"] else ""
    return f"{filed.number}  {_stage(values)}, farmer {filed.farmer_id or '-'}: {_amount(values)}{who}"


def page_of(connection: Connection, filed: Filed, packs: Path | None, now: datetime) -> dict[str, Any]:
    """All that `show` prints of an application."""
    card = party_card(connection, filed.party_id)
    plots = [{name: getattr(plot, name) for name in _PLOT} for plot in plots_of(connection, filed.id)]
    events = [{name: getattr(event, name) for name in _EVENT} for event in events_of(connection, filed.id)]
    lacks = list[str]()
    if filed.policy_id is not None:  # the core system's own name none, and are filled in there
        pack = load_pack(filed.policy_id, packs_dir=packs)
        lacks = [str(lack) for lack in lacks_of(connection, filed, pack, pack.local_day(now))]
    said = {"name": card.name, "phone": card.phone, "lacks": lacks, "plots": plots, "events": events}
    return line_values(filed) | said


def page_lines(page: Mapping[str, Any]) -> Iterator[str]:
    """A page as lines."""
    yield f"Application {page['number']}: {_stage(page)}, unit {page['unit']}"
    yield f"Borrower: {page['name'] or '-'}, farmer {page['farmer'] or '-'}, party {page['party']}"
    yield f"Phone: {page['phone'] or '-'}"
    yield f"Asked for: {_amount(page)}, season {page['season'] or '-'}, policy {page['policy'] or '-'}"
    lacks = ", ".join(lack.replace("_", " ") for lack in page["lacks"])
    yield f"Lacks: {lacks or 'nothing'}"
    for plot in page["plots"]:
        area = "the whole plot" if plot["area_ha"] is None else f"{plot['area_ha']:.2f} ha"
        days = f", {plot['sowing_on']} to {plot['harvest_on']}" if plot["sowing_on"] and plot["harvest_on"] else ""
        yield f"Plot {plot['parcel_id']}: {plot['crop']}, {area}{days}"
    for what in ("proposal", "decision"):
        if page[what] is not None:
            yield f"{what.title()}: {page[what]}"
    for event in page["events"]:
        note = f": {event['note']}" if event["note"] else ""
        kind = str(event["kind"]).replace("_", " ")
        yield f"{event['happened_at']:%Y-%m-%d %H:%M} UTC  {kind} by {event['login']}{note}"


def _stage(values: Mapping[str, Any]) -> str:
    return str(values["stage"]).replace("_", " ")


def _amount(values: Mapping[str, Any]) -> str:
    minor = values["requested_minor"]
    return "no amount yet" if minor is None else major_text(minor, values["currency"])
