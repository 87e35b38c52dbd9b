"""Who is signed in, and who tried to be. Rows of both go once they say nothing any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Digest, Id, Json, Key, in_order


class UserSession(Base):
    """Somebody signed in; the token itself is only with the browser. ended_at: signed out, or ended by the bank."""

    __tablename__ = "user_session"
    __table_args__ = (in_order("started_at", "seen_at"), in_order("started_at", "ended_at"))

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    token_hash: Mapped[Digest] = mapped_column(unique=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """A try to sign in, written down before the password is looked at.

    The login stands as its hash: people type passwords into the wrong field. network is the client's address,
    or of IPv6 its /64.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_login_hash_tried_at", "login_hash", "tried_at"),
        Index("ix_sign_in_attempt_network_tried_at", "network", "tried_at"),
    )

    id: Mapped[Id]
    login_hash: Mapped[Digest]
    network: Mapped[Key]
    tried_at: Mapped[datetime] = mapped_column(index=True)
    succeeded: Mapped[bool]


class UserIdentity(Base):
    """Who somebody is to a sign-in service of the bank (OpenID Connect): issuer and subject. Ended links are kept."""

    __tablename__ = "user_identity"
    __table_args__ = (
        Index(
            "uq_user_identity_living",
            "issuer",
            "subject",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        in_order("recorded_at", "ended_at"),
    )

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    linked_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    recorded_at: Mapped[datetime]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    ended_at: Mapped[datetime | None]


class SignInFlow(Base):
    """A sign-in that was sent to such a service and has not come back; used once, gone after minutes."""

    __tablename__ = "sign_in_flow"

    id: Mapped[Id]
    state_hash: Mapped[Digest] = mapped_column(unique=True)
    nonce: Mapped[Key]
    code_verifier: Mapped[Key]
    started_at: Mapped[datetime] = mapped_column(index=True)


class ApiKey(Base):
    """Another system of the bank: what it may ask for, and of which units. Only the key's hash is kept.

    scopes: names such as "parcels:read". last_used_at is written at most once a minute.
    """

    __tablename__ = "api_key"
    __table_args__ = (in_order("created_at", "revoked_at"), in_order("created_at", "expires_at"))

    id: Mapped[Id]
    label: Mapped[Key] = mapped_column(unique=True)
    prefix: Mapped[str] = mapped_column(String(16))
    key_hash: Mapped[Digest] = mapped_column(unique=True)
    org_unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    scopes: Mapped[Json]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    revoked_at: Mapped[datetime | None]
