"""Which unit keeps a parcel."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, func, select

from app.book.decisions.people import NewUser, Person, add_unit, add_user, find_user
from app.book.parcel_units import keep_parcels_at, read_units
from app.cli.main import status_of
from app.db.engine import open_engine, writing
from app.db.tables import OrgUnit, Parcel
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


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("parcel,org_unit\na,010\n", "PLACING_FILE"),
        ("parcel_id,org_unit\na,\n", "PLACING_ROW"),
        ("parcel_id,org_unit\na,010\na,001\n", "PLACING_ROW"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(tmp_path: Path, rows: str, code: str) -> None:
    (tmp_path / "units.csv").write_text(rows)
    with pytest.raises(InputError) as refused:
        read_units(tmp_path / "units.csv")
    assert refused.value.code == code


def test_an_administrator_places_parcels_from_a_file(
    tmp_path: Path, migrated_sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = open_engine(migrated_sqlite_url)
    with writing(engine) as connection:
        _bank(connection)
    engine.dispose()
    (tmp_path / "units.csv").write_text("parcel_id,org_unit\na,010\nb,010\n")
    asked = ["people", "place", str(tmp_path / "units.csv"), "--by", "ada", "--database", migrated_sqlite_url]
    assert status_of(asked) == 0
    assert "2 parcels placed, 2 of them anew." in capsys.readouterr().out
