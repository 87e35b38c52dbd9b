"""What was seen: parcels and their outlines through time, runs, and the rows of each run."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.db.base import Base, Currency, Digest, Hectares, Id, Json, Key, Minor, choice, in_order, not_negative
from app.db.tables.kinds import LineageKind, SubjectKind
from app.db.tables.office_kinds import OutlineMethod
from geo.status import Status


class Village(Base):
    """An administrative village, as the bank's own files name it.

    The code is the bank's key: in China the twelve digits of the statistical division code, elsewhere a register's or,
    for want of one, the name itself.
    """

    __tablename__ = "village"

    code: Mapped[Key] = mapped_column(primary_key=True)
    name: Mapped[str]
    recorded_at: Mapped[datetime]


class Parcel(Base):
    """A piece of ground under a name that it keeps for life, whatever becomes of its outline."""

    __tablename__ = "parcel"

    parcel_id: Mapped[Key] = mapped_column(primary_key=True)
    org_unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"), index=True)
    village_code: Mapped[str | None] = mapped_column(String(128), ForeignKey("village.code"), index=True)
    recorded_at: Mapped[datetime]


class ParcelGeometry(Base):
    """One outline of a parcel: its content, which never changes. When it held stands in ParcelPeriod.

    The box (degrees, WGS 84) has a plain composite index that also covers the parcel's key. SQLite's R-tree and
    PostgreSQL's GiST are two different things to migrate and query; a scan of this one narrow index finds the boxes
    of a map window on both, without touching the outlines. The box is null where there is no usable outline.
    """

    __tablename__ = "parcel_geometry"
    __table_args__ = (
        CheckConstraint("minx <= maxx AND miny <= maxy", name="box"),
        Index("ix_parcel_geometry_box", "minx", "maxx", "miny", "maxy", "parcel_id", "geometry_version"),
        *not_negative("area_ha"),
    )

    parcel_id: Mapped[Key] = mapped_column(ForeignKey("parcel.parcel_id"), primary_key=True)
    geometry_version: Mapped[str] = mapped_column(String(64), primary_key=True)
    wkb: Mapped[bytes | None] = mapped_column(LargeBinary)
    minx: Mapped[float | None]
    miny: Mapped[float | None]
    maxx: Mapped[float | None]
    maxy: Mapped[float | None]
    area_ha: Mapped[Hectares]
    recorded_at: Mapped[datetime]


class ParcelPeriod(Base):
    """Which outline a parcel had, and when. An outline may come back, so its periods are rows of their own."""

    __tablename__ = "parcel_period"
    __table_args__ = (
        ForeignKeyConstraint(
            ["parcel_id", "geometry_version"], ["parcel_geometry.parcel_id", "parcel_geometry.geometry_version"]
        ),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="valid"),
        Index("ix_parcel_period_geometry", "parcel_id", "geometry_version"),
    )

    parcel_id: Mapped[Key] = mapped_column(primary_key=True)
    valid_from: Mapped[datetime] = mapped_column(primary_key=True)
    valid_to: Mapped[datetime | None]
    geometry_version: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]


class ParcelOrigin(Base):
    """Where an outline that people gave comes from. Outlines of runs and loan files have no row here.

    accuracy_m is the median error that the phone stated while its border was walked, and fixes the number of positions
    kept; null where it was not walked. source_hash: of the file that was imported. Never changed.
    """

    __tablename__ = "parcel_origin"
    __table_args__ = (
        ForeignKeyConstraint(
            ["parcel_id", "geometry_version"], ["parcel_geometry.parcel_id", "parcel_geometry.geometry_version"]
        ),
        *not_negative("accuracy_m", "fixes"),
        Index("ix_parcel_origin_geometry", "parcel_id", "geometry_version"),
    )

    id: Mapped[Id]
    parcel_id: Mapped[Key]
    geometry_version: Mapped[str] = mapped_column(String(64))
    method: Mapped[OutlineMethod] = mapped_column(choice(OutlineMethod))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    accuracy_m: Mapped[float | None]
    fixes: Mapped[int | None]
    source_hash: Mapped[Digest | None]
    recorded_at: Mapped[datetime]


class ParcelLineage(Base):
    """A parcel that came out of another: split, merged or renumbered."""

    __tablename__ = "parcel_lineage"
    __table_args__ = (CheckConstraint("parent_id <> child_id", name="two_parcels"),)

    id: Mapped[Id]
    parent_id: Mapped[Key] = mapped_column(ForeignKey("parcel.parcel_id"), index=True)
    child_id: Mapped[Key] = mapped_column(ForeignKey("parcel.parcel_id"), index=True)
    kind: Mapped[LineageKind] = mapped_column(choice(LineageKind))
    happened_at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class Run(Base):
    """One finished run. Its rows never change once loaded: content_hash tells whether a second load brings the same."""

    __tablename__ = "run"
    __table_args__ = (in_order("season_start", "season_end"),)

    run_id: Mapped[Key] = mapped_column(primary_key=True)
    season_id: Mapped[str] = mapped_column(String(21), index=True)
    season_start: Mapped[date]
    season_end: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(index=True)
    policy_id: Mapped[str | None] = mapped_column(String(128))
    policy_hash: Mapped[Digest | None]
    model_hash: Mapped[Digest | None]
    simulated: Mapped[bool]
    content_hash: Mapped[Digest]
    record: Mapped[Json]
    recorded_at: Mapped[datetime]


class _Seen:
    """Columns that a parcel's row and its seasons' rows share (see geo.observations)."""

    @declared_attr
    @classmethod
    def run_id(cls) -> Mapped[str]:
        return mapped_column(String(128), ForeignKey("run.run_id"), sort_order=-2)

    parcel_id: Mapped[Key] = mapped_column(sort_order=-1)
    geometry_version: Mapped[str] = mapped_column(String(64))
    crop: Mapped[str | None] = mapped_column(String(64))
    crop_prob: Mapped[float | None]
    crop_set: Mapped[Json]
    vigour_pct: Mapped[float | None]
    ndvi_peak: Mapped[float | None]
    sos: Mapped[date | None]
    pos: Mapped[date | None]
    eos: Mapped[date | None]


class ParcelObservation(_Seen, Base):
    """One row per parcel of a run, always: parcels.parquet. farmer_id is the bank's number, never a name."""

    __tablename__ = "parcel_observation"
    __table_args__ = (
        PrimaryKeyConstraint("run_id", "parcel_id"),
        ForeignKeyConstraint(
            ["parcel_id", "geometry_version"], ["parcel_geometry.parcel_id", "parcel_geometry.geometry_version"]
        ),
        Index("ix_parcel_observation_geometry", "parcel_id", "geometry_version"),
        Index("ix_parcel_observation_farmer_id_run_id", "farmer_id", "run_id"),
    )

    status: Mapped[Status] = mapped_column(choice(Status))
    farmer_id: Mapped[str | None] = mapped_column(String(128))
    declared_crop: Mapped[str | None] = mapped_column(String(64))
    area_ha: Mapped[Hectares]
    cropped_area_ha: Mapped[float | None] = mapped_column(Double)
    clear_dates: Mapped[int]


