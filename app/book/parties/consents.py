"""What parties agreed to: given, withdrawn, and whether a consent stands on a day."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, or_, select, update

from app.book.chain.links import Link, append, instant
from app.book.chain.witness import Content, Witness, numbered, numbers_of
from app.book.parties.retention import require_party
from app.db.listed import listed_numbers
from app.db.tables import Consent
from app.db.tables.kinds import ConsentPurpose, EntryKind
from geo.errors import InputError

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a party agrees to.

    Attributes:
        purpose: what the data may be used for.
        text_version: of the text that was read out or signed.
        language: of that text, ISO 639-1.
        evidence_hash: SHA-256 of the signed document or recording, hexadecimal; None where there is none.
        expires_on: last day of the consent; None: until it is withdrawn.
    """

    purpose: ConsentPurpose
    text_version: str
    language: str
    evidence_hash: str | None = None
    expires_on: date | None = None


def give(connection: Connection, party_id: int, agreed: Agreed, given_at: datetime, now: datetime) -> int:
    """Write a consent and its entry of the chain; its number.

    Args:
        connection: transaction that writes (app.db.engine.writing).
        party_id: who agrees.
        agreed: to what.
        given_at: when; not after now.
        now: when the bank comes to know it.

    Raises:
        InputError: no such party, a day in the future, an end before the beginning, or no SHA-256.
    """
    require_party(connection, party_id)
    _check(agreed, given_at, now)
    row = {
        "party_id": party_id,
        "purpose": agreed.purpose,
        "text_version": agreed.text_version,
        "language": agreed.language,
        "evidence_hash": agreed.evidence_hash,
        "given_at": given_at,
        "expires_on": agreed.expires_on,
        "valid_from": given_at,
        "recorded_at": now,
    }
    number = connection.scalars(insert(Consent).returning(Consent.id), row).one()
    _vouch(connection, number, now)
    return number


def withdraw(connection: Connection, consent_id: int, withdrawn_at: datetime, now: datetime) -> None:
    """Take a consent back: what rests on it may not be used from that day on.

    Raises:
        InputError: there is no such consent, it is withdrawn already, or the instant is none for it.
    """
    row = connection.execute(
        select(Consent.given_at, Consent.withdrawn_at).where(Consent.id == consent_id)
    ).one_or_none()
    if row is None:
        raise InputError(
            "CONSENT_UNKNOWN", f"There is no consent {consent_id}.", "acreline privacy consents lists them."
        )
    if row.withdrawn_at is not None:
        raise InputError("CONSENT_WITHDRAWN", f"Consent {consent_id} was withdrawn on {row.withdrawn_at:%Y-%m-%d}.")
    if not row.given_at <= withdrawn_at <= now:
        raise InputError(
            "CONSENT_DAY", "A consent is withdrawn after it was given, and not in the future.", "Correct the day."
        )
    values = {"withdrawn_at": withdrawn_at, "valid_to": max(withdrawn_at, row.given_at + timedelta(microseconds=1))}
    connection.execute(update(Consent).where(Consent.id == consent_id).values(**values))
    _vouch(connection, consent_id, now)


def held(at: datetime, day: date) -> ColumnElement[bool]:
    """Condition on Consent: given by an instant, not withdrawn by then, and not past its last day on a day."""
    return (
        (Consent.given_at <= at)
        & or_(Consent.withdrawn_at.is_(None), Consent.withdrawn_at > at)
        & or_(Consent.expires_on.is_(None), Consent.expires_on >= day)
    )


def stands(day: date, zone: tzinfo = UTC) -> ColumnElement[bool]:
    """Condition on Consent: given by that day, not withdrawn by its end, not past its last day.

    Args:
        day: local day.
        zone: in which the day begins and ends: that of the policy pack's calendar.
    """
    ends = datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=zone)
    return held(ends - timedelta(microseconds=1), day)


def valid_consent(
    connection: Connection, party_id: int, purpose: ConsentPurpose, day: date, zone: tzinfo = UTC
) -> int | None:
    """Number of a consent of the party for the purpose that stands on a day, the newest; None where none does."""
    return connection.scalar(
        select(Consent.id)
        .where(Consent.party_id == party_id, Consent.purpose == purpose, stands(day, zone))
        .order_by(Consent.given_at.desc(), Consent.id.desc())
        .limit(1)
    )


def usable(consent_id: ColumnElement[int | None], day: date, zone: tzinfo = UTC) -> ColumnElement[bool]:
    """Condition on a fact: the very consent that it was fetched under stands on a day, or it names none.

    Args:
        consent_id: column of the fact's table, BureauCheck.consent_id.
        day: local day of use.
        zone: of that day.
    """
    return or_(consent_id.is_(None), select(Consent.id).where(Consent.id == consent_id, stands(day, zone)).exists())


def consent_contents(connection: Connection, keys: Sequence[str]) -> Mapping[str, Content]:
    """What the chain vouches for of consents.

    The party stands for itself: its number means nothing once its data are erased.
    """
    among = Consent.id.in_(listed_numbers(connection, numbers_of(keys)))
    rows = connection.execute(select(Consent.__table__).where(among)).mappings()
    return {str(row["id"]): _content(row) for row in rows}


def consent_witness() -> Witness:
    """How consents are checked against the chain."""
    return Witness(consent_contents, numbered(Consent.id), once=False)


def _content(row: RowMapping) -> Content:
    return {
        "id": row["id"],
        "party_id": row["party_id"],
        "purpose": str(row["purpose"]),
        "text_version": row["text_version"],
        "language": row["language"],
        "evidence_hash": row["evidence_hash"],
        "given_at": instant(row["given_at"]),
        "withdrawn_at": None if row["withdrawn_at"] is None else instant(row["withdrawn_at"]),
        "expires_on": None if row["expires_on"] is None else row["expires_on"].isoformat(),
    }


def _vouch(connection: Connection, number: int, now: datetime) -> None:
    key = str(number)
    append(connection, [Link(EntryKind.CONSENT, key, consent_contents(connection, [key])[key])], now)


def _check(agreed: Agreed, given_at: datetime, now: datetime) -> None:
    if given_at > now:
        raise InputError("CONSENT_DAY", "A consent is not given in the future.", "Correct the day.")
    if agreed.expires_on is not None and agreed.expires_on < given_at.date():
        raise InputError("CONSENT_DAY", "The consent would expire before it was given.", "Correct the day.")
    if agreed.evidence_hash is not None and not _DIGEST.fullmatch(agreed.evidence_hash):
        raise InputError(
            "CONSENT_EVIDENCE", "The evidence is no SHA-256 in 64 hexadecimal digits.", "Hash it with sha256sum FILE."
        )
