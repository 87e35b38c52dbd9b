"""Energy sites that the bank finances: their plans, what each look measured, and what was said of them.

A site is a parcel: its outline, its unit, the facility that it backs and its alerts stand where those of all ground
stand, so that there is one store of alerts and one work list.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, LargeBinary, PrimaryKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Digest, Hectares, Id, Json, Key, OutsideFact, choice, in_order, not_negative
from app.db.tables.site_kinds import RedLineKind, SiteStandingKind
from geo.sites import Mounting, SiteMeasure, SiteType


class EnergySite(Base):
    """A parcel on which a financed plant is built; it is watched unless a stop of it holds."""

    __tablename__ = "energy_site"

    parcel_id: Mapped[Key] = mapped_column(ForeignKey("parcel.parcel_id"), primary_key=True)
    kind: Mapped[SiteType] = mapped_column(choice(SiteType))
    name: Mapped[str | None] = mapped_column(String(255))
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    recorded_at: Mapped[datetime]


class SiteStop(Base):
    """From when a site was watched no more, by whom and why. Never changed.

    stopped_by_id and reason are null of stops from before they were kept. It holds until a resumption of it.
    """

    __tablename__ = "site_stop"
    __table_args__ = (
        CheckConstraint("(stopped_by_id IS NULL) = (reason IS NULL)", name="said"),
        CheckConstraint("length(trim(reason)) > 0", name="has_reason"),
    )

    id: Mapped[Id]
    parcel_id: Mapped[Key] = mapped_column(ForeignKey("energy_site.parcel_id"), index=True)
    stopped_at: Mapped[datetime]
    stopped_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    reason: Mapped[str | None] = mapped_column(String(255))


class SiteResumption(Base):
    """From when a stopped site was watched again, and by whom; a stop ends once. Never changed."""

    __tablename__ = "site_resumption"

    stop_id: Mapped[int] = mapped_column(ForeignKey("site_stop.id"), primary_key=True, autoincrement=False)
    resumed_at: Mapped[datetime]
    resumed_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)


class SitePlanVersion(Base):
    """What is to be built on a site, and by when; the newest counts. Never changed.

    milestones: [{kind, due, draws}]; curve: [[day, share]]; points: [[longitude, latitude]] of turbines or the dam;
    permits: numbers; built_ha: ground under rows of panels or under water when all is built; levels: [[level in metres,
    hectares of water at it]]; mounting: of panels, null where nothing is said of it; country: ISO 3166-1 alpha-2, null
    where it is not stated. See scoring.sites.plan.
    """

    __tablename__ = "site_plan"
    __table_args__ = (
        CheckConstraint("capacity_mw > 0", name="capacity"),
        CheckConstraint("built_ha > 0", name="built"),
        CheckConstraint("length(country) = 2", name="country"),
    )

    id: Mapped[Id]
    parcel_id: Mapped[Key] = mapped_column(ForeignKey("energy_site.parcel_id"), index=True)
    plan_hash: Mapped[Digest]
    capacity_mw: Mapped[float | None]
    built_ha: Mapped[Hectares | None]
    milestones: Mapped[Json]
    curve: Mapped[Json]
    points: Mapped[Json]
    permits: Mapped[Json]
    levels: Mapped[Json]
    mounting: Mapped[Mounting | None] = mapped_column(choice(Mounting))
    country: Mapped[str | None] = mapped_column(CHAR(2))
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    recorded_at: Mapped[datetime]


class RedLine(OutsideFact, Base):
    """Ground that nothing may be built on, as its keeper drew it (WKB, EPSG:4326). withdrawn_at: it holds no more."""

    __tablename__ = "red_line"
    __table_args__ = (
        UniqueConstraint("source", "external_id", "as_of"),
        CheckConstraint("minx <= maxx AND miny <= maxy", name="box"),
    )

    id: Mapped[Id]
    external_id: Mapped[Key]
    kind: Mapped[RedLineKind] = mapped_column(choice(RedLineKind))
    name: Mapped[str | None] = mapped_column(String(255))
    wkb: Mapped[bytes] = mapped_column(LargeBinary)
    minx: Mapped[float]
    miny: Mapped[float]
    maxx: Mapped[float]
    maxy: Mapped[float]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class SiteLook(Base):
    """One measure of a site on one day, of a run: SITE_LOOKS of geo.observations. Never changed."""

    __tablename__ = "site_look"
    __table_args__ = (
        PrimaryKeyConstraint("run_id", "parcel_id", "measure", "seen_on"),
        CheckConstraint("clear_share >= 0 AND clear_share <= 1", name="clear"),
        *not_negative("value", "error"),
    )

    run_id: Mapped[Key] = mapped_column(ForeignKey("run.run_id"))
    parcel_id: Mapped[Key] = mapped_column(ForeignKey("energy_site.parcel_id"), index=True)
    measure: Mapped[SiteMeasure] = mapped_column(choice(SiteMeasure))
    seen_on: Mapped[date]
    known_at: Mapped[datetime]
    value: Mapped[float]
    error: Mapped[float]
    clear_share: Mapped[float]
    source_hash: Mapped[Digest]


class SiteStanding(Base):
    """What a watch said of a site: the share built, with bounds, against the share planned. Never changed.

    Shares are 0..1; null where the site was not seen, planned also where no plan held. milestones: {kind: [last day not
    reached, first day reached]} as days or null. detail: what the type adds, see scoring.sites.judging.
    """

    __tablename__ = "site_standing"
    __table_args__ = (
        CheckConstraint("low >= 0 AND low <= share AND share <= high AND high <= 1", name="shares"),
        CheckConstraint("planned >= 0 AND planned <= 1", name="planned_share"),
        CheckConstraint("(standing = 'unseen') = (seen_on IS NULL)", name="seen"),
    )

    watch_id: Mapped[Key] = mapped_column(ForeignKey("watch.id"), primary_key=True)
    parcel_id: Mapped[Key] = mapped_column(ForeignKey("energy_site.parcel_id"), primary_key=True, index=True)
    as_of: Mapped[date] = mapped_column(index=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("site_plan.id"), index=True)
    seen_on: Mapped[date | None]
    planned: Mapped[float | None]
    low: Mapped[float | None]
    share: Mapped[float | None]
    high: Mapped[float | None]
    standing: Mapped[SiteStandingKind] = mapped_column(choice(SiteStandingKind))
    milestones: Mapped[Json]
    detail: Mapped[Json]


class SiteReport(Base):
    """An observation report that was given out: all that it states, and the hash of it. Never changed."""

    __tablename__ = "site_report"

    id: Mapped[Id]
    parcel_id: Mapped[Key] = mapped_column(ForeignKey("energy_site.parcel_id"), index=True)
    watch_id: Mapped[Key] = mapped_column(ForeignKey("watch.id"), index=True)
    facts: Mapped[Json]
    facts_hash: Mapped[Digest]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    made_at: Mapped[datetime]


class MeterReading(OutsideFact, Base):
    """Energy that a plant fed in over some days, both counted, as a meter or its operator says: 10 m cannot see it.

    Of the words of one source on the same days the latest as_of holds. recorded_by_id is null of readings from before
    it was kept. Never changed.
    """

    __tablename__ = "meter_reading"
    __table_args__ = (
        UniqueConstraint("parcel_id", "source", "starts_on", "ends_on", "as_of"),
        *not_negative("energy_kwh"),
        in_order("starts_on", "ends_on"),
    )

    id: Mapped[Id]
    parcel_id: Mapped[Key] = mapped_column(ForeignKey("energy_site.parcel_id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    energy_kwh: Mapped[float]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    recorded_at: Mapped[datetime]
