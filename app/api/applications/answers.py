"""From rows to the pages of applications."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import shapely
from sqlalchemy import select

from app.api.answers import limit_answer, money
from app.api.applications import schemas as say
from app.api.applications.choices import policy_choice
from app.api.applications.desk import Desk
from app.book.applications.drafting import plots_of
from app.book.applications.drawing import draws_of, room_of
from app.book.applications.files import Filed, events_of
from app.book.applications.lacking import lacks_of
from app.book.applications.papers import papers_of
from app.book.applications.stages import Act, Stage, may, next_roles
from app.book.applications.statements import last_capacity, last_report, rights_of, zone_of
from app.book.applications.weighing import weigh
from app.book.drawn.overlaps import Over, Seen, overlaps_of
from app.book.parties.consents import stands
from app.book.parties.party_views import consents_of, party_card
from app.book.refresh.facts import moment_of
from app.db.tables import Decision, Facility, ParcelGeometry, ParcelPeriod, User
from app.db.views import LimitView
from scoring.policy import Pack


def line_of(desk: Desk, filed: Filed, name: str | None) -> say.ApplicationLine:
    """An application in the list."""
    return say.ApplicationLine(
        number=filed.number,
        unit=filed.unit,
        stage=filed.stage,
        farmer=filed.farmer_id,
        name=name,
        product=filed.product,
        requested=money(filed.requested_minor or None, filed.currency),
        next_roles=list(next_roles(filed.stage)),
        changed_at=events_of(desk.connection, filed.id)[-1].happened_at,
    )


def page_of(desk: Desk, filed: Filed) -> say.ApplicationPage:
    """An application with everything that was filled in."""
    connection, pack = desk.connection, desk.pack(filed.policy_id)
    today = desk.today(pack)
    card = party_card(connection, filed.party_id)
    capacity = last_capacity(connection, filed.party_id)
    person = desk.signed.person
    return say.ApplicationPage(
        number=filed.number,
        version=filed.version,
        unit=filed.unit,
        stage=filed.stage,
        borrower=say.Borrower(party_id=filed.party_id, farmer=filed.farmer_id, name=card.name, phone=card.phone),
        policy=policy_choice(pack),
        season_id=filed.season_id,
        requested=money(filed.requested_minor or None, filed.currency),
        consents=_consents(desk, filed, pack),
        report=_report(desk, filed),
        capacity=None if capacity is None else money(capacity.capacity_minor, capacity.currency),
        rights=[say.RightShown.model_validate(row._asdict()) for row in rights_of(connection, filed.party_id)],
        papers=[_paper(row) for row in papers_of(connection, filed.id)],
        plots=_plots(desk, filed),
        lacks=list(lacks_of(connection, filed, pack, today)),
        may=[act for act in Act if may(act, filed.stage, person, filed.prepared, filed.reviewer)],
        next_roles=list(next_roles(filed.stage)),
        reviewer=_login(desk, filed.reviewer),
        proposal=filed.proposal_id,
        decision=filed.decision_id,
        decided=_decided(desk, filed),
        line=_line(desk, filed, pack) if filed.stage is Stage.GRANTED else None,
        history=[
            say.EventShown(kind=row.kind, by=row.login, name=row.display_name, note=row.note, at=row.happened_at)
            for row in events_of(connection, filed.id)
        ],
    )


def preliminary(desk: Desk, filed: Filed) -> say.PreliminaryLimit:
    """What the policy gives by now."""
    pack = desk.pack(filed.policy_id)
    weighed = weigh(desk.connection, filed, pack, moment_of(desk.today(pack), pack, desk.now))
    return say.PreliminaryLimit(
        limit=limit_answer(_view(weighed.farmer)),
        asked=money(filed.requested_minor or None, filed.currency),
        plots=[
            say.PlotLimit(
                parcel_id=row["subject_id"],
                limit=limit_answer(_view(row)),
                run_id=weighed.seen.get(row["subject_id"]),
            )
            for row in weighed.parcels
        ],
        example=pack.approval.state == "example",
    )


def ground_of(desk: Desk, filed: Filed, parcel_id: str) -> say.GroundFound:
    """Pledged ground under a parcel within reach, the parcel's own contracts among it."""
    wanted = (
        select(ParcelGeometry.wkb)
        .join(
            ParcelPeriod,
            (ParcelPeriod.parcel_id == ParcelGeometry.parcel_id)
            & (ParcelPeriod.geometry_version == ParcelGeometry.geometry_version),
        )
        .where(ParcelGeometry.parcel_id == parcel_id, ParcelPeriod.valid_to.is_(None))
    )
    wkb = desk.connection.scalar(wanted.limit(1))
    if wkb is None:
        return say.GroundFound(parcel_id=parcel_id, pledges=[])
    seen = Seen(desk.scope.parcels(), desk.scope.parties())
    today = desk.today(desk.pack(filed.policy_id))
    found = overlaps_of(desk.connection, shapely.from_wkb(bytes(wkb)), seen, today)
    return say.GroundFound(
        parcel_id=parcel_id,
        pledges=[
            say.Pledge(share=each.share, area_ha=each.area_ha, parcel_id=each.parcel_id, contract=each.facility_number)
            for each in found
            if each.kind is not Over.PARCEL
        ],
    )


