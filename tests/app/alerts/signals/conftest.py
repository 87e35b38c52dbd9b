"""A bank with six parcels: p000 and p001 of f0, who agreed, p002 of f1, who did not, and f9, an organisation."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from app.book.parties.consents import Agreed, give
from app.book.parties.party_file import Entry
from app.db.engine import writing
from app.db.loading import load_run
from app.db.tables.kinds import ConsentPurpose
from tests.app.book.farmers import LONG_AGO, NOW, take_in
from tests.app.db.made_up import made_up_run


@pytest.fixture
def bank(engine: Engine) -> Engine:
    load_run(engine, *made_up_run().tables, now=NOW)
    entries = (Entry(farmer_id="f0"), Entry(farmer_id="f1"), Entry(farmer_id="f9", kind="organisation"))
    agreed = take_in(engine, *entries, now=LONG_AGO).party_ids[0]
    with writing(engine) as connection:
        for purpose in (ConsentPurpose.BUREAU, ConsentPurpose.PROCESSING):
            give(connection, agreed, Agreed(purpose, "1", "zh"), LONG_AGO, LONG_AGO)
    return engine
