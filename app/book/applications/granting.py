"""What a decision grants, once the core system has given the contract its number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, insert, select

from app.book.applications.drafting import plots_of
from app.book.applications.files import Doing, Filed, Kind, find_for, note
from app.book.applications.stages import Act
from app.db.tables import ContractPlot, CropCycle, Decision, Facility, Role, Sublimit
from app.db.tables.kinds import CropOrigin, FacilityStatus, RoleKind, SublimitPurpose
from geo.errors import InputError

#: Who says what is planned.
_SOURCE: Final = "application"


@dataclass(frozen=True, slots=True)
class Contract:
    """What the core system says of a signed contract: its number, first and last day, and whether it revolves."""

    number: str
    starts_on: date
    ends_on: date
    revolving: bool


def grant(connection: Connection, number: str, within: ColumnElement[bool], doing: Doing, contract: Contract) -> int:
    """Write the line that a decision gave: amount of the decision, plots and planned crops of the application.

    Returns:
        Number of its row.

    Raises:
        InputError: see find_for; the contract's number is taken or empty, or its days are in the wrong order.
    """
    filed = find_for(connection, number, within, Act.GRANT, doing)
    _check(connection, contract)
    decided = connection.execute(
        select(Decision.amount_minor, Decision.currency).where(Decision.id == filed.decision_id)
    ).one()
    since = {"valid_from": doing.now, "recorded_at": doing.now}
    money = {"limit_minor": decided.amount_minor, "currency": decided.currency}
    facility = {
        "number": contract.number.strip(),
        "decision_id": filed.decision_id,
        "product": filed.product,
        "drawing_minor": decided.amount_minor,
        "revolving": contract.revolving,
        "starts_on": contract.starts_on,
        "ends_on": contract.ends_on,
        "status": FacilityStatus.ACTIVE,
    }
    made = connection.scalars(insert(Facility).returning(Facility.id), facility | money | since).one()
    part = {"facility_id": made, "purpose": SublimitPurpose.CROP, "drawable": True}
    connection.execute(insert(Sublimit), [part | money | since])
    borrower = {"party_id": filed.party_id, "facility_id": made, "kind": RoleKind.BORROWER}
    connection.execute(insert(Role), [borrower | since])
    plots = plots_of(connection, filed.id)
    connection.execute(insert(ContractPlot), _plots(made, plots, contract, since))
    connection.execute(insert(CropCycle), _cycles(filed, plots, contract, since))
    note(connection, filed, Kind.GRANTED, doing)
    return made


def _check(connection: Connection, contract: Contract) -> None:
    name = contract.number.strip()
    if not name or contract.ends_on < contract.starts_on:
        said = "A contract has a number, and ends after it starts."
        raise InputError("CONTRACT", said, "Type what the core system says.")
    if connection.scalar(select(Facility.id).where(Facility.number == name)) is not None:
        raise InputError("CONTRACT_TAKEN", f"There is a contract {name!r} already.", "Check the number.")


def _plots(facility: int, plots: Sequence[Any], contract: Contract, since: dict[str, Any]) -> list[dict[str, Any]]:
    own = {plot.parcel_id: plot for plot in reversed(plots)}
    span = {"starts_on": contract.starts_on, "ends_on": contract.ends_on}
    return [
        {"parcel_id": name, "land_right_id": own[name].land_right_id, "facility_id": facility, **span, **since}
        for name in sorted(own)
    ]


def _cycles(filed: Filed, plots: Sequence[Any], contract: Contract, since: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "parcel_id": plot.parcel_id,
            "party_id": filed.party_id,
            "season_id": filed.season_id,
            "cycle": plot.cycle,
            "origin": CropOrigin.PLANNED,
            "crop": plot.crop,
            "area_ha": plot.area_ha,
            "sowing_on": plot.sowing_on,
            "harvest_on": plot.harvest_on,
            "source": _SOURCE,
            "as_of": contract.starts_on,
            **since,
        }
        for plot in plots
    ]
