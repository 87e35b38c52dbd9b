"""Parties taken in: found again by the bank's number or the identity number, written once, changed as stated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, insert, select, update

from app.book.parties.party_file import Entry, Fault, faults_in, refuse
from app.book.parties.retention import RetentionRules, retain
from app.book.parties.vault import Vault, require
from app.db.erased import erased_among
from app.db.rows import chunked
from app.db.tables import CreditSubject, OrgUnit, Party, PersonalData
from app.db.tables.kinds import PartyKind, SubjectKind
from geo.errors import DataError

_CONTACT: Final = ("name", "phone", "address")


@dataclass(frozen=True, slots=True)
class Registered:
    """What came of entries: parties that are new, that changed, and that were known as stated."""

    new: int
    changed: int
    same: int
    party_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """A party of the database."""

    id: int
    farmer_id: str | None
    reference_hash: str | None


@dataclass(frozen=True, slots=True)
class _Stated:
    """An entry with the hash of its identity number, and the party that it is of; None: a new one."""

    entry: Entry
    reference: str | None
    party: _Known | None


_ByName: TypeAlias = dict[str, _Known]


def register(
    connection: Connection,
    entries: Sequence[Entry],
    *,
    vault: Vault | None,
    rules: RetentionRules,
    now: datetime,
    again: bool = False,
    where: str = "",
) -> Registered:
    """Take parties in, all or none; the same entries again change nothing.

    Args:
        connection: transaction that writes (app.db.engine.writing).
        entries: what is stated; what is not stated of a known party stays.
        vault: of identity numbers; needed where an entry has one.
        rules: from which the rows of retention of new parties are made.
        now: when the bank comes to know it.
        again: whether farmers whose data were erased may be registered anew: they came back.
        where: the file, for messages.

    Raises:
        InputError: entries are wrong, contradict the database or need a key that is not there. Nothing is written.
        DataError: the key is not the one that known parties were taken in with.
    """
    refuse(faults_in(entries), where)
    stated = _stated(connection, entries, vault)
    units = {str(code): int(number) for number, code in connection.execute(select(OrgUnit.id, OrgUnit.code))}
    faults = _contradictions(stated) + _strange_units(entries, units)
    refuse(faults if again else faults + _erased(connection, entries), where)
    new = [each for each in stated if each.party is None]
    numbers = _add(connection, new, units, now)
    retain(connection, numbers, rules, now.date(), now)
    _write_personal(connection, list(zip(numbers, new, strict=True)), vault, now)
    changed = [each for each in stated if each.party and _change(connection, each, units, vault, now)]
    _tie_subjects(connection, [each.farmer_id for each in entries if each.farmer_id is not None])
    added = iter(numbers)
    ids = tuple(next(added) if each.party is None else each.party.id for each in stated)
    return Registered(len(new), len(changed), len(stated) - len(new) - len(changed), ids)


def _stated(connection: Connection, entries: Sequence[Entry], vault: Vault | None) -> list[_Stated]:
    references = [None if e.id_number is None else require(vault).reference(e.id_number) for e in entries]
    if vault is not None and any(references):
        _refuse_other_key(connection, vault)
    by_number = _known(connection, Party.farmer_id, [each.farmer_id for each in entries])
    by_reference = _known(connection, Party.reference_hash, references)
    return [
        _Stated(entry, reference, by_number.get(entry.farmer_id or "") or by_reference.get(reference or ""))
        for entry, reference in zip(entries, references, strict=True)
    ]


def _refuse_other_key(connection: Connection, vault: Vault) -> None:
    """Under another key the same person would have another hash, and come in twice."""
    used = set(connection.scalars(select(Party.reference_key).where(Party.reference_key.is_not(None)).distinct()))
    if used - {vault.key_id}:
        raise DataError(
            "PERSONAL_KEY_OTHER",
            f"The parties of this database were taken in with another key than {vault.key_id}.",
            "Set ACRELINE_PERSONAL_KEY to the key of that name.",
        )


def _known(connection: Connection, column: Any, names: Sequence[str | None]) -> _ByName:
    found: _ByName = {}
    for chunk in chunked([name for name in names if name is not None]):
        wanted = select(column, Party.id, Party.farmer_id, Party.reference_hash).where(column.in_(chunk))
        found |= {str(name): _Known(*row) for name, *row in connection.execute(wanted)}
    return found


def _contradictions(stated: Sequence[_Stated]) -> list[Fault]:
    found: list[Fault] = []
    seen: dict[str, int] = {}
    for each in stated:
        line, party = each.entry.line, each.party
        if each.reference is not None and seen.setdefault(each.reference, line) != line:
            found.append(Fault(line, f"the same id_number as line {seen[each.reference]}"))
        if party is None:
            continue
        if each.reference and party.reference_hash and each.reference != party.reference_hash:
            found.append(Fault(line, f"party {party.id} has this farmer_id and another id_number"))
        if each.entry.farmer_id and party.farmer_id and each.entry.farmer_id != party.farmer_id:
            found.append(Fault(line, f"party {party.id} has this id_number and another farmer_id"))
    return found


def _strange_units(entries: Sequence[Entry], units: dict[str, int]) -> list[Fault]:
    return [
        Fault(each.line, "there is no such org_unit")
        for each in entries
        if each.org_unit is not None and each.org_unit not in units
    ]


def _erased(connection: Connection, entries: Sequence[Entry]) -> list[Fault]:
    gone = erased_among(connection, [each.farmer_id for each in entries])
    return [
        Fault(each.line, "the data of this farmer were erased (--again: the person came back)")
        for each in entries
        if each.farmer_id in gone
    ]


def _add(connection: Connection, new: Sequence[_Stated], units: dict[str, int], now: datetime) -> list[int]:
    numbers: list[int] = []
    for chunk in chunked(new):
        rows = [{**_party_values(each, units), "valid_from": now, "recorded_at": now} for each in chunk]
        numbers += connection.scalars(insert(Party).returning(Party.id, sort_by_parameter_order=True), rows)
    return numbers


def _party_values(stated: _Stated, units: dict[str, int]) -> dict[str, object]:
    entry = stated.entry
    return {
        "kind": PartyKind(entry.kind),
        "org_unit_id": units.get(entry.org_unit or ""),
        "farmer_id": entry.farmer_id,
        "reference_hash": stated.reference,
    }


def _write_personal(
    connection: Connection, parties: Sequence[tuple[int, _Stated]], vault: Vault | None, now: datetime
) -> None:
    for chunk in chunked(parties):
        rows = [
            {"party_id": number, **_contact(each.entry), **_sealed(each, number, vault), "recorded_at": now}
            for number, each in chunk
        ]
        connection.execute(insert(PersonalData), rows)
        keys = [number for number, each in chunk if each.reference is not None]
        if keys:
            connection.execute(update(Party).where(Party.id.in_(keys)).values(reference_key=require(vault).key_id))


def _change(connection: Connection, stated: _Stated, units: dict[str, int], vault: Vault | None, now: datetime) -> bool:
    """Write what is stated otherwise than known; whether there was anything."""
    assert stated.party is not None  # noqa: S101 - for the type checker: the caller asked
    number = stated.party.id
    had = connection.execute(select(Party).where(Party.id == number)).mappings().one()
    values = {name: value for name, value in _party_values(stated, units).items() if value not in (None, had[name])}
    if values.get("reference_hash"):
        values["reference_key"] = require(vault).key_id
    if values:
        connection.execute(update(Party).where(Party.id == number).values(**values))
    personal = connection.execute(select(PersonalData).where(PersonalData.party_id == number)).mappings().first()
    if personal is None:
        _write_personal(connection, [(number, stated)], vault, now)
        return True
    contact = {n: v for n, v in _contact(stated.entry).items() if v not in (None, personal[n])}
    if stated.reference is not None and personal["id_number_ciphertext"] is None:
        contact |= _sealed(stated, number, vault)
    if contact:
        connection.execute(update(PersonalData).where(PersonalData.party_id == number).values(**contact))
    return bool(values or contact)


def _contact(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in _CONTACT}


def _sealed(stated: _Stated, number: int, vault: Vault | None) -> dict[str, Any]:
    if stated.entry.id_number is None:
        return {"id_number_ciphertext": None, "key_id": None}
    keeper = require(vault)
    return {"id_number_ciphertext": keeper.seal(stated.entry.id_number, number), "key_id": keeper.key_id}


def _tie_subjects(connection: Connection, numbers: Sequence[str]) -> None:
    """Let the book's subjects of these farmers point at their parties."""
    for chunk in chunked(numbers):
        party = select(Party.id).where(Party.farmer_id == CreditSubject.subject_id).scalar_subquery()
        connection.execute(
            update(CreditSubject)
            .where(
                CreditSubject.kind == SubjectKind.FARMER,
                CreditSubject.subject_id.in_(chunk),
                CreditSubject.party_id.is_(None),
            )
            .values(party_id=party)
        )
