"""Plans of sites become part of the book, all or none; the same plan given twice is written once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, time
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from app.alerts.reach import units_below
from app.book.decisions.people import Person
from app.book.drawn.registering import Given, Giver, register
from app.db.listed import listed
from app.db.tables import ContractPlot, EnergySite, Facility, OrgUnit, SitePlanVersion
from app.db.tables.office_kinds import OutlineMethod
from app.sites.outlines import outline_of_site
from app.sites.plans import stated_mounting
from geo.errors import InputError
from geo.files import fingerprint
from scoring.sites.plan import SitePlan


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the plans of a file.

    Attributes:
        new: sites that the book did not have.
        replanned: known sites whose plan is another one now.
        redrawn: known sites whose outline is another one now.
        unchanged: sites whose plan, outline and name stand as they stood.
        renamed: known sites that are called otherwise now.
    """

    new: tuple[str, ...]
    replanned: tuple[str, ...]
    redrawn: tuple[str, ...]
    unchanged: tuple[str, ...]
    renamed: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, list[str]]:
        """Sites by what became of them."""
        return {field.name: list(getattr(self, field.name)) for field in fields(self)}


def require_unit(connection: Connection, by: Person, unit: str) -> None:
    """Refuse a unit that is not a person's own or below it, and one that is not there (InputError)."""
    if unit not in _codes_below(connection, by.unit):
        raise InputError("UNKNOWN_UNIT", f"There is no unit {unit!r}.", "Name your own unit or one below it.")


def take_plans(
    connection: Connection, plans: Sequence[SitePlan], giver: Giver, source_hash: str, now: datetime
) -> Taken:
    """Write plans: parcel and outline, site, plan, and the facility that the site backs.

    Args:
        connection: transaction that writes the book.
        plans: without faults, each of another site.
        giver: who gives them, and the unit that monitors the sites.
        source_hash: of the file they come from.
        now: from when they hold.

    Raises:
        InputError: a site's id is that of a parcel which is no site, or of a site of another type, its outline cannot
            be used, or there is no such facility.
    """
    names = [plan.site_id for plan in plans]
    known = _known(connection, names)
    _require_kinds(plans, known)
    facilities = _facilities(connection, plans)
    told = register(connection, [_given(plan, known, source_hash) for plan in plans], giver, now)
    fresh = [plan for plan in plans if plan.site_id not in known]
    other = [plan for plan in plans if plan.site_id not in known or known[plan.site_id].plan_hash != plan_hash(plan)]
    called = [plan for plan in plans if plan.site_id in known and plan.name not in ("", known[plan.site_id].name)]
    _insert_sites(connection, fresh, giver, now)
    _insert_plans(connection, other, giver, now)
    _insert_plots(connection, plans, facilities, now)
    _rename(connection, called)
    new, changed = {plan.site_id for plan in fresh}, {plan.site_id for plan in other}
    redrawn = {each.parcel_id for each in told if each.redrawn and not each.already_there}
    renamed = {plan.site_id for plan in called}
    return Taken(
        new=tuple(name for name in names if name in new),
        replanned=tuple(name for name in names if name in changed - new),
        redrawn=tuple(name for name in names if name in redrawn),
        unchanged=tuple(name for name in names if name not in changed | redrawn | renamed),
        renamed=tuple(name for name in names if name in renamed),
    )


def _codes_below(connection: Connection, unit: str) -> set[str]:
    return set(connection.scalars(select(OrgUnit.code).where(OrgUnit.id.in_(units_below(connection, unit)))))


def plan_hash(plan: SitePlan) -> str:
    """SHA-256 of what is planned, whatever row, outline or loan it came with."""
    # What a plan does not state is left out, so that plans from before it could be stated keep their hash.
    mounting, country = stated_mounting(plan), plan.country or None
    later = {name: said for name, said in (("mounting", mounting), ("country", country)) if said is not None}
    return fingerprint(
        plan.capacity_mw,
        plan.milestones,
        plan.curve,
        plan.ground.points,
        plan.permits,
        plan.built_ha,
        plan.levels,
        *([later] if later else []),
    )


def _known(connection: Connection, names: Sequence[str]) -> dict[str, Any]:
    """Kind, name and hash of the newest plan of the sites that the book has."""
    newest = (
        select(func.max(SitePlanVersion.id))
        .where(SitePlanVersion.parcel_id.in_(listed(connection, names)))
        .group_by(SitePlanVersion.parcel_id)
    )
    columns = (SitePlanVersion.parcel_id, SitePlanVersion.plan_hash, EnergySite.kind, EnergySite.name)
    wanted = select(*columns).join(EnergySite, EnergySite.parcel_id == SitePlanVersion.parcel_id)
    return {row.parcel_id: row for row in connection.execute(wanted.where(SitePlanVersion.id.in_(newest)))}


