from __future__ import annotations

from datetime import date

import pytest
import shapely

from app.alerts.signals.areas import CodedAreas
from app.alerts.signals.cap import read_message
from app.alerts.signals.stated import Stated
from app.db.tables.alert_kinds import AlertLevel, SignalKind
from geo.errors import InputError
from tests.app.alerts.signals.messages import AROUND, info, message, reference


def _read(content: bytes, language: str = "en", areas: CodedAreas | None = None) -> list[Stated]:
    faults, file = read_message("m.xml", content, None, language, areas)
    assert not faults
    return list(file.signals)


def _fault(content: bytes) -> str:
    faults, file = read_message("m.xml", content, None, "en", None)
    assert not file.signals
    return "; ".join(map(str, faults))


def test_a_warning_becomes_a_signal_with_local_days_and_its_ground() -> None:
    (found,) = _read(message())
    assert (found.kind, found.level) == (SignalKind.WEATHER_WARNING, AlertLevel.WARNING)
    assert (found.as_of, found.starts_on, found.ends_on) == (date(2026, 11, 16), date(2026, 11, 16), date(2026, 11, 17))
    assert found.external_id == "met@example.org,m1"
    assert found.said == "Hail over the plain\n(The plain)"
    assert found.area is not None
    assert found.area.bounds == (3.99, 50.99, 4.016, 51.02)  # longitude first


@pytest.mark.parametrize(
    ("severity", "level"),
    [("Extreme", "action"), ("Severe", "warning"), ("Moderate", "watch"), ("Minor", "info"), ("Unknown", None)],
)
def test_severities_are_levels(severity: str, level: str | None) -> None:
    assert _read(message("m1", info(severity=severity)))[0].level == level


def test_the_language_that_is_asked_for_is_taken_or_else_the_first() -> None:
    both = message("m1", info("zh-CN", "冰雹"), info("en-GB", "Hail"))
    assert _read(both, "zh")[0].said.startswith("冰雹")
    assert _read(both, "en")[0].said.startswith("Hail")
    assert _read(both, "pt")[0].said.startswith("冰雹")


def test_several_blocks_of_a_language_are_signals_of_their_own() -> None:
    found = _read(message("m1", info(event="Hail"), info(event="Wind", severity="Minor")))
    assert [each.external_id for each in found] == ["met@example.org,m1", "met@example.org,m1#2"]
    assert {each.message for each in found} == {"met@example.org,m1"}


def test_circles_and_codes_are_ground_too() -> None:
    (found,) = _read(message("m1", info(ground="<circle>51.0,4.0 20</circle>")))
    assert found.area is not None
    west, south, east, north = found.area.bounds
    assert east - west == pytest.approx(40 / 70.2, rel=0.01)  # 70.2 km a degree of longitude at 51 N
    assert north - south == pytest.approx(40 / 111.2, rel=0.01)
    coded = "<geocode><valueName>EMMA_ID</valueName><value>NL001</value></geocode>"
    areas = {"NL001": shapely.box(4, 51, 5, 52)}
    assert _read(message("m1", info(ground=coded)), areas=areas)[0].area == shapely.union_all([areas["NL001"]])
    assert "--areas holds none" in _fault(message("m1", info(ground=coded)))


def test_without_an_end_a_warning_is_of_its_first_day() -> None:
    (found,) = _read(message("m1", info(expires="")))
    assert found.ends_on == found.starts_on


@pytest.mark.parametrize(("kind", "status"), [("Alert", "Test"), ("Alert", "Exercise"), ("Ack", "Actual")])
def test_what_is_no_warning_is_passed_over(kind: str, status: str) -> None:
    faults, file = read_message("m.xml", message(kind=kind, status=status), None, "en", None)
    assert (faults, file.signals, file.passed_over) == ([], (), 1)


def test_updates_and_cancels_take_back_what_they_refer_to() -> None:
    _, update = read_message("m.xml", message("m2", kind="Update", references=reference("m1")), None, "en", None)
    _, cancel = read_message("m.xml", message("m3", kind="Cancel", references=reference("m2")), None, "en", None)
    assert [each.message for each in update.withdrawn] == ["met@example.org,m1"]
    assert len(update.signals) == 1
    assert [each.message for each in cancel.withdrawn] == ["met@example.org,m2"]
    assert cancel.signals == ()
    assert "names none" in _fault(message("m2", kind="Update"))


def test_long_numbers_of_messages_are_hashed() -> None:
    assert _read(message("x" * 200))[0].external_id.startswith("sha256:")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (message("m1", info(severity="Bad")), "severity is none of"),
        (message("m1", info(ground="<polygon>51,4 51,5 52,5</polygon>")), "not closed"),
        (message("m1", info(ground="<polygon>4,151 5,151 5,152 4,151</polygon>")), None),
        (message("m1", info(ground="<polygon>151,4 151,5 152,5 151,4</polygon>")), "not in degrees"),
        (message("m1", info(ground="<polygon>a,4 1,5 2,5 a,4</polygon>")), "no number"),
        (message("m1", info(ground="<polygon>nan,4 1,5 2,5 nan,4</polygon>")), "polygon"),
        (message("m1", info(ground="<circle>51,4</circle>")), "not latitude,longitude radius"),
        (message(sent="2026-11-16T22:00:00"), "no time zone"),
        (message(sent="yesterday"), "no instant"),
        (message("m1", info(expires="<expires>2026-11-15T20:00:00+08:00</expires>")), "before its onset"),
        (message().replace(b"met@example.org", b""), "sender is missing"),
    ],
)
def test_faults_are_named(content: bytes, said: str | None) -> None:
    if said is None:
        assert len(_read(content)) == 1
    else:
        assert said in _fault(content)


BILLION = "<!DOCTYPE a [<!ENTITY x 'ha'><!ENTITY y '&x;&x;&x;'>]>"
OUTSIDE = "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (message(before=BILLION), "document type"),
        (message(before=OUTSIDE), "document type"),
        (b"<alert>", "not well-formed"),
        (b"<alert/>", "no CAP 1.2"),
        (message().replace(b"cap:1.2", b"cap:1.1"), "no CAP 1.2"),
        (b"<a>" * 60 + b"</a>" * 60, "deeper"),
    ],
)
def test_what_is_no_message_or_hides_something_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_message("m.xml", content, None, "en", None)


def test_a_polygon_that_crosses_itself_is_mended() -> None:
    bow = "51,4 52,5 51,5 52,4 51,4"
    (found,) = _read(message("m1", info(ground=f"<polygon>{bow}</polygon><polygon>{AROUND}</polygon>")))
    assert found.area is not None
    assert found.area.is_valid


def test_other_encodings_are_read_as_they_say() -> None:
    chinese = message("m1", info("zh-CN", "冰雹")).decode().replace("UTF-8", "GB18030")
    assert _read(chinese.encode("gb18030"), "zh")[0].said.startswith("冰雹")
    with pytest.raises(InputError, match="is not in gb18030"):
        _read(chinese.encode("utf-8") + b"\xff")
    with pytest.raises(InputError, match="is not in klingon"):
        _read(chinese.replace("GB18030", "klingon").encode())
