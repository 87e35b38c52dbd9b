from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
from PIL import Image
from pyproj import Geod
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.alerts.visits.phone_file import number_of, read_visits
from app.alerts.visits.photos import keep, kept_at, read_photo
from app.alerts.visits.positions import distance_m
from app.db.tables import Alert, AlertEvent, Visit
from geo.errors import InputError
from tests.app.alerts.desk import NOW, Desk, picture

#: Within p000, which is 0.005 degrees wide, and two places outside it.
INSIDE, BESIDE, AWAY = (4.0025, 51.0025), (4.0064, 51.0025), (4.02, 51.0025)
AT = datetime(2019, 6, 18, 7, 30, tzinfo=UTC)


def _count(desk: Desk) -> int:
    with desk.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(Visit)) or 0


def test_a_visit_says_how_far_from_the_parcel_it_was_made(desk: Desk) -> None:
    for place, accuracy, metres, far in (
        (INSIDE, 8.0, 0.0, False),
        (BESIDE, 8.0, 98.3, False),
        (AWAY, 8.0, 1053.3, True),
        (AWAY, 700.0, 1053.3, False),
    ):
        done = desk.visit(longitude=place[0], latitude=place[1], accuracy_m=accuracy)
        assert done.distance_m == pytest.approx(metres, abs=0.5)
        assert done.far is far
        # The edge runs north and south: the geodesic to its point at the same latitude is the way, to the metre.
        geodesic = Geod(ellps="WGS84").inv(*place, 4.005, place[1])[2] if metres else 0.0
        assert done.distance_m == pytest.approx(geodesic, abs=0.5)


def test_distances_hold_far_away_and_near_the_pole() -> None:
    square = shapely.box(10.0, 80.0, 10.1, 80.1)
    assert distance_m(10.05, 79.0, square) == pytest.approx(
        Geod(ellps="WGS84").inv(10.05, 79.0, 10.05, 80.0)[2], rel=2e-4
    )
    corner = Geod(ellps="WGS84").inv(40.0, -10.0, 10.1, 80.0)[2]
    assert distance_m(40.0, -10.0, square) == pytest.approx(corner, rel=1e-6)


def test_a_visit_stands_in_the_history_of_its_alert_and_makes_it_visited(desk: Desk) -> None:
    done = desk.visit("partly", loss_share=0.4, cause_found="hail", note="western half lodged")
    assert desk.status() == "visited"
    with desk.engine.connect() as connection:
        (event,) = connection.execute(select(AlertEvent.__table__).where(AlertEvent.kind == "visited")).mappings()
        (visit,) = connection.execute(select(Visit.__table__)).mappings()
    assert event["evidence"] == {"visit": done.number, "outcome": "partly", "photo_m": None}
    assert (visit["loss_share"], visit["cause_found"], visit["note"]) == (0.4, "hail", "western half lodged")
    assert (visit["captured_at"], visit["distance_m"], visit["photo_hash"]) == (AT, None, None)


def test_who_did_not_get_there_leaves_the_alert_open(desk: Desk) -> None:
    desk.visit("not_reached")
    assert desk.status() == "open"
    assert [kind for kind, _ in desk.said()] == ["noted"]


def test_the_same_visit_again_is_there_already(desk: Desk) -> None:
    first = desk.visit(longitude=INSIDE[0], latitude=INSIDE[1])
    again = desk.visit(longitude=INSIDE[0], latitude=INSIDE[1], now=NOW + timedelta(days=1))
    other = desk.visit("not_confirmed", longitude=INSIDE[0], latitude=INSIDE[1])
    assert (again.new, again.number, other.new) == (False, first.number, True)
    assert _count(desk) == 2
    assert len(desk.said()) == 2


#: What does not fit, and what the message says of it.
_WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"officers": ("olga", "olga")}, "cannot be both officers"),
    ({"officers": ("olga", "nobody")}, "Nobody has the login"),
    ({"officers": ("olga", "ada")}, "has the role admin"),
    ({"officers": ("olga", "berta")}, "belongs to another"),
    ({"captured_at": NOW + timedelta(hours=1)}, "has not happened yet"),
    ({"captured_at": datetime(2019, 5, 17, tzinfo=UTC)}, "14 days before alert"),
    ({"longitude": 4.0}, "a longitude and a latitude"),
    ({"longitude": 51.0, "latitude": 104.0}, "no position"),
    ({"accuracy_m": -1.0}, "cannot be"),
    ({"loss_share": 40.0}, "0.4 is 40 %"),
    ({"outcome": "other_cause"}, "not what was found"),
    ({"cause_found": "it was hail"}, "no key of a cause"),
    ({"parcel_id": "p001"}, "not 'p001'"),
    ({"note": "tel. 13800000000"}, "without names"),
    ({"parcel": None, "parcel_id": "p999"}, "no parcel 'p999'"),
    ({"parcel": None}, "to an alert or to a parcel"),
    ({"parcel": None, "parcel_id": "p005"}, "not what was found"),
)