def _view(row: Mapping[str, Any]) -> LimitView:
    values = {name: row[name] for name in LimitView.__dataclass_fields__ if name != "reasons"}
    return LimitView(**values, reasons=json.loads(row["reasons"]))


def _consents(desk: Desk, filed: Filed, pack: Pack) -> list[say.ConsentShown]:
    rows = consents_of(desk.connection, filed.party_id, stands(desk.today(pack), zone_of(pack)))
    return [
        say.ConsentShown.model_validate({name: getattr(row, name) for name in say.ConsentShown.model_fields})
        for row in rows
    ]


def _report(desk: Desk, filed: Filed) -> say.ReportShown | None:
    row = last_report(desk.connection, filed.party_id)
    if row is None:
        return None
    return say.ReportShown(
        outcome=row.outcome,
        debt=money(row.debt_minor, row.currency or filed.currency),
        overdue=money(row.overdue_minor, row.currency or filed.currency),
        as_of=row.as_of,
        expires_on=row.expires_on,
    )


def _paper(row: Any) -> say.PaperShown:
    own = {name: getattr(row, name) for name in ("id", "kind", "media_type", "size", "expires_on")}
    return say.PaperShown(**own, added_at=row.recorded_at)


def _plots(desk: Desk, filed: Filed) -> list[say.PlotLine]:
    rows = plots_of(desk.connection, filed.id)
    wanted = (
        select(ParcelGeometry.parcel_id, ParcelGeometry.area_ha)
        .join(
            ParcelPeriod,
            (ParcelPeriod.parcel_id == ParcelGeometry.parcel_id)
            & (ParcelPeriod.geometry_version == ParcelGeometry.geometry_version),
        )
        .where(ParcelGeometry.parcel_id.in_([row.parcel_id for row in rows]), ParcelPeriod.valid_to.is_(None))
    )
    areas = {row.parcel_id: row.area_ha for row in desk.connection.execute(wanted)}
    names = [name for name in say.PlotLine.model_fields if name != "outline_ha"]
    return [
        say.PlotLine(**{name: getattr(row, name) for name in names}, outline_ha=areas.get(row.parcel_id))
        for row in rows
    ]


def _login(desk: Desk, number: int | None) -> str | None:
    return desk.connection.scalar(select(User.login).where(User.id == number))


def _decided(desk: Desk, filed: Filed) -> Any:
    row = desk.connection.execute(
        select(Decision.amount_minor, Decision.currency).where(Decision.id == filed.decision_id)
    ).one_or_none()
    return None if row is None else money(row.amount_minor, row.currency)


def _line(desk: Desk, filed: Filed, pack: Pack) -> say.LineShown:
    room, currency = room_of(desk.connection, filed, pack, desk.now), filed.currency
    contract = desk.connection.execute(select(Facility.number).where(Facility.id == filed.facility_id)).scalar_one()

    def amount(minor: int) -> Any:
        return money(minor, currency)

    return say.LineShown(
        contract=contract,
        limit=amount(room.limit_minor),
        drawable=amount(room.drawable_minor),
        left=amount(room.left_minor),
        tranches=[
            say.TrancheShown(
                key=part.key,
                title=say.Named.model_validate(part.title),
                amount=amount(part.amount_minor),
                drawable=amount(part.drawable_minor),
                state=part.state,
                reasons=[say.Named(en=line["en"], zh=line["zh"]) for line in part.reasons],
            )
            for part in room.parts
        ],
        draws=[
            say.DrawShown(
                id=row.id,
                amount=amount(row.amount_minor),
                status=row.status,
                asked_at=row.requested_at,
                own=row.proposed_by_id == desk.signed.person.id,
            )
            for row in draws_of(desk.connection, filed.facility_id or 0)
        ],
    )
