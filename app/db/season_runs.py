"""Which runs looked at the crops of a season: all but those that looked at energy sites."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from app.db.tables import EnergySite, Parcel, Run, Watch
from geo.sites import SITES_SEASON


def of_crops() -> ColumnElement[bool]:
    """Condition on Run: it looked at crops. A run of sites knows no crop, farmer or limit of its parcels."""
    return Run.season_id != SITES_SEASON.id


def watched_alike(season_id: str) -> ColumnElement[bool]:
    """Condition on Watch: it follows what a watch of a season follows, crops or sites: neither knows of the other."""
    same = Watch.season_id == SITES_SEASON.id
    return same if season_id == SITES_SEASON.id else ~same


def no_site() -> ColumnElement[bool]:
    """Condition on Parcel: it is no energy site."""
    return ~select(EnergySite.parcel_id).where(EnergySite.parcel_id == Parcel.parcel_id).exists()