def test_a_visit_that_cannot_be_is_refused(desk: Desk) -> None:
    for changed, said in _WRONG:
        with pytest.raises(InputError, match=said):
            desk.visit(**changed)
    assert _count(desk) == 0


def test_visits_never_change(desk: Desk) -> None:
    desk.visit()
    for statement in ("UPDATE visit SET note = 'x'", "DELETE FROM visit"):
        with pytest.raises(DBAPIError, match="never change"), desk.engine.begin() as connection:
            connection.execute(text(statement))


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_photo_keeps_its_picture_and_nothing_else(tmp_path: Path, form: str) -> None:
    photo = read_photo(picture(tmp_path, gps=True, form=form))
    assert photo.position == pytest.approx(INSIDE)
    assert b"PhoneMaker" not in photo.content
    assert b"secret" not in photo.content
    with Image.open(io.BytesIO(photo.content)) as kept:
        assert (kept.format, kept.size) == (form, (48, 64))  # upright now
        assert not kept.getexif()
        assert kept.getpixel((20, 20)) == pytest.approx((200, 30, 30), abs=6)
    folder = tmp_path / "kept"
    digest = keep(folder, photo)
    keep(folder, read_photo(picture(tmp_path, gps=True, form=form, name="other")))
    files = [each for each in folder.rglob("*") if each.is_file()]
    assert files == [kept_at(folder, digest)]
    assert files[0].stat().st_mode & 0o077 == 0


def test_files_that_are_no_photos_are_refused(tmp_path: Path) -> None:
    photo = picture(tmp_path)
    bad = {
        "gif.jpg": b"GIF89a" + b"\0" * 50,
        "cut.jpg": photo.read_bytes()[:300],
        "page.png": b"\x89PNG\r\n\x1a\n<script>",
        "empty.jpg": b"",
    }
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=name):
            read_photo(tmp_path / name)
    with pytest.raises(InputError, match="cannot be read"):
        read_photo(tmp_path / "none.jpg")
    with (tmp_path / "huge.jpg").open("wb") as huge:
        huge.truncate(21 * 2**20)
    with pytest.raises(InputError, match="21 MiB"):
        read_photo(tmp_path / "huge.jpg")
    Image.new("L", (9_000, 9_000)).save(tmp_path / "wide.png")
    with pytest.raises(InputError, match="81 million pixels"):
        read_photo(tmp_path / "wide.png")


def test_the_position_in_a_photo_is_compared_and_not_kept(desk: Desk, tmp_path: Path) -> None:
    photo = read_photo(picture(tmp_path, gps=True))
    done = desk.visit(longitude=AWAY[0], latitude=AWAY[1], photo=photo)
    assert done.photo_m == pytest.approx(Geod(ellps="WGS84").inv(*INSIDE, *AWAY)[2], abs=1)
    with desk.engine.connect() as connection:
        (visit,) = connection.execute(select(Visit.__table__)).mappings()
    assert (visit["longitude"], visit["photo_hash"]) == (AWAY[0], photo.digest)


def _line(**changed: Any) -> dict[str, Any]:
    plain = {"alert": 1, "by": "olga", "with": "otto", "at": "2019-06-18T09:30:00+02:00", "outcome": "confirmed"}
    return {name: value for name, value in (plain | changed).items() if value is not None}


def test_a_file_of_visits_is_read_line_by_line(tmp_path: Path) -> None:
    picture(tmp_path)
    file = tmp_path / "visits.jsonl"
    file.write_text(
        "\n".join(
            ["", json.dumps(_line(photo="photo.jpg", lon=4.0, lat=51.0)), json.dumps(_line(parcel="p001", alert=None))]
        )
    )
    first, second = read_visits(file)
    assert (first.number, second.number, second.said.parcel) == (2, 3, "p001")
    assert (first.said.at, first.photo is not None) == (AT, True)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 1: the line"),
        (json.dumps(_line(at="2019-06-18T09:30:00")), "line 1: at"),
        (json.dumps(_line(outcome="great")), "line 1: outcome"),
        (json.dumps(_line(lon="NaN")), "line 1: lon"),
        (json.dumps(_line(pilot="x")), "line 1: pilot"),
        (json.dumps(_line(by=None)), "line 1: by"),
        (json.dumps(_line(photo="../photo.jpg")), "is not the name of a file"),
        (json.dumps(_line(photo="/etc/passwd")), "is not the name of a file"),
        (json.dumps(_line(photo="none.jpg")), "line 1: The photo none.jpg"),
    ],
)
def test_a_line_that_does_not_fit_is_named(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "visits.jsonl"
    file.write_text(line)
    with pytest.raises(InputError, match=said):
        read_visits(file)


def test_an_alert_is_named_by_its_number_its_key_or_the_beginning_of_it(desk: Desk) -> None:
    number = desk.number("p000")
    with desk.engine.connect() as connection:
        key = connection.scalars(select(Alert.key).where(Alert.id == number)).one()
        assert {number_of(connection, named) for named in (number, str(number), key, key[:8])} == {number}
        for wrong in ("999", "abc", "0000000000", "99999999999999999999999"):
            with pytest.raises(InputError, match="no alert"):
                number_of(connection, wrong)
