"""Where outlines come from, visits that phones sent, villages, and where units are."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from app.db.migrations.r0001.shape import (
    CHOICE,
    HASH,
    INSTANT,
    KEY,
    NAME,
    check,
    index,
    may,
    need,
    one_of,
    primary,
    refers,
    unique,
)

TABLES: Final = (
    "parcel_origin",
    "visit_upload",
    "village",
)

#: Checks of a unit's place, by name.
_PLACE: Final = {
    "ck_org_unit_longitude": "longitude BETWEEN -180 AND 180",
    "ck_org_unit_latitude": "latitude BETWEEN -90 AND 90",
    "ck_org_unit_place": "(longitude IS NULL) = (latitude IS NULL)",
}


def create() -> None:
    """Create the tables and their indexes, and say where parcels and units lie."""
    _parcel_origin()
    _visit_upload()
    _village()
    _places()
    _indexes()


def forget() -> None:
    """Take away what the tables of earlier revisions were given; before the tables themselves go."""
    op.drop_index(op.f("ix_parcel_village_code"), "parcel")
    with op.batch_alter_table("parcel") as batch:
        batch.drop_constraint(op.f("fk_parcel_village_code"), type_="foreignkey")
        batch.drop_column("village_code")
    with op.batch_alter_table("org_unit") as batch:
        for name in _PLACE:
            batch.drop_constraint(op.f(name), type_="check")
        batch.drop_column("longitude")
        batch.drop_column("latitude")


def _parcel_origin() -> None:
    op.create_table(
        "parcel_origin",
        need("id", KEY),
        need("parcel_id", NAME),
        need("geometry_version", sa.String(64)),
        need("method", CHOICE),
        need("made_by_id", KEY),
        may("party_id", KEY),
        may("accuracy_m", sa.Double()),
        may("fixes", sa.Integer()),
        may("source_hash", HASH),
        need("recorded_at", INSTANT),
        primary("parcel_origin", "id"),
        refers("parcel_origin", ["made_by_id"], "app_user", ["id"]),
        refers(
            "parcel_origin", ["parcel_id", "geometry_version"], "parcel_geometry", ["parcel_id", "geometry_version"]
        ),
        refers("parcel_origin", ["party_id"], "party", ["id"]),
        check("parcel_origin", "accuracy_m_not_negative", "accuracy_m >= 0"),
        check("parcel_origin", "fixes_not_negative", "fixes >= 0"),
        one_of("parcel_origin", "outlinemethod", "method", "drawn", "walked", "imported"),
    )


def _visit_upload() -> None:
    op.create_table(
        "visit_upload",
        need("visit_id", KEY),
        need("client_key", NAME),
        need("sent_by_id", KEY),
        need("recorded_at", INSTANT),
        primary("visit_upload", "visit_id"),
        unique("visit_upload", "client_key"),
        refers("visit_upload", ["sent_by_id"], "app_user", ["id"]),
        refers("visit_upload", ["visit_id"], "visit", ["id"]),
    )


def _village() -> None:
    op.create_table(
        "village",
        need("code", NAME),
        need("name", sa.Text()),
        need("recorded_at", INSTANT),
        primary("village", "code"),
    )


def _places() -> None:
    with op.batch_alter_table("parcel") as batch:
        batch.add_column(may("village_code", NAME))
        batch.create_foreign_key(op.f("fk_parcel_village_code"), "village", ["village_code"], ["code"])
    index("parcel", "village_code")
    with op.batch_alter_table("org_unit") as batch:
        batch.add_column(may("longitude", sa.Double()))
        batch.add_column(may("latitude", sa.Double()))
        for name, condition in _PLACE.items():
            batch.create_check_constraint(op.f(name), condition)


def _indexes() -> None:
    index("parcel_origin", "parcel_id", "geometry_version", name="ix_parcel_origin_geometry")
    index("parcel_origin", "made_by_id")
    index("parcel_origin", "party_id")
    index("visit_upload", "sent_by_id")