class SeasonObservation(_Seen, Base):
    """One row per parcel and cycle of a run: seasons.parquet."""

    __tablename__ = "season_observation"
    __table_args__ = (
        PrimaryKeyConstraint("run_id", "parcel_id", "cycle"),
        ForeignKeyConstraint(["run_id", "parcel_id"], ["parcel_observation.run_id", "parcel_observation.parcel_id"]),
        CheckConstraint("cycle >= 1", name="cycle"),
    )

    cycle: Mapped[int] = mapped_column(SmallInteger)


class CreditLimit(Base):
    """One row per subject of a run: limits.parquet. A proposal; what was approved stands in Decision."""

    __tablename__ = "credit_limit"
    __table_args__ = (
        *not_negative("amount_minor", "low_minor", "high_minor"),
        Index("ix_credit_limit_subject", "subject_kind", "subject_id"),
        Index("ix_credit_limit_farmer_id_run_id", "farmer_id", "run_id"),
    )

    run_id: Mapped[Key] = mapped_column(ForeignKey("run.run_id"), primary_key=True)
    subject_kind: Mapped[SubjectKind] = mapped_column(choice(SubjectKind), primary_key=True)
    subject_id: Mapped[Key] = mapped_column(primary_key=True)
    farmer_id: Mapped[str | None] = mapped_column(String(128))
    amount_minor: Mapped[Minor | None]
    currency: Mapped[Currency]
    low_minor: Mapped[Minor | None]
    high_minor: Mapped[Minor | None]
    needs_visit: Mapped[bool]
    policy_id: Mapped[Key]
    policy_hash: Mapped[Digest]
    reasons: Mapped[Json]
