"""A watch of sites taken into the database: the run once, then looks, alerts and standings in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any, Final

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection, Engine, select

from app.alerts.watches.history import History
from app.alerts.watches.recording import WatchRow, is_recorded, record_watch
from app.alerts.watches.replaying import Replay, compare, later_watch
from app.db.engine import writing
from app.db.loading import load_run
from app.db.tables import Alert, AlertEvent
from app.jobs.sitewatch.judging import JudgedSite, SitesJudged
from app.jobs.sitewatch.summary import Done, Line
from app.sites.looks import record_looks
from app.sites.standings import record_standings, standing_row
from geo.observations import LIMITS, SEASONS
from geo.sites import SITES_SEASON
from geo.status import Status

_KINDS: Final = ("opened", "raised", "lowered", "ended", "withdrawn", "reopened")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of recording a watch.

    Attributes:
        done: recorded now, on record before, or a replay of a day that is past on record: it changes no alert.
        new: new lines of history by kind; None where nothing was written.
        lines: those lines.
        replay: how a replay compares; None for any other watch.
    """

    done: Done
    new: Mapping[str, int] | None = None
    lines: tuple[Line, ...] = ()
    replay: Replay | None = None


def record_sites(engine: Engine, told: SitesJudged, now: datetime) -> Recorded:
    """Record a watch, unless it is there or a watch of a later day is.

    The run is loaded in a transaction of its own: loaded again it changes nothing. A killed process, and a replay,
    leave a run that no watch rests on.

    Raises:
        InputError: it would withdraw more than a few of the alerts that are seen.
        DataError: the database refuses the run.
    """
    with engine.connect() as connection:
        if is_recorded(connection, told.watch_id):
            return Recorded("stands")
    _load(engine, told, now)
    watch, history = _watch_row(told), History.of(told.changes)
    with writing(engine) as connection:
        record_looks(connection, watch.run_id, told.looked.looks)
        later = later_watch(connection, watch)
        if later is not None:
            return Recorded("replay", replay=compare(connection, watch, history, later))
        counts = record_watch(connection, watch, history, {}, now)
        rows = [standing_row(watch.id, watch.as_of, one.site, one.judged, **one.beside()) for one in told.sites]
        record_standings(connection, rows)
        return Recorded("recorded", {kind: counts[kind] for kind in _KINDS}, _lines(connection, watch.id))


def _load(engine: Engine, told: SitesJudged, now: datetime) -> None:
    looks = told.looked.looks
    days = looks.groupby("site_id")["date"].nunique()
    parcels = pd.DataFrame([_parcel(one, int(days.get(one.site.plan.site_id, 0))) for one in told.sites])
    outlines = gpd.GeoDataFrame(
        parcels[["parcel_id", "geometry_version", "area_ha"]],
        geometry=[one.site.plan.outline for one in told.sites],
        crs=4326,
    )
    nothing = (pd.DataFrame(columns=schema.names) for schema in (SEASONS, LIMITS))
    load_run(engine, told.looked.record, outlines, parcels, *nothing, now=now)


def _parcel(one: JudgedSite, days: int) -> dict[str, Any]:
    """A row of geo.observations.PARCELS: a site has no crop, and its looks stand elsewhere."""
    return {
        "parcel_id": one.site.plan.site_id,
        "geometry_version": one.site.geometry_version,
        "season_id": SITES_SEASON.id,
        "status": Status.OK if days else Status.OUTSIDE_IMAGERY,
        "area_ha": one.site.area_ha,
        "crop_set": [],
        "clear_dates": days,
    }


def _watch_row(told: SitesJudged) -> WatchRow:
    request = told.request
    unseen = frozenset(one.site.plan.site_id for one in told.sites if one.judged.seen_on is None)
    return WatchRow(
        id=told.watch_id,
        run_id=told.looked.record.run_id,
        as_of=request.as_of,
        season_id=SITES_SEASON.id,
        rules_id=told.rules.id,
        rules_hash=told.rules.content_hash,
        inputs_hash=told.inputs_hash,
        code_version=version("acreline"),
        causes=told.causes,
        counts={"parcels": len(told.sites), "judged": len(told.sites) - len(unseen)},
        unjudged=unseen,
        created_by=request.by,
        accept_withdrawals=request.accept_withdrawals,
    )


def _lines(connection: Connection, watch_id: str) -> tuple[Line, ...]:
    """Lines of history that a watch wrote, by site, cause and day."""
    wanted = (
        select(Alert.id, Alert.parcel_id, Alert.cause, AlertEvent.kind, AlertEvent.level, AlertEvent.happened_on)
        .join(AlertEvent, AlertEvent.alert_id == Alert.id)
        .where(AlertEvent.watch_id == watch_id)
        .order_by(Alert.parcel_id, Alert.cause, AlertEvent.happened_on, AlertEvent.id)
    )
    return tuple(
        Line(row.id, row.parcel_id, row.cause, str(row.kind), str(row.level), row.happened_on)
        for row in connection.execute(wanted)
    )
