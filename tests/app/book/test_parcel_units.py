"""Which unit keeps a parcel."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, func, select

from app.book.decisions.people import NewUser, Person, add_unit, add_user, find_user
from app.book.parcel_units import keep_parcels_at, place_in_villages, read_placing
from app.book.villages import InVillage, village_codes
from app.cli.main import status_of
from app.db.engine import open_engine, writing
from app.db.tables import OrgUnit, Parcel, Village
from app.db.tables.kinds import OrgKind, UserRole
from geo.errors import InputError

NOW = datetime(2026, 11, 9, tzinfo=UTC)


def _bank(connection: Connection) -> Person:
    for code, kind, parent in (("001", OrgKind.HEAD_OFFICE, None), ("010", OrgKind.BRANCH, "001")):
        add_unit(connection, code, code, kind, parent, NOW)
    admin = add_user(connection, NewUser("ada", "Ada", UserRole.ADMIN, "001", "en"), None, NOW)
    add_user(connection, NewUser("olga", "Olga", UserRole.OFFICER, "010", "en"), admin, NOW)
    connection.execute(Parcel.__table__.insert(), [{"parcel_id": key, "recorded_at": NOW} for key in ("a", "b")])  # type: ignore[attr-defined]
    return admin


def test_parcels_are_placed_by_an_administrator_all_or_none(engine: Engine) -> None:
    with writing(engine) as connection:
        admin = _bank(connection)
        assert keep_parcels_at(connection, {"a": "010", "b": "001"}, admin) == 2
        assert keep_parcels_at(connection, {"a": "010", "b": "010"}, admin) == 1
        for units, said in (({"a": "099"}, "unit '099'"), ({"a": "001", "zz": "001"}, "parcel 'zz'")):
            with pytest.raises(InputError, match=said):
                keep_parcels_at(connection, units, admin)
        with pytest.raises(InputError, match="role officer"):
            keep_parcels_at(connection, {"a": "001"}, find_user(connection, "olga"))
        kept = select(func.count()).select_from(Parcel).join(OrgUnit).where(OrgUnit.code == "010")
        assert connection.scalar(kept) == 2


def test_parcels_lie_in_villages_and_a_village_may_be_called_otherwise(engine: Engine) -> None:
    with writing(engine) as connection:
        admin = _bank(connection)
        first = {key: InVillage("371522103201", "Liuzhuang") for key in ("a", "b")}
        assert place_in_villages(connection, first, admin, NOW) == 2
        assert place_in_villages(connection, first, admin, NOW) == 0
        renamed = {"a": InVillage("371522103201", "Liu zhuang"), "b": InVillage("371522103202", "Dongpo")}
        assert place_in_villages(connection, renamed, admin, NOW) == 1
        assert village_codes(connection, ["a", "b"]) == {"a": "371522103201", "b": "371522103202"}
        names = connection.execute(select(Village.code, Village.name).order_by(Village.code)).all()
        assert [tuple(row) for row in names] == [("371522103201", "Liu zhuang"), ("371522103202", "Dongpo")]
        with pytest.raises(InputError, match="parcel 'zz'"):
            place_in_villages(connection, {"zz": InVillage("1", "One")}, admin, NOW)
        with pytest.raises(InputError, match="role officer"):
            place_in_villages(connection, first, find_user(connection, "olga"), NOW)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("parcel,org_unit\na,010\n", "PLACING_FILE"),
        ("parcel_id,org_unit\na,\n", "PLACING_ROW"),
        ("parcel_id,org_unit\na,010\na,001\n", "PLACING_ROW"),
        ("parcel_id,village_code\na,371522103201\n", "PLACING_FILE"),
        ("parcel_id,village_code,village\na,371522103201,\n", "PLACING_ROW"),
        ("parcel_id,village_code,village\na,3.71522E+11,Liuzhuang\n", "PLACING_ROW"),
        ("parcel_id,village\na,Liuzhuang\na,Dongpo\n", "PLACING_ROW"),
        ("parcel_id,village_code,village\na,371522103201,Liuzhuang\nb,371522103201,Dongpo\n", "PLACING_ROW"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(tmp_path: Path, rows: str, code: str) -> None:
    (tmp_path / "units.csv").write_text(rows)
    with pytest.raises(InputError) as refused:
        read_placing(tmp_path / "units.csv")
    assert refused.value.code == code


def test_an_administrator_places_parcels_from_a_file(
    tmp_path: Path, migrated_sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = open_engine(migrated_sqlite_url)
    with writing(engine) as connection:
        _bank(connection)
    engine.dispose()
    rows = "parcel_id,org_unit,village_code,village\na,010,371522103201,Liuzhuang\nb,010,,\n"
    (tmp_path / "units.csv").write_text(rows)
    asked = ["people", "place", str(tmp_path / "units.csv"), "--by", "ada", "--database", migrated_sqlite_url]
    assert status_of(asked) == 0
    said = capsys.readouterr().out
    assert "2 parcels placed, 2 of them anew." in said
    assert "1 parcels in villages, 1 of them anew." in said
