"""Money drawn of a granted line: asked for by one person, approved by another, never more than may be drawn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from app.book.applications.files import Doing, Filed, Kind, find_for, note
from app.book.applications.remarks import plain_note
from app.book.applications.stages import Act
from app.book.applications.weighing import application_inputs, observed
from app.book.refresh.facts import moment_of
from app.db.tables import DecisionParcel, Drawdown, Facility, Proposal, Sublimit
from app.db.tables.kinds import DrawdownStatus, FacilityStatus
from geo.errors import InputError
from geo.season import parse_season
from scoring.policy import Pack
from scoring.seasons.progress import Seen
from scoring.seasons.tranches import draw_tranches

_APPROVED: Final = (DrawdownStatus.APPROVED, DrawdownStatus.PAID)


@dataclass(frozen=True, slots=True)
class Part:
    """A tranche of the pack: amounts in minor units, state and reasons as scoring.seasons.tranches has them."""

    key: str
    title: Mapping[str, str]
    amount_minor: int
    drawable_minor: int
    state: str
    reasons: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Room:
    """What may be drawn of a line, in minor units.

    Attributes:
        sublimit_id: of which it is drawn.
        limit_minor: what was granted.
        drawable_minor: what of it is confirmed by now.
        asked_minor: asked for and not answered.
        approved_minor: approved or paid.
        parts: tranches of the pack; none where it has none.
    """

    sublimit_id: int
    limit_minor: int
    drawable_minor: int
    asked_minor: int
    approved_minor: int
    parts: tuple[Part, ...]

    @property
    def left_minor(self) -> int:
        """What may still be asked for."""
        return max(0, self.drawable_minor - self.asked_minor - self.approved_minor)


def room_of(connection: Connection, filed: Filed, pack: Pack, now: datetime) -> Room:
    """What may be drawn of a granted line today.

    Tranches are those of the pack: what was decided is dealt to them, and looks at the season confirm them.

    Args:
        connection: database.
        filed: a granted application.
        pack: its policy.
        now: instant.
    """
    line = connection.execute(
        select(Sublimit.id, Sublimit.limit_minor, Facility.drawing_minor, Facility.status)
        .join(Facility, Facility.id == Sublimit.facility_id)
        .where(Sublimit.facility_id == filed.facility_id, Sublimit.drawable)
        .order_by(Sublimit.id)
    ).first()
    if line is None:
        raise InputError("DRAW_NOTHING", "Nothing can be drawn of this line.", "See its contract.")
    most = min(line.limit_minor, line.limit_minor if line.drawing_minor is None else line.drawing_minor)
    if line.status is not FacilityStatus.ACTIVE:
        most = 0
    parts = _parts(connection, filed, pack, now) if pack.tranches else ()
    confirmed = sum(part.drawable_minor for part in parts) if pack.tranches else most
    asked, approved = (_sum(connection, line.id, among) for among in ((DrawdownStatus.REQUESTED,), _APPROVED))
    return Room(line.id, line.limit_minor, min(most, confirmed), asked, approved, parts)


def ask_to_draw(
    connection: Connection, number: str, within: ColumnElement[bool], doing: Doing, amount_minor: int, pack: Pack
) -> int:
    """Ask for a draw-down; its number.

    Raises:
        InputError: see find_for; it is more than is left to draw (DRAW_TOO_MUCH).
    """
    filed = find_for(connection, number, within, Act.DRAW, doing)
    room = room_of(connection, filed, pack, doing.now)
    if not 0 < amount_minor <= room.left_minor:
        raise _too_much(number)
    row = {
        "sublimit_id": room.sublimit_id,
        "amount_minor": amount_minor,
        "currency": filed.currency,
        "status": DrawdownStatus.REQUESTED,
        "requested_at": doing.now,
        "proposed_by_id": doing.by.id,
        "valid_from": doing.now,
        "recorded_at": doing.now,
    }
    made = connection.scalars(insert(Drawdown).returning(Drawdown.id), row).one()
    note(connection, filed, Kind.DRAW_ASKED, doing)
    return made


def approve_draw(
    connection: Connection, number: str, within: ColumnElement[bool], doing: Doing, drawdown_id: int, pack: Pack
) -> None:
    """Approve a draw-down that somebody else asked for; what may be drawn is worked out anew.

    Raises:
        InputError: see find_for; one's own, one that was answered already, or more than may be drawn by now.
    """
    filed = find_for(connection, number, within, Act.APPROVE_DRAW, doing)
    asked = _asked(connection, filed, drawdown_id)
    if asked.proposed_by_id == doing.by.id:
        said = f"{doing.by.login} asked for the draw-down {drawdown_id}."
        raise InputError("MAKER_IS_CHECKER", said, "Let another person approve it.")
    room = room_of(connection, filed, pack, doing.now)
    if room.approved_minor + asked.amount_minor > room.drawable_minor:
        raise _too_much(number)
    values = {"status": DrawdownStatus.APPROVED, "approved_by_id": doing.by.id}
    connection.execute(update(Drawdown).where(Drawdown.id == drawdown_id).values(**values))
    note(connection, filed, Kind.DRAWN, doing)


def refuse_draw(
    connection: Connection, number: str, within: ColumnElement[bool], doing: Doing, drawdown_id: int, text: str
) -> None:
    """Refuse a draw-down, or cancel one's own, with a note; errors as approve_draw's but for one's own."""
    filed = find_for(connection, number, within, Act.REFUSE_DRAW, doing)
    asked = _asked(connection, filed, drawdown_id)
    said = plain_note(connection, filed, text)
    own = asked.proposed_by_id == doing.by.id
    status = DrawdownStatus.CANCELLED if own else DrawdownStatus.REFUSED
    connection.execute(update(Drawdown).where(Drawdown.id == drawdown_id).values(status=status))
    note(connection, filed, Kind.DRAW_REFUSED, doing, said)


