from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import load_settings
from geo.errors import InputError


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith("ACRELINE_")]:
        monkeypatch.delenv(name)


def _refused() -> InputError:
    with pytest.raises(InputError) as caught:
        load_settings()
    assert caught.value.exit_status == 2
    assert "\n" not in str(caught.value)
    return caught.value


def test_without_any_setting_a_run_keeps_its_own_database(tmp_path: Path) -> None:
    settings = load_settings()
    assert (settings.host, settings.port, settings.scheduler, settings.workers) == ("127.0.0.1", 8000, None, None)
    assert settings.run_database(tmp_path) == f"sqlite+pysqlite:///{tmp_path}/acreline.db"


def test_variables_are_read_when_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ACRELINE_DATABASE_URL", "postgresql+psycopg://me:hush@db/acreline")
    monkeypatch.setenv("ACRELINE_WORKERS", "3")
    monkeypatch.setenv("ACRELINE_SCHEDULER", "tcp://10.0.0.1:8786")
    monkeypatch.setenv("ACRELINE_PORT", "")
    settings = load_settings()
    assert (settings.workers, settings.scheduler, settings.port) == (3, "tcp://10.0.0.1:8786", 8000)
    assert settings.run_database(tmp_path) == "postgresql+psycopg://me:hush@db/acreline"
    assert "hush" not in repr(settings)
    assert "hush" not in settings.model_dump_json()


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        load_settings().port = 1  # type: ignore[misc]  # the point of the test


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ACRELINE_DATABSE_URL", "ACRELINE_DATABASE_URL"),
        ("ACRELINE_WORKER", "ACRELINE_WORKERS"),
        ("acreline_prot", "ACRELINE_PORT"),
        ("ACRELINE_SETTING", "ACRELINE_SETTINGS"),
    ],
)
def test_a_mistyped_variable_is_named_with_the_nearest(monkeypatch: pytest.MonkeyPatch, typed: str, meant: str) -> None:
    monkeypatch.setenv(typed, "1")
    error = _refused()
    assert typed in error.message
    assert meant in error.remedy


def test_a_variable_like_none_lists_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACRELINE_", "1")
    assert "ACRELINE_SCHEDULER" in _refused().remedy


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ACRELINE_WORKERS", "two"),
        ("ACRELINE_WORKERS", "0"),
        ("ACRELINE_PORT", "70000"),
        ("ACRELINE_SCHEDULER", "10.0.0.1"),
    ],
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert name in _refused().message


@pytest.mark.parametrize("url", ["mysql://me:hush@db/x", "hush", "postgresql+asyncpg://me:hush@db/x"])
def test_a_wrong_database_url_is_refused_without_its_password(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("ACRELINE_DATABASE_URL", url)
    error = _refused()
    assert "hush" not in str(error)
    assert error.code in {"DATABASE_URL", "DATABASE_SCHEME"}


def test_the_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "acreline.toml"
    file.write_text('workers = 2\nport = 9000\nhost = "::1"\n', encoding="utf-8")
    monkeypatch.setenv("ACRELINE_PORT", "9001")
    settings = load_settings(file)
    assert (settings.workers, settings.port, settings.host) == (2, 9001, "::1")
    monkeypatch.setenv("ACRELINE_SETTINGS", str(file))
    assert load_settings().workers == 2


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("wrokers = 2\n", "'wrokers'"),
        ("workers = 'two'\n", "'workers'"),
        ("workers = \n", "acreline.toml"),
        ("[database]\nurl = 'x'\n", "'database'"),
    ],
)
def test_a_fault_in_the_file_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str, named: str
) -> None:
    file = tmp_path / "acreline.toml"
    file.write_text(content, encoding="utf-8")
    monkeypatch.setenv("ACRELINE_SETTINGS", str(file))
    error = _refused()
    assert named in error.message
    assert str(file) in error.message


def test_a_missing_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ACRELINE_SETTINGS", str(tmp_path / "none.toml"))
    assert "none.toml" in _refused().message
