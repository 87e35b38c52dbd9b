"""Rights in land, the plots they name, and what is to grow there."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Hectares, Id, Key, OutsideFact, Temporal, choice, in_order, not_negative
from app.db.tables.kinds import CropOrigin, FindingStatus, LandBasis, LandKind

#: Certified, contracted, measured and net of ridges stay four numbers; none stands in for another.
_AREAS: Final = ("certified_area_ha", "contracted_area_ha", "measured_area_ha", "net_area_ha")


class LandRight(OutsideFact, Temporal, Base):
    """A party's certificate or lease; document_hash is a keyed hash of its number, which names a person."""

    __tablename__ = "land_right"
    __table_args__ = (*not_negative(*_AREAS), in_order("starts_on", "ends_on"))

    id: Mapped[Id]
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    basis: Mapped[LandBasis] = mapped_column(choice(LandBasis))
    kind: Mapped[LandKind] = mapped_column(choice(LandKind))
    document_hash: Mapped[str | None] = mapped_column(String(80), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    certified_area_ha: Mapped[Hectares | None]
    contracted_area_ha: Mapped[Hectares | None]
    measured_area_ha: Mapped[Hectares | None]
    net_area_ha: Mapped[Hectares | None]


class ContractPlot(Temporal, Base):
    """A plot of a contract, tied to a parcel for a time: many to many, since papers and fields rarely agree.

    The contract is a land right, a facility that the plot backs, or both.
    """

    __tablename__ = "contract_plot"
    __table_args__ = (
        CheckConstraint("land_right_id IS NOT NULL OR facility_id IS NOT NULL", name="has_contract"),
        *not_negative(*_AREAS),
        in_order("starts_on", "ends_on"),
    )

    id: Mapped[Id]
    parcel_id: Mapped[Key] = mapped_column(ForeignKey("parcel.parcel_id"), index=True)
    land_right_id: Mapped[int | None] = mapped_column(ForeignKey("land_right.id"), index=True)
    facility_id: Mapped[int | None] = mapped_column(ForeignKey("facility.id"), index=True)
    plot_code: Mapped[str | None] = mapped_column(String(128))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    certified_area_ha: Mapped[Hectares | None]
    contracted_area_ha: Mapped[Hectares | None]
    measured_area_ha: Mapped[Hectares | None]
    net_area_ha: Mapped[Hectares | None]


class GroundFinding(Base):
    """The same ground under two plots at the same time by the same kind of right; a person decides what it is."""

    __tablename__ = "ground_finding"
    __table_args__ = (
        UniqueConstraint("first_plot_id", "second_plot_id"),
        CheckConstraint("first_plot_id < second_plot_id", name="two_plots"),
        CheckConstraint("(status = 'open') = (decided_by_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decided_at"),
        *not_negative("overlap_ha"),
        in_order("starts_on", "ends_on"),
    )

    id: Mapped[Id]
    first_plot_id: Mapped[int] = mapped_column(ForeignKey("contract_plot.id"))
    second_plot_id: Mapped[int] = mapped_column(ForeignKey("contract_plot.id"), index=True)
    overlap_ha: Mapped[Hectares]
    share_of_smaller: Mapped[float]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    status: Mapped[FindingStatus] = mapped_column(choice(FindingStatus), index=True)
    reason: Mapped[str | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    decided_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]


class CropCycle(OutsideFact, Temporal, Base):
    """One crop on one parcel in one season, as somebody planned, declared, saw or visited it."""

    __tablename__ = "crop_cycle"
    __table_args__ = (
        CheckConstraint("cycle >= 1", name="cycle"),
        *not_negative("area_ha"),
        in_order("sowing_on", "harvest_on"),
        Index("ix_crop_cycle_parcel_id_season_id", "parcel_id", "season_id"),
    )

    id: Mapped[Id]
    parcel_id: Mapped[Key] = mapped_column(ForeignKey("parcel.parcel_id"))
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    season_id: Mapped[str] = mapped_column(String(21))
    cycle: Mapped[int] = mapped_column(SmallInteger)
    origin: Mapped[CropOrigin] = mapped_column(choice(CropOrigin))
    crop: Mapped[str] = mapped_column(String(64))
    area_ha: Mapped[Hectares | None]
    sowing_on: Mapped[date | None]
    harvest_on: Mapped[date | None]
