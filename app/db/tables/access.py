"""Who is signed in, and who tried to be. Rows of both go once they say nothing any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Digest, Id, Key, in_order


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

    The login stands as its hash: people type passwords into the wrong field. address is the client's, of IPv6 its /64.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_login_hash_tried_at", "login_hash", "tried_at"),
        Index("ix_sign_in_attempt_address_tried_at", "address", "tried_at"),
    )

    id: Mapped[Id]
    login_hash: Mapped[Digest]
    address: Mapped[Key]
    tried_at: Mapped[datetime] = mapped_column(index=True)
    succeeded: Mapped[bool]
