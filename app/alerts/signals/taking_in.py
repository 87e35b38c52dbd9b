"""Signals into the database: all or none, the same again changes nothing, and only the source takes one back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import shapely
from sqlalchemy import Connection, insert, or_, select, update
from sqlalchemy.exc import StatementError

from app.alerts.signals.stated import Fault, SignalFile, Stated, Withdrawn, refuse
from app.book.parties.consents import valid_consent
from app.db.engine import said_by
from app.db.listed import listed
from app.db.rows import Row, chunked
from app.db.tables import OutsideSignal, Parcel, Party
from app.db.tables.alert_kinds import SignalKind
from app.db.tables.kinds import ConsentPurpose, PartyKind
from geo.errors import DataError, InputError

#: In place of a content hash: the source took the message back before it came.
UNSEEN: Final = "taken back before it came"
_NO_GROUND: Final = shapely.to_wkb(shapely.Polygon())
_ONE_DAY: Final = timedelta(days=1)
_MOST_NAME: Final = 128


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What came of files.

    Attributes:
        new: signals written.
        known: signals that were there already.
        taken_back: signals that count no longer, since their source said so.
        passed_over: messages that were tests, exercises or answers.
        unknown: signals about parcels or persons that the book does not know, left out where that was asked for.
        without_consent: signals about persons who did not agree, left out likewise.
    """

    new: int
    known: int
    taken_back: int
    passed_over: int
    unknown: int
    without_consent: int

    def as_dict(self) -> dict[str, int]:
        """Everything, for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A signal with the party it is about and the consent under which it is kept."""

    stated: Stated
    party_id: int | None
    consent_id: int | None

    @property
    def content_hash(self) -> str:
        return self.stated.content_hash(self.party_id)


def take_in(
    connection: Connection,
    file: SignalFile,
    *,
    source: str,
    as_of: date | None,
    now: datetime,
    known_only: bool = False,
) -> TakenIn:
    """Write signals, all or none.

    A signal about a person or household needs a consent that stands on its day: to ask others (bureau) for litigation,
    to processing for the rest. One about an organisation, a parcel or an area needs none.

    Args:
        connection: transaction that writes (app.db.engine.writing); undone, it was a dry run.
        file: what is stated.
        source: who says so.
        as_of: day on which the source said it, for signals that carry none.
        now: when the bank comes to know it.
        known_only: leave out signals about parcels and persons that the book does not know, and about persons
            who did not agree, instead of refusing the file.

    Raises:
        DataError: the database refuses.
        InputError: the source has no name, a day is missing or lies in the future, or a signal is about an unknown
            parcel or party, lacks a consent, comes twice or otherwise than before. The message names places, never
            what stands there.
    """
    if not 0 < len(source.strip()) <= _MOST_NAME:
        raise InputError("SIGNAL_SOURCE", "The source has no name, or one of more than 128 letters.", "Name it.")
    _check_days(file, as_of, now)
    strange, unknown = _strangers(connection, file.signals)
    placed, lacking = _with_consent(connection, [each for each in file.signals if each.place not in strange], as_of)
    if not known_only:
        refuse([*unknown, *lacking])
    _refuse_repeats(placed)
    known = _hashes(connection, source, placed)
    _refuse_changed(placed, known)
    rows = [_row(each, source, as_of, now) for each in placed if _is_new(each, known)]
    try:
        for chunk in chunked(rows):
            connection.execute(insert(OutsideSignal), chunk)
        gone = sum(_take_back(connection, source, each, now) for each in file.withdrawn)
    except StatementError as error:
        raise DataError("SIGNAL_IMPORT_FAILED", f"The signals were not written: {said_by(error)}.") from error
    return TakenIn(len(rows), len(placed) - len(rows), gone, file.passed_over, len(unknown), len(lacking))


def _check_days(file: SignalFile, as_of: date | None, now: datetime) -> None:
    if as_of is None and any(each.as_of is None for each in file.signals):
        raise InputError("SIGNAL_DAY", "The rows do not say on which day the source said them.", "Give --as-of DATE.")
    said = [each.as_of or as_of for each in file.signals]
    latest = max((day for day in [*said, as_of] if day is not None), default=now.date())
    if latest > now.date() + _ONE_DAY:  # a zone may be a day ahead of UTC
        raise InputError("SIGNAL_DAY", f"{latest} lies in the future: nobody said anything then.", "Correct the day.")


def _strangers(connection: Connection, signals: Sequence[Stated]) -> tuple[set[str], list[Fault]]:
    """Places of signals about parcels or parties that are not known, and what to say of each."""
    parcels = _known(connection, Parcel.parcel_id, (each.parcel_id for each in signals))
    farmers = _known(connection, Party.farmer_id, (each.farmer_id for each in signals))
    faults = [
        Fault(each.place, f"there is no such {what}")
        for each in signals
        for what, name, names in (("parcel", each.parcel_id, parcels), ("farmer", each.farmer_id, farmers))
        if name is not None and name not in names
    ]
    return {fault.place for fault in faults}, faults


def _known(connection: Connection, column: Any, names: Iterable[str | None]) -> set[str]:
    wanted = sorted({name for name in names if name is not None})
    found: set[str] = set()
    for chunk in chunked(wanted):
        found.update(connection.scalars(select(column).where(column.in_(listed(connection, chunk)))))
    return found