def _require_kinds(plans: Sequence[SitePlan], known: Mapping[str, Any]) -> None:
    """Refuse a plan of another type than its site has: what was seen of one says nothing of the other."""
    for plan in plans:
        if plan.site_id in known and known[plan.site_id].kind != plan.kind:
            said = f"Row {plan.row}: the site {plan.site_id!r} is of the type {known[plan.site_id].kind} in the book."
            raise InputError("SITES_TYPE", said, "Mend the type, or give what is built there now an id of its own.")


def _facilities(connection: Connection, plans: Sequence[SitePlan]) -> dict[str, int]:
    """Numbers of the rows of the facilities that plans name; InputError for the first that is not there."""
    wanted = sorted({plan.facility for plan in plans if plan.facility})
    found = select(Facility.number, Facility.id).where(Facility.number.in_(listed(connection, wanted)))
    known = {row.number: row.id for row in connection.execute(found)}
    for plan in plans:
        if plan.facility and plan.facility not in known:
            said = f"Row {plan.row}, site {plan.site_id!r} names the facility {plan.facility!r}, which is not there."
            raise InputError("SITES_FACILITY", said, "Import the loan book first, or leave the facility out.")
    return known


def _given(plan: SitePlan, known: Mapping[str, Any], source_hash: str) -> Given:
    there = plan.site_id in known
    return Given(
        outline=outline_of_site(plan.ground),
        method=OutlineMethod.IMPORTED,
        parcel_id=None if there else plan.site_id,
        redraws=plan.site_id if there else None,
        source_hash=source_hash,
    )


def _insert_sites(connection: Connection, plans: Sequence[SitePlan], giver: Giver, now: datetime) -> None:
    by = {"recorded_by_id": giver.user_id, "recorded_at": now}
    rows = [{"parcel_id": plan.site_id, "kind": plan.kind, "name": plan.name or None, **by} for plan in plans]
    if rows:
        connection.execute(insert(EnergySite), rows)


def _rename(connection: Connection, plans: Sequence[SitePlan]) -> None:
    """Call sites by the names that their plans give; a plan without one leaves the name as it is."""
    for plan in plans:
        row = update(EnergySite).where(EnergySite.parcel_id == plan.site_id)
        connection.execute(row.values(name=plan.name))


def _insert_plans(connection: Connection, plans: Sequence[SitePlan], giver: Giver, now: datetime) -> None:
    by = {"recorded_by_id": giver.user_id, "recorded_at": now}
    rows = [{"parcel_id": plan.site_id, "plan_hash": plan_hash(plan), **plan_columns(plan), **by} for plan in plans]
    if rows:
        connection.execute(insert(SitePlanVersion), rows)


def plan_columns(plan: SitePlan) -> dict[str, Any]:
    """What is planned, as its row holds it."""
    milestones = [{"kind": one.kind, "due": one.due.isoformat(), "draws": one.draws} for one in plan.milestones]
    said = {
        "milestones": milestones,
        "curve": [[day.isoformat(), share] for day, share in plan.curve],
        "points": [list(point) for point in plan.ground.points],
        "permits": list(plan.permits),
        "levels": [list(point) for point in plan.levels],
    }
    stated = {"mounting": stated_mounting(plan), "country": plan.country or None}
    return {"capacity_mw": plan.capacity_mw, "built_ha": plan.built_ha, **stated, **json.loads(json.dumps(said))}


def _insert_plots(
    connection: Connection, plans: Sequence[SitePlan], facilities: Mapping[str, int], now: datetime
) -> None:
    """Tie sites to the facilities that they back, where they are not tied yet."""
    names = [plan.site_id for plan in plans if plan.facility]
    tied = select(ContractPlot.parcel_id, ContractPlot.facility_id).where(
        ContractPlot.parcel_id.in_(listed(connection, names)), ContractPlot.valid_to.is_(None)
    )
    there = {(row.parcel_id, row.facility_id) for row in connection.execute(tied)}
    span = {"starts_on": now.date(), "valid_from": datetime.combine(now.date(), time(), now.tzinfo), "recorded_at": now}
    rows = [
        {"parcel_id": plan.site_id, "facility_id": facilities[plan.facility], **span}
        for plan in plans
        if plan.facility and (plan.site_id, facilities[plan.facility]) not in there
    ]
    if rows:
        connection.execute(insert(ContractPlot), rows)
