from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from app.artefacts.runs import RunShelf
from app.db import tables as t
from geo.manifest import verify_manifest
from geo.sites import SiteType
from tests.app.book.made_up_book import open_bank
from tests.app.sites.standing_sites import stand_site


@pytest.mark.parametrize("kind", list(SiteType))
def test_a_site_of_each_type_stands_with_rows_and_folders(engine: Engine, tmp_path: Path, kind: SiteType) -> None:
    open_bank(engine)
    stood = stand_site(engine, tmp_path, kind)
    shelf = RunShelf(tmp_path, lambda: 0.0)
    for run_id, folder in zip(stood.run_ids, stood.folders, strict=True):
        assert shelf.folder(run_id) == folder
        verify_manifest(folder)
    with engine.connect() as connection:
        standings = connection.execute(select(t.SiteStanding.__table__).order_by(t.SiteStanding.as_of)).mappings().all()
        looks = connection.scalar(select(func.count()).select_from(t.SiteLook))
        (alert,) = connection.execute(select(t.Alert.level, t.Alert.ended_on)).all()
    assert [row["watch_id"] for row in standings] == list(stood.watch_ids)
    assert all(row["low"] <= row["share"] <= row["high"] for row in standings)
    assert tuple(alert) == ("warning", None)
    assert looks == sum(len(stood.site.looks(row["as_of"])) for row in standings)


def test_a_site_that_no_look_shows_stands_unseen(engine: Engine, tmp_path: Path) -> None:
    open_bank(engine)
    stand_site(engine, tmp_path, standing="unseen", watches=1)
    with engine.connect() as connection:
        row = connection.execute(select(t.SiteStanding.__table__)).mappings().one()
        assert (row["seen_on"], row["share"], row["standing"]) == (None, None, "unseen")
        assert connection.scalar(select(func.count()).select_from(t.Alert)) == 0
