from __future__ import annotations

import pytest
from sqlalchemy import Engine, select, update

from app.db.engine import writing
from app.db.loading import load_run
from app.db.tables import Alert, OrgUnit, Parcel, Party
from tests.app.api.access.service import NOW, Service, open_service
from tests.app.db.made_up import made_up_run
from tests.app.maplayers.bank import alert, watch

#: Unit by parcel; p004 is of none, and p005 has no outline.
UNIT_OF = {"p000": "010", "p001": "010", "p002": "011", "p003": "020"}
#: Farmer's number by unit of the party.
FARMERS = {"010": "f0", "020": "f1"}


@pytest.fixture
def service(engine: Engine) -> Service:
    """A bank with a run of six parcels, three alerts and two farmers, on SQLite and on PostgreSQL."""
    load_run(engine, *made_up_run("run-1").tables, now=NOW)
    made = open_service(engine)
    with writing(engine) as connection:
        units = {code: number for number, code in connection.execute(select(OrgUnit.id, OrgUnit.code))}
        for parcel, code in UNIT_OF.items():
            connection.execute(update(Parcel).where(Parcel.parcel_id == parcel).values(org_unit_id=units[code]))
        for code, farmer in FARMERS.items():
            connection.execute(update(Party).where(Party.id == made.parties[code]).values(farmer_id=farmer))
        watch(connection)
        for parcel, level in {"p001": "warning", "p002": "action", "p003": "info"}.items():
            alert(connection, parcel, level)
        mine = update(Alert).where(Alert.parcel_id == "p001")
        connection.execute(mine.values(assigned_to_id=made.people["olga"].id))
    return made
