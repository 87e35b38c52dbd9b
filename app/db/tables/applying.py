"""What an application consists of: plots with a crop plan, photographed papers, and its history."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Digest, Hectares, Id, Key, choice, in_order, not_negative
from app.db.tables.office_kinds import ApplicationEventKind, PaperKind


class ApplicationPlot(Base):
    """A parcel that an application names, with one crop that is to grow there. Rows change while it is a draft."""

    __tablename__ = "application_plot"
    __table_args__ = (
        UniqueConstraint("application_id", "parcel_id", "cycle"),
        CheckConstraint("cycle >= 1", name="cycle"),
        *not_negative("area_ha"),
        in_order("sowing_on", "harvest_on"),
    )

    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    parcel_id: Mapped[Key] = mapped_column(ForeignKey("parcel.parcel_id"), index=True)
    cycle: Mapped[int] = mapped_column(SmallInteger)
    crop: Mapped[str] = mapped_column(String(64))
    area_ha: Mapped[Hectares | None]
    sowing_on: Mapped[date | None]
    harvest_on: Mapped[date | None]
    land_right_id: Mapped[int | None] = mapped_column(ForeignKey("land_right.id"), index=True)
    recorded_at: Mapped[datetime]


class ApplicationPaper(Base):
    """A paper that was photographed for an application; the picture lies in a file named by its hash.

    removed_at: taken back, or erased with its party's data; the file is gone then.
    """

    __tablename__ = "application_paper"
    __table_args__ = (*not_negative("size"),)

    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    kind: Mapped[PaperKind] = mapped_column(choice(PaperKind))
    content_hash: Mapped[Digest] = mapped_column(index=True)
    media_type: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    expires_on: Mapped[date | None] = mapped_column(index=True)
    added_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    recorded_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class ApplicationEvent(Base):
    """One thing that somebody did to an application. Never changed."""

    __tablename__ = "application_event"

    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    kind: Mapped[ApplicationEventKind] = mapped_column(choice(ApplicationEventKind))
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    note: Mapped[str | None]
    happened_at: Mapped[datetime]
