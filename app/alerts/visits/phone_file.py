"""Visits from phones: a file with one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, select

from app.alerts.visits.photos import Photo, read_photo
from app.alerts.visits.seen import Seen
from app.db.tables import Alert
from app.db.tables.alert_kinds import VisitOutcome
from geo.errors import InputError

_MOST_LINES: Final = 10_000
_Number = Annotated[float, Field(allow_inf_nan=False)]


class VisitLine(BaseModel):
    """One line: an alert (number or key) or a parcel, two officers by login, and what they say.

    photo is the name of a file in the folder of the file of visits.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    alert: int | str | None = None
    parcel: str | None = None
    by: str
    with_: Annotated[str, Field(alias="with")]
    at: AwareDatetime
    outcome: VisitOutcome
    lon: _Number | None = None
    lat: _Number | None = None
    accuracy_m: _Number | None = None
    cause_found: str | None = None
    loss_share: _Number | None = None
    note: str = ""
    photo: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file with its number, and its photo as it may be kept."""

    number: int
    said: VisitLine
    photo: Photo | None


def read_visits(file: Path) -> list[Line]:
    """Lines of a file of visits; empty ones are left out.

    Raises:
        InputError: the file cannot be read, or a line does not fit; the message names file, line and key.
    """
    return [_line(file, number, text) for number, text in _texts(file)]


def seen_of(connection: Connection, line: Line) -> Seen:
    """What a line says, its alert by its number; InputError where there is no such alert."""
    said = line.said
    return Seen(
        parcel_id=said.parcel,
        alert_id=None if said.alert is None else number_of(connection, said.alert),
        officers=(said.by, said.with_),
        captured_at=said.at,
        outcome=said.outcome,
        longitude=said.lon,
        latitude=said.lat,
        accuracy_m=said.accuracy_m,
        cause_found=said.cause_found,
        loss_share=said.loss_share,
        note=said.note,
    )


def number_of(connection: Connection, named: int | str) -> int:
    """Number of an alert by its number, its key, or the beginning of its key (eight digits or more).

    Raises:
        InputError: there is no such alert, or there are several.
    """
    text = str(named).strip()
    if text.isdecimal() and len(text) < _KEY_START:
        wanted = select(Alert.id).where(Alert.id == int(text))
    elif len(text) >= _KEY_START and text.isalnum():
        wanted = select(Alert.id).where(Alert.key.startswith(text.lower())).limit(2)
    else:
        wanted = select(Alert.id).where(Alert.key == text)
    found = connection.scalars(wanted).all()
    if len(found) != 1:
        many = "several alerts begin with" if found else "There is no alert"
        raise InputError(
            "ALERT_UNKNOWN", f"{many[0].upper()}{many[1:]} {text!r}.", "`acreline alerts list` shows them."
        )
    return int(found[0])


_KEY_START: Final = 8


def _texts(file: Path) -> Iterator[tuple[int, str]]:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "VISIT_FILE", f"The file of visits {file} cannot be read.", "Name a JSON Lines file."
        ) from error
    if len(lines) > _MOST_LINES:
        raise InputError("VISIT_FILE", f"{file.name} has {len(lines)} lines; {_MOST_LINES} are most.", "Split it.")
    return ((number, text) for number, text in enumerate(lines, start=1) if text.strip())


def _line(file: Path, number: int, text: str) -> Line:
    try:
        said = VisitLine.model_validate_json(text)
        photo = None if said.photo is None else read_photo(_beside(file, said.photo))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "the line"
        raise InputError(
            "VISIT_LINE", f"{file.name}, line {number}: {key}: {first['msg']}.", "Nothing was written."
        ) from None
    except InputError as error:
        raise at_line(file, number, error) from error
    return Line(number, said, photo)


def at_line(file: Path, number: int, error: InputError) -> InputError:
    """The same error with file and line in front."""
    return InputError(
        error.code, f"{file.name}, line {number}: {error.message}", f"{error.remedy} Nothing was written."
    )


def _beside(file: Path, name: str) -> Path:
    """A file in the folder of the file of visits; a name that leads elsewhere is refused."""
    if PurePosixPath(name).name != name or "\\" in name or name.startswith("."):
        raise InputError("PHOTO_NAME", f"{name!r} is not the name of a file beside it.", "Put photos beside the file.")
    return file.parent / name
