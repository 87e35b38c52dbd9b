"""A run that looked at energy sites knows nothing of crops, and misleads nobody who asks for the newest run."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select, true

from app.alerts.signals.whose import parties_of
from app.api.data.ground import observations
from app.api.office.parcels.newest import newest_run
from app.artefacts.runs import RunShelf
from app.book.applications.weighing import observed
from app.book.portfolio.cuts import Cut
from app.book.portfolio.ground import ground
from app.book.refresh.facts import Moment
from app.db.engine import writing
from app.db.loading import load_run
from app.db.season_runs import no_site, of_crops, watched_alike
from app.db.tables import EnergySite, Parcel, ParcelObservation, Party, Run, Watch
from app.maplayers.facts import Fact, column_of
from app.maplayers.imagery import ImageryShelf
from app.maplayers.parcelset import parcels_within
from geo.sites import SITES_SEASON, SiteType
from tests.app.book.made_up_book import open_bank
from tests.app.db.made_up import made_up_run
from tests.app.maplayers.bank import UNITS, build_bank

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=30)


def load_sites(engine: Engine) -> None:
    """A newer run over the same parcels, which looked at them as sites."""
    record, outlines, parcels, seasons, limits = made_up_run("sites", day=28).tables
    nothing = dict.fromkeys(("crop", "crop_prob", "vigour_pct", "farmer_id", "declared_crop", "cropped_area_ha"))
    parcels = parcels.assign(**nothing, season_id=SITES_SEASON.id, crop_set=[[] for _ in range(len(parcels))])
    load_run(engine, record, outlines, parcels, seasons.head(0), limits.head(0), now=NOW)


def _observations(connection: Connection) -> Any:
    return {name: dict(row) for name, row in observations(connection, ["p000", "p001"]).items()}


def _newest(connection: Connection) -> Any:
    found = newest_run(connection, "p000")
    return found and dict(found)


def _weighed(connection: Connection) -> Any:
    seen = observed(connection, ["p000", "p001"], Moment(LATER.date(), LATER))
    return tuple(json.loads(part.to_json(date_format="iso")) for part in (seen.parcels, seen.seasons))


def _portfolio(connection: Connection) -> Any:
    table = ground(connection, Cut(LATER.date(), LATER, true(), true()))
    return sorted(map(tuple, connection.execute(select(table)).all()))


def _whose(connection: Connection) -> Any:
    return parties_of(connection, ["p000", "p001", "p002"], date(2026, 12, 1))


def _facts(connection: Connection) -> Any:
    parcels = parcels_within(connection, list(UNITS.values()))
    return [column_of(connection, parcels, fact).tolist() for fact in (Fact.CROP, Fact.STATUS, Fact.VIGOUR)]


@pytest.mark.parametrize("read", [_observations, _newest, _weighed, _portfolio, _whose, _facts])
def test_a_run_of_sites_hides_no_crop(engine: Engine, read: Callable[[Connection], Any]) -> None:
    build_bank(engine)
    with writing(engine) as connection:  # f0 farms p000 and p001, as the run of the season says
        connection.execute(insert(Party), [_party()])
    with engine.connect() as connection:
        before = read(connection)
    assert before
    load_sites(engine)
    with engine.connect() as connection:
        assert connection.scalar(select(Run.run_id).order_by(Run.created_at.desc()).limit(1)) == "sites"
        assert read(connection) == before


def _party() -> dict[str, Any]:
    return {"kind": "person", "farmer_id": "f0", "valid_from": NOW - timedelta(days=900), "recorded_at": NOW}


def test_a_run_of_sites_has_no_picture_of_a_season(engine: Engine, tmp_path: Path) -> None:
    build_bank(engine)
    load_sites(engine)
    folder = tmp_path / "sites"
    folder.mkdir()
    asked: list[str] = []

    class Shelf(RunShelf):
        def find(self, run_id: str) -> Path | None:
            asked.append(run_id)
            return None

    shelf = ImageryShelf(engine, Shelf(tmp_path, lambda: 0.0), None, lambda: 0.0)
    assert list(shelf.seen("head")) == []
    assert "sites" not in asked
    assert asked


def test_runs_watches_and_parcels_are_told_apart(engine: Engine) -> None:
    bank = open_bank(engine)
    load_run(engine, *made_up_run("crops").tables, now=NOW)
    load_sites(engine)
    site = {"parcel_id": "p000", "kind": SiteType.SOLAR, "recorded_by_id": bank.people["ada"].id, "recorded_at": NOW}
    watches = [_watch("crops", "2018-10-01/2019-10-31"), _watch("sites", SITES_SEASON.id)]
    with writing(engine) as connection:
        connection.execute(insert(EnergySite), [site])
        connection.execute(insert(Watch), watches)
        assert set(connection.scalars(select(Run.run_id).where(of_crops()))) == {"run-1", "crops"}
        seen = select(ParcelObservation.parcel_id).where(ParcelObservation.run_id == "sites")
        fields = select(Parcel.parcel_id).where(Parcel.parcel_id.in_(seen), no_site()).order_by(Parcel.parcel_id)
        assert list(connection.scalars(fields)) == [f"p{number:03d}" for number in range(1, 6)]
        for season, other in (("2026-10-01/2027-09-30", "crops"), (SITES_SEASON.id, "sites")):
            assert list(connection.scalars(select(Watch.run_id).where(watched_alike(season)))) == [other]


def _watch(run_id: str, season_id: str) -> dict[str, Any]:
    return {
        "id": run_id, "run_id": run_id, "as_of": date(2019, 6, 1), "season_id": season_id, "rules_id": "r",
        "rules_hash": "ab" * 32, "inputs_hash": "cd" * 32, "code_version": "0.1.0", "counts": {}, "recorded_at": NOW,
    }  # fmt: skip