def _with_consent(
    connection: Connection, signals: Sequence[Stated], as_of: date | None
) -> tuple[list[_Placed], list[Fault]]:
    parties = _parties(connection, [each.farmer_id for each in signals if each.farmer_id is not None])
    consents: dict[tuple[int, ConsentPurpose, date], int | None] = {}
    placed: list[_Placed] = []
    lacking: list[Fault] = []
    for each in signals:
        party_id, kind = parties.get(each.farmer_id or "", (None, None))
        day = each.as_of or as_of
        if party_id is None or day is None or kind is PartyKind.ORGANISATION:
            placed.append(_Placed(each, party_id, None))
            continue
        purpose = ConsentPurpose.BUREAU if each.kind is SignalKind.LITIGATION else ConsentPurpose.PROCESSING
        asked = (party_id, purpose, day)
        if asked not in consents:
            consents[asked] = valid_consent(connection, *asked)
        if consents[asked] is None:
            lacking.append(Fault(each.place, f"party {party_id} has no consent to {purpose} that stands on the day"))
        else:
            placed.append(_Placed(each, party_id, consents[asked]))
    return placed, lacking


def _parties(connection: Connection, numbers: Sequence[str]) -> dict[str, tuple[int, PartyKind]]:
    found: dict[str, tuple[int, PartyKind]] = {}
    for chunk in chunked(sorted(set(numbers))):
        wanted = select(Party.farmer_id, Party.id, Party.kind).where(Party.farmer_id.in_(listed(connection, chunk)))
        found |= {str(number): (party_id, kind) for number, party_id, kind in connection.execute(wanted)}
    return found


def _refuse_repeats(placed: Sequence[_Placed]) -> None:
    first: dict[str, str] = {}
    faults = [
        Fault(each.stated.place, f"the same external_id as {first[each.stated.external_id]}")
        for each in placed
        if first.setdefault(each.stated.external_id, each.stated.place) != each.stated.place
    ]
    refuse(faults)


def _hashes(connection: Connection, source: str, placed: Sequence[_Placed]) -> dict[str, str]:
    """Content hashes of what the source said before, by its own number."""
    names = {each.stated.external_id for each in placed} | {each.stated.message or "" for each in placed}
    found: dict[str, str] = {}
    for chunk in chunked(sorted(names)):
        wanted = select(OutsideSignal.external_id, OutsideSignal.content_hash).where(
            OutsideSignal.source == source, OutsideSignal.external_id.in_(listed(connection, chunk))
        )
        found |= {str(name): hashed for name, hashed in connection.execute(wanted)}
    return found


def _is_new(placed: _Placed, known: Mapping[str, str]) -> bool:
    return placed.stated.external_id not in known and known.get(placed.stated.message or "") != UNSEEN


def _refuse_changed(placed: Sequence[_Placed], known: Mapping[str, str]) -> None:
    refuse(
        [
            Fault(each.stated.place, "the source said otherwise under this external_id; a change has its own")
            for each in placed
            if known.get(each.stated.external_id, UNSEEN) not in (UNSEEN, each.content_hash)
        ]
    )


def _row(placed: _Placed, source: str, as_of: date | None, now: datetime) -> Row:
    stated = placed.stated
    return {
        "kind": stated.kind,
        "external_id": stated.external_id,
        "parcel_id": stated.parcel_id,
        "party_id": placed.party_id,
        "area": None if stated.area is None else shapely.to_wkb(stated.area, output_dimension=2, byte_order=1),
        "level": stated.level,
        "said": stated.said,
        "starts_on": stated.starts_on,
        "ends_on": stated.ends_on,
        "content_hash": placed.content_hash,
        "recorded_at": now,
        "source": source,
        "as_of": stated.as_of or as_of,
        "expires_on": stated.expires_on,
        "consent_id": placed.consent_id,
    }


def _take_back(connection: Connection, source: str, withdrawn: Withdrawn, now: datetime) -> int:
    """Let a message count up to the day before it was taken back; how many signals. One that is unknown stays away."""
    last = withdrawn.sent_at.date() - _ONE_DAY
    its_own = or_(
        OutsideSignal.external_id == withdrawn.message,
        OutsideSignal.external_id.startswith(f"{withdrawn.message}#", autoescape=True),
    )
    same = (OutsideSignal.source == source) & its_own
    if connection.scalar(select(OutsideSignal.id).where(same).limit(1)) is None:
        connection.execute(insert(OutsideSignal), [_unseen(source, withdrawn, now)])
        return 0
    later = or_(OutsideSignal.expires_on.is_(None), OutsideSignal.expires_on > last)
    return connection.execute(update(OutsideSignal).where(same, later).values(expires_on=last)).rowcount


def _unseen(source: str, withdrawn: Withdrawn, now: datetime) -> Row:
    """A row that keeps the place of a message that never came, so that it counts for nothing if it comes late."""
    day = withdrawn.sent_at.date()
    return {
        "kind": SignalKind.OTHER,
        "external_id": withdrawn.message,
        "area": _NO_GROUND,
        "said": f"Taken back by {withdrawn.by} before it came.",
        "starts_on": day,
        "content_hash": UNSEEN,
        "recorded_at": now,
        "source": source,
        "as_of": day,
        "expires_on": day - _ONE_DAY,
    }
