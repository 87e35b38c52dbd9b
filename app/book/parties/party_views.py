"""Parties as people of the bank look them up; identity numbers are not among what is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, select, true

from app.book.parties.retention import require_party
from app.db.tables import Consent, OrgUnit, Party, PersonalData
from app.db.tables.kinds import ConsentPurpose, PartyKind


@dataclass(frozen=True, slots=True)
class PartyLine:
    """A party without its personal data.

    Attributes:
        id: its number.
        kind: person, household, organisation or joint-liability group.
        farmer_id: the bank's own number; None where there is none, or after an erasure.
        unit: code of the unit that keeps it.
        has_id_number: whether an identity number is kept.
        erased_at: when its data were erased; None: they were not.
    """

    id: int
    kind: PartyKind
    farmer_id: str | None
    unit: str | None
    has_id_number: bool
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class PartyCard:
    """A party with name and contact."""

    line: PartyLine
    name: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    address: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """A consent as a list shows it."""

    id: int
    purpose: ConsentPurpose
    text_version: str
    language: str
    given_at: datetime
    withdrawn_at: datetime | None
    expires_on: object
    stands: bool


def list_parties(
    connection: Connection, *, farmer_id: str | None = None, reference: str | None = None, limit: int = 50
) -> list[PartyLine]:
    """Parties by their numbers, the oldest first: of a farmer's number, of an identity number's hash, or any."""
    wanted = _lines()
    if farmer_id is not None:
        wanted = wanted.where(Party.farmer_id == farmer_id)
    if reference is not None:
        wanted = wanted.where(Party.reference_hash == reference)
    return [PartyLine(*row) for row in connection.execute(wanted.order_by(Party.id).limit(limit))]


def party_card(connection: Connection, party_id: int) -> PartyCard:
    """Name and contact of a party; InputError where there is no such party."""
    require_party(connection, party_id)
    line = PartyLine(*connection.execute(_lines().where(Party.id == party_id)).one())
    contact = connection.execute(
        select(PersonalData.name, PersonalData.phone, PersonalData.address).where(PersonalData.party_id == party_id)
    ).one_or_none()
    return PartyCard(line, *(contact or (None, None, None)))


def consents_of(connection: Connection, party_id: int, standing: ColumnElement[bool]) -> list[ConsentLine]:
    """Consents of a party, the oldest first.

    Args:
        connection: database.
        party_id: whose; InputError where there is no such party.
        standing: condition under which one stands (app.book.parties.consents.stands).
    """
    require_party(connection, party_id)
    wanted = select(
        Consent.id,
        Consent.purpose,
        Consent.text_version,
        Consent.language,
        Consent.given_at,
        Consent.withdrawn_at,
        Consent.expires_on,
        and_(true(), standing).label("stands"),
    ).where(Consent.party_id == party_id)
    return [
        ConsentLine(*row[:-1], stands=bool(row.stands))
        for row in connection.execute(wanted.order_by(Consent.given_at, Consent.id))
    ]


def _lines() -> Select[int, PartyKind, str | None, str | None, bool, datetime | None]:
    return (
        select(
            Party.id,
            Party.kind,
            Party.farmer_id,
            OrgUnit.code,
            PersonalData.id_number_ciphertext.is_not(None),
            PersonalData.erased_at,
        )
        .outerjoin(OrgUnit, OrgUnit.id == Party.org_unit_id)
        .outerjoin(PersonalData, PersonalData.party_id == Party.id)
    )
