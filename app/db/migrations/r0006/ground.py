"""Where outlines come from, and visits that phones sent."""

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
)


def create() -> None:
    """Create the tables and their indexes."""
    _parcel_origin()
    _visit_upload()
    _indexes()


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


def _indexes() -> None:
    index("parcel_origin", "parcel_id", "geometry_version", name="ix_parcel_origin_geometry")
    index("parcel_origin", "made_by_id")
    index("parcel_origin", "party_id")
    index("visit_upload", "sent_by_id")
