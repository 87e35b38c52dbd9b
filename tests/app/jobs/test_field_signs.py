from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from app.jobs.field_signs import MarkRequest, run_marks, run_signs, watch_signs
from geo.errors import DataError, InputError
from geo.season import parse_season
from scoring.alerts.state import state_of
from tests.app.alerts.told import told
from tests.app.jobs.told_watch import write_told

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LOSS = "abrupt_loss"


def test_open_own_alerts_of_level_action_are_read_from_the_latest_watch(tmp_path: Path) -> None:
    action = ("p1", LOSS, "06-01", "06-01", "opened", "action")
    raised = (("p2", LOSS, "06-01", "06-01", "opened", "watch"), ("p2", LOSS, "06-01", "06-11", "raised", "action"))
    ended = (("p3", LOSS, "06-01", "06-01", "opened", "action"), ("p3", LOSS, "06-01", "06-11", "ended", "none"))
    write_told(tmp_path / "20190605-a", date(2019, 6, 5), action, raised[0])
    later = write_told(tmp_path / "20190615-b", date(2019, 6, 15), action, *raised, *ended)
    assert watch_signs(tmp_path, date(2019, 6, 10)).alerted == {"p1"}
    assert watch_signs(tmp_path, date(2019, 6, 15)).alerted == watch_signs(later, date(2019, 7, 1)).alerted
    assert watch_signs(later, date(2019, 7, 1)).alerted == {"p1", "p2"}
    regional = write_told(tmp_path / "20190701-c", date(2019, 7, 1), action, scope="regional")
    assert watch_signs(regional, date(2019, 7, 1)).alerted == frozenset()


def test_a_folder_without_a_watch_of_the_day_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no watch"):
        watch_signs(tmp_path / "none", date(2019, 7, 1))
    folder = write_told(tmp_path / "20190605-a", date(2019, 6, 5))
    with pytest.raises(InputError, match="of 2019-06-05, past 2019-06-01"):
        watch_signs(tmp_path, date(2019, 6, 1))
    (folder / "alerts.parquet").write_bytes(b"damaged")
    with pytest.raises(DataError):
        watch_signs(folder, date(2019, 7, 1))


def test_signs_of_a_run_are_those_of_the_crop_that_was_planned(finished: tuple[Path, object]) -> None:
    run, _ = finished
    season = parse_season("2023-11-01/2024-10-31")
    asked = MarkRequest(run, calendars=("cn-huanghuaihai",))
    late, early = (run_marks(asked, day, NOW) for day in (date(2024, 10, 25), date(2023, 11, 20)))
    assert set(late.marker) == {"sowing", "canopy", "harvest"}
    assert set(late.parcel_id) == set(early.parcel_id)
    assert not ((early.marker == "canopy") & (early.outcome == "closed")).any()
    found = run_signs(asked, season, date(2024, 10, 25), NOW)
    assert found.closed
    assert found.observed >= found.closed
    unplanned = dict.fromkeys(late.parcel_id.tolist(), "no_such_crop")
    assert run_signs(asked, season, date(2024, 10, 25), NOW, unplanned).closed == frozenset()
    with pytest.raises(InputError, match="lies after today"):
        run_marks(asked, NOW.date() + timedelta(days=3), NOW)
    with pytest.raises(DataError, match="holds no finished run"):
        run_marks(MarkRequest(run / "nothing"), date(2024, 5, 1), NOW)


def test_the_state_of_a_watch_has_the_columns_that_are_read() -> None:
    table: pa.Table = state_of(told(("p1", LOSS, "06-01", "06-01", "opened", "action")), date(2019, 6, 1))
    assert {"subject_id", "level", "scope"} <= set(table.column_names)