def draws_of(connection: Connection, facility_id: int) -> list[Any]:
    """Draw-downs of a line: id, amount_minor, currency, status, requested_at, proposed_by_id, approved_by_id."""
    own = Drawdown
    columns = (own.id, own.amount_minor, own.currency, own.status, own.requested_at, own.proposed_by_id)
    wanted = select(*columns, own.approved_by_id).join(Sublimit, Sublimit.id == own.sublimit_id)
    return list(connection.execute(wanted.where(Sublimit.facility_id == facility_id).order_by(own.id)))


def _too_much(number: str) -> InputError:
    said = f"The draw-down is more than may be drawn of the line of the application {number} now."
    return InputError("DRAW_TOO_MUCH", said, "Ask for what is left, or wait until the next part is confirmed.")


def _sum(connection: Connection, sublimit: int, among: tuple[DrawdownStatus, ...]) -> int:
    wanted = select(func.sum(Drawdown.amount_minor)).where(Drawdown.sublimit_id == sublimit, Drawdown.status.in_(among))
    return int(connection.scalar(wanted) or 0)


def _asked(connection: Connection, filed: Filed, drawdown_id: int) -> Any:
    wanted = (
        select(Drawdown.amount_minor, Drawdown.proposed_by_id, Drawdown.status)
        .join(Sublimit, Sublimit.id == Drawdown.sublimit_id)
        .where(Drawdown.id == drawdown_id, Sublimit.facility_id == filed.facility_id)
    )
    found = connection.execute(wanted).one_or_none()
    if found is None:
        raise InputError("DRAW_UNKNOWN", f"There is no draw-down {drawdown_id}.", "Load the page again.")
    if found.status is not DrawdownStatus.REQUESTED:
        raise InputError("DRAW_ANSWERED", f"The draw-down {drawdown_id} is {found.status}.", "Load the page again.")
    return found


def _parts(connection: Connection, filed: Filed, pack: Pack, now: datetime) -> tuple[Part, ...]:
    """Tranches of the decided amount, from the plan as it stood when it was proposed and looks until now."""
    season = parse_season(filed.season_id or "")
    made = connection.execute(select(Proposal.recorded_at).where(Proposal.id == filed.proposal_id)).scalar_one()
    inputs, _ = application_inputs(connection, filed, pack, moment_of(pack.local_day(made), pack, made))
    today = pack.local_day(now)
    seen = observed(connection, inputs.parcels["parcel_id"].to_pylist(), moment_of(today, pack, now))
    of_season = seen.parcels[seen.parcels.season_id == season.id].reset_index(drop=True)
    looks = None if of_season.empty else Seen(of_season, seen.seasons[seen.seasons.season_id == season.id])
    table = draw_tranches(_decided(connection, filed, inputs), inputs, looks, pack, season, today)
    rows = table[table.subject_kind == "farmer"].set_index("tranche")
    return tuple(_part(pack, place, rows.loc[tranche.key]) for place, tranche in enumerate(pack.tranches))


def _part(pack: Pack, place: int, row: Any) -> Part:
    tranche = pack.tranches[place]
    title = {"en": tranche.title.en, "zh": tranche.title.zh}
    amounts = [0 if pd.isna(row[name]) else int(row[name]) for name in ("amount_minor", "drawable_minor")]
    return Part(tranche.key, title, amounts[0], amounts[1], str(row.state), tuple(json.loads(row.reasons)))


def _decided(connection: Connection, filed: Filed, inputs: Any) -> pd.DataFrame:
    """The decided amount by parcel, as scoring.seasons.tranches takes limits."""
    part = DecisionParcel
    wanted = select(part.parcel_id, part.amount_minor).where(part.decision_id == filed.decision_id)
    amounts = {row.parcel_id: row.amount_minor for row in connection.execute(wanted)}
    names = [str(name) for name in inputs.parcels["parcel_id"].to_pylist()]
    column = pd.array([amounts.get(name) for name in names], dtype="Int64")
    return pd.DataFrame({"subject_kind": "parcel", "subject_id": names, "amount_minor": column})
