"""Messages of the Common Alerting Protocol 1.2 (OASIS Standard, 1 July 2010), in which weather services warn."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.etree.ElementTree import Element

import shapely
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from app.alerts.signals.areas import CodedAreas
from app.alerts.signals.plain_xml import parse_plain
from app.alerts.signals.stated import SAID_CHARACTERS, Fault, SignalFile, Stated, Withdrawn, area_fault
from app.db.tables.alert_kinds import AlertLevel, SignalKind
from geo.errors import InputError

_NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
_LEVELS: Final = {
    "Extreme": AlertLevel.ACTION,
    "Severe": AlertLevel.WARNING,
    "Moderate": AlertLevel.WATCH,
    "Minor": AlertLevel.INFO,
    "Unknown": None,
}
_SPOKEN: Final = ("Alert", "Update", "Cancel")
_MOST_KEY: Final = 128
_POINTS: Final = 64
_LEAST_POINTS: Final = 4
_REFERENCE_PARTS: Final = 3
_SPHEROID: Final = Geod(ellps="WGS84")


class _MessageError(ValueError):
    """What is wrong with a message, without what stands there."""


@dataclass(frozen=True, slots=True)
class _Message:
    place: str
    key: str
    sent_at: datetime
    kind: SignalKind | None
    infos: Sequence[Element]
    areas: CodedAreas

    def signals(self) -> tuple[Stated, ...]:
        return tuple(self._signal(info, number) for number, info in enumerate(self.infos, 1))

    def _signal(self, info: Element, number: int) -> Stated:
        starts = _instant(info, "onset") or _instant(info, "effective") or self.sent_at
        expires = _instant(info, "expires")
        severity = _text(info, "severity") or "Unknown"
        if severity not in _LEVELS:
            raise _MessageError(f"the severity is none of {', '.join(_LEVELS)}")
        if expires is not None and expires < starts:
            raise _MessageError("it expires before its onset")
        return Stated(
            place=self.place,
            kind=self.kind or (SignalKind.WEATHER_WARNING if _text(info, "category") == "Met" else SignalKind.OTHER),
            external_id=self.key if number == 1 else f"{self.key}#{number}",
            said=_said(info),
            starts_on=starts.date(),
            ends_on=starts.date() if expires is None else expires.date(),
            level=_LEVELS[severity],
            area=_ground(info, self.areas),
            as_of=self.sent_at.date(),
            message=self.key,
        )


def read_message(
    name: str, content: bytes, kind: SignalKind | None, language: str, areas: CodedAreas | None
) -> tuple[list[Fault], SignalFile]:
    """Signals of one message: one for each info block in the language; days are local by the message's own offsets.

    Tests, drafts, exercises, acknowledgements and errors are passed over. An Update or Cancel takes back what it
    refers to.

    Args:
        name: of the file.
        content: of it.
        kind: of the signals; None: weather warnings where the category is Met, others otherwise.
        language: tag whose info blocks are taken ("zh" takes zh-CN); where there is none, those of the first block.
        areas: outlines of the codes of areas that have no polygon.

    Raises:
        InputError: it is no CAP 1.2 message.
    """
    alert = parse_plain(name, content)
    if alert.tag != f"{_NAMESPACE} alert":
        raise InputError("SIGNAL_XML", f"{name} is no CAP 1.2 message.", f"Its root is alert in {_NAMESPACE}.")
    try:
        kind_of_message = _need(alert, "msgType")
        if _need(alert, "status") != "Actual" or kind_of_message not in _SPOKEN:
            return [], SignalFile((), passed_over=1)
        key = _key(_need(alert, "sender"), _need(alert, "identifier"))
        sent_at = _sent_at(alert)
        withdrawn = tuple(_withdrawn(alert, key, sent_at)) if kind_of_message != "Alert" else ()
        infos = _in_language(alert, language) if kind_of_message != "Cancel" else ()
        signals = _Message(name, key, sent_at, kind, infos, areas or {}).signals()
    except _MessageError as error:
        return [Fault(name, str(error))], SignalFile(())
    return [], SignalFile(signals, withdrawn)


def _sent_at(alert: Element) -> datetime:
    sent_at = _instant(alert, "sent")
    if sent_at is None:
        raise _MessageError("sent is missing")
    return sent_at


def _in_language(alert: Element, language: str) -> list[Element]:
    infos = _all(alert, "info")
    if not infos:
        raise _MessageError("it has no info block")
    tags = [(_text(info, "language") or "en-US").lower() for info in infos]
    chosen = next((tag for tag in tags if tag.split("-")[0] == language.lower().split("-")[0]), tags[0])
    return [info for info, tag in zip(infos, tags, strict=True) if tag == chosen]


def _withdrawn(alert: Element, key: str, sent_at: datetime) -> Iterator[Withdrawn]:
    references = (_text(alert, "references") or "").split()
    if not references:
        raise _MessageError("it takes back messages and names none (references)")
    for reference in references:
        parts = reference.split(",")
        if len(parts) != _REFERENCE_PARTS:
            raise _MessageError("a reference is not sender,identifier,sent")
        yield Withdrawn(_key(parts[0], parts[1]), sent_at, key)


def _key(sender: str, identifier: str) -> str:
    """Name of a message in the database: short of room for the numbers of its blocks, a hash."""
    key = f"{sender},{identifier}"
    return key if len(key) <= _MOST_KEY - 4 else f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def _said(info: Element) -> str:
    parts = [_text(info, "headline") or _text(info, "event"), _text(info, "description"), _text(info, "instruction")]
    where = [each for area in _all(info, "area") if (each := _text(area, "areaDesc"))]
    said = "\n".join([each for each in parts if each] + ([f"({'; '.join(where)})"] if where else []))
    if not said:
        raise _MessageError("it says nothing (headline, event, description)")
    return said if len(said) <= SAID_CHARACTERS else f"{said[: SAID_CHARACTERS - 1]}…"


def _ground(info: Element, areas: CodedAreas) -> BaseGeometry:
    shapes = [shape for area in _all(info, "area") for shape in _shapes(area, areas)]
    if not shapes:
        raise _MessageError("it names no area")
    return shapely.union_all(shapes)


def _shapes(area: Element, areas: CodedAreas) -> list[BaseGeometry]:
    shapes = [_polygon(each.text or "") for each in _all(area, "polygon")]
    shapes += [_circle(each.text or "") for each in _all(area, "circle")]
    if shapes:
        return shapes
    codes = [code for each in _all(area, "geocode") if (code := _text(each, "value"))]
    known = [areas[code] for code in codes if code in areas]
    if not known:
        raise _MessageError("an area has neither polygon nor circle, and --areas holds none of its codes")
    return known


def _polygon(said: str) -> BaseGeometry:
    """Outline of "latitude,longitude latitude,longitude ...", the first point again at the end."""
    points = [_position(each) for each in said.split()]
    if len(points) < _LEAST_POINTS or points[0] != points[-1]:
        raise _MessageError("a polygon has fewer than four points, or is not closed")
    shape = shapely.make_valid(shapely.Polygon(points))
    fault = area_fault(shape)
    if fault:
        raise _MessageError(fault)
    return shape


def _circle(said: str) -> BaseGeometry:
    """Outline of "latitude,longitude radius", the radius in km along the spheroid; a point has a radius of 10 m."""
    parts = said.split()
    if len(parts) != 2:  # noqa: PLR2004 - centre and radius
        raise _MessageError("a circle is not latitude,longitude radius")
    longitude, latitude = _position(parts[0])
    metres = max(_number(parts[1]) * 1_000, 10.0)
    bearings = [360 * step / _POINTS for step in range(_POINTS)]
    xs, ys, _ = _SPHEROID.fwd([longitude] * _POINTS, [latitude] * _POINTS, bearings, [metres] * _POINTS)
    shape = shapely.Polygon(zip(xs, ys, strict=True))
    fault = area_fault(shape)
    if fault:
        raise _MessageError(fault)
    return shape


def _position(said: str) -> tuple[float, float]:
    parts = said.split(",")
    if len(parts) != 2:  # noqa: PLR2004 - latitude and longitude
        raise _MessageError("a position is not latitude,longitude")
    return _number(parts[1]), _number(parts[0])


def _number(said: str) -> float:
    try:
        return float(said)
    except ValueError as error:
        raise _MessageError("a position or radius is no number") from error


def _instant(element: Element, name: str) -> datetime | None:
    said = _text(element, name)
    if said is None:
        return None
    try:
        instant = datetime.fromisoformat(said)
    except ValueError as error:
        raise _MessageError(f"{name} is no instant (2026-05-01T10:00:00+08:00)") from error
    if instant.tzinfo is None:
        raise _MessageError(f"{name} has no time zone")
    return instant


def _need(element: Element, name: str) -> str:
    said = _text(element, name)
    if said is None:
        raise _MessageError(f"{name} is missing")
    return said


def _text(element: Element, name: str) -> str | None:
    found = next(iter(_all(element, name)), None)
    said = "" if found is None else (found.text or "").strip()
    return said or None


def _all(element: Element, name: str) -> list[Element]:
    return [child for child in element if child.tag == f"{_NAMESPACE} {name}"]
