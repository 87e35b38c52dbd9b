from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from app.db.engine import database_url, open_engine, sqlite_url, writing
from app.db.tables import Parcel
from geo.errors import AcrelineError, DataError, InputError


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "oracle://u:hush@h/d", "postgres://u:hush@h/d", "hush"]
)
def test_a_wrong_url_is_refused(url: str) -> None:
    with pytest.raises(InputError) as caught:
        database_url(url)
    assert "hush" not in str(caught.value)
    assert "postgresql+psycopg://" in str(caught.value)


def test_short_schemes_get_their_driver(tmp_path: Path) -> None:
    assert database_url("postgresql://me@h/d").drivername == "postgresql+psycopg"
    assert database_url(f"sqlite:///{tmp_path}/a.db").drivername == "sqlite+pysqlite"
    assert database_url(sqlite_url(tmp_path / "a b%20?.db")).database == str(tmp_path / "a b%20?.db")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none") as caught:
        open_engine(f"sqlite:///{tmp_path}/none/a.db")
    assert caught.value.code == "DATABASE_FOLDER"


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"not a database, though long enough to be looked at" * 40)
    with pytest.raises(DataError, match=r"a\.db cannot be used: file is not a database"):
        open_engine(f"sqlite:///{tmp_path}/a.db")


@pytest.mark.parametrize("host", ["/nowhere", "127.0.0.1"])
def test_a_server_that_does_not_answer_is_named_without_the_password(host: str) -> None:
    with pytest.raises(AcrelineError) as caught:
        open_engine(f"postgresql+psycopg://me:hush@/acreline?host={host}&port=1")
    assert caught.value.code == "DATABASE_UNREACHABLE"
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert "\n" not in str(caught.value)


def test_sqlite_keeps_keys_and_does_not_block_readers(
    sqlite_database: str, make_engine: Callable[[str], Engine]
) -> None:
    with make_engine(sqlite_database).connect() as connection:
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert int(connection.scalar(text("PRAGMA busy_timeout")) or 0) >= 10_000


def test_nobody_waits_for_a_connection_to_sqlite(make_engine: Callable[[str], Engine], sqlite_database: str) -> None:
    engine = make_engine(sqlite_database)
    with ExitStack() as many:
        held = [many.enter_context(engine.connect()) for _ in range(40)]
        assert [each.scalar(text("SELECT 1")) for each in held] == [1] * 40


def test_a_row_that_refers_to_nothing_is_refused(engine: Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(insert(Parcel), [{"parcel_id": "a", "org_unit_id": 9, "recorded_at": datetime.now(UTC)}])


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    def write_twice() -> None:
        with writing(engine) as connection:
            for _ in range(2):
                connection.execute(insert(Parcel), [{"parcel_id": "a", "recorded_at": datetime.now(UTC)}])

    with pytest.raises(IntegrityError):
        write_twice()
    with engine.connect() as connection:
        assert connection.scalars(select(Parcel.parcel_id)).all() == []


def test_writers_wait_for_each_other(engine: Engine) -> None:
    inside = threading.Event()
    order: list[str] = []

    def second() -> None:
        inside.wait(10)
        with writing(engine):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with writing(engine):
        inside.set()
        thread.join(0.3)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_instants_come_back_aware_and_in_utc(engine: Engine) -> None:
    shanghai = datetime(2026, 11, 20, 8, 30, 1, 5, tzinfo=timezone(timedelta(hours=8)))
    with writing(engine) as connection:
        connection.execute(insert(Parcel), [{"parcel_id": "a", "recorded_at": shanghai}])
    with engine.connect() as connection:
        found = connection.scalar(select(Parcel.recorded_at).where(Parcel.recorded_at == shanghai))
    assert found == shanghai
    assert found is not None
    assert found.utcoffset() == timedelta(0)


def test_an_instant_without_a_zone_is_refused(engine: Engine) -> None:
    naive = datetime(2026, 11, 20, 8, 30)  # noqa: DTZ001 - the point of the test
    with pytest.raises(StatementError, match="no time zone"), writing(engine) as connection:
        connection.execute(insert(Parcel), [{"parcel_id": "a", "recorded_at": naive}])


def test_errors_do_not_repeat_personal_data(engine: Engine) -> None:
    with pytest.raises(IntegrityError) as caught, writing(engine) as connection:
        connection.execute(
            insert(Parcel), [{"parcel_id": "secret", "org_unit_id": 9, "recorded_at": datetime.now(UTC)}]
        )
    assert "secret" not in str(caught.value)
