"""What was erased and who looked: rows that stay when a person's data are gone, and name nobody."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Digest, Id, Json, Key, not_negative


class Erasure(Base):
    """The erasing of a party: by whom, why, and how many rows of each table. Never changed."""

    __tablename__ = "erasure"
    __table_args__ = (CheckConstraint("length(trim(reason)) > 0", name="has_reason"),)

    id: Mapped[Id]
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    erased_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    reason: Mapped[str]
    counts: Mapped[Json]
    erased_at: Mapped[datetime]


class ErasedNumber(Base):
    """A farmer's number that must not come back, as a keyed hash; nothing ties it to the rows it once stood in.

    Whoever holds both the database and a list of numbers can find which of them were erased, and nothing else.
    """

    __tablename__ = "erased_number"

    number_hash: Mapped[Digest] = mapped_column(primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    erased_at: Mapped[datetime]


class PersonalView(Base):
    """Somebody looked at a party's name, contact or identity number, or took all its data out. Never changed."""

    __tablename__ = "personal_view"
    __table_args__ = (CheckConstraint("length(trim(reason)) > 0", name="has_reason"),)

    id: Mapped[Id]
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    viewed_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    what: Mapped[Key]
    reason: Mapped[str]
    viewed_at: Mapped[datetime]


class BookExport(Base):
    """Somebody took a list of the book out as a file: of what, as asked for, and how many rows. Never changed."""

    __tablename__ = "book_export"
    __table_args__ = not_negative("rows")

    id: Mapped[Id]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    what: Mapped[Key]
    asked: Mapped[Json]
    rows: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(index=True)
