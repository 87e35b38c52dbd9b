"""The bank itself: units, users and what each may approve."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Currency, Id, Key, Minor, Temporal, choice, not_negative
from app.db.tables.kinds import OrgKind, UserRole


class OrgUnit(Temporal, Base):
    """A unit of the bank; the tree hangs on parent_id. Its place, degrees (WGS 84), is null where nobody said it."""

    __tablename__ = "org_unit"
    __table_args__ = (
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("(longitude IS NULL) = (latitude IS NULL)", name="place"),
    )

    id: Mapped[Id]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"), index=True)
    code: Mapped[Key] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[OrgKind] = mapped_column(choice(OrgKind))
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]


class User(Temporal, Base):
    """Somebody who signs in. password_hash is null where another system vouches for the person."""

    __tablename__ = "app_user"

    id: Mapped[Id]
    org_unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    login: Mapped[Key] = mapped_column(unique=True)
    display_name: Mapped[str]
    role: Mapped[UserRole] = mapped_column(choice(UserRole))
    password_hash: Mapped[str | None]
    language: Mapped[str] = mapped_column(String(8))
    active: Mapped[bool]


class Authority(Temporal, Base):
    """Up to which amount of a product somebody may decide; null product or policy: every one.

    Without a user it lets the program approve by itself: then somebody granted it, and it ends on a day.
    """

    __tablename__ = "authority"
    __table_args__ = (
        *not_negative("up_to_minor"),
        CheckConstraint("granted_by_id <> user_id", name="granted_by_another"),
        CheckConstraint(
            "user_id IS NOT NULL OR (granted_by_id IS NOT NULL AND valid_to IS NOT NULL AND policy_id IS NOT NULL)",
            name="automatic_is_dated",
        ),
    )

    id: Mapped[Id]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    product: Mapped[str | None] = mapped_column(String(128))
    policy_id: Mapped[str | None] = mapped_column(String(128))
    up_to_minor: Mapped[Minor]
    currency: Mapped[Currency]
    may_override: Mapped[bool]
