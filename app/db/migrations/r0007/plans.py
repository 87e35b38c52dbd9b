"""Sites, their plans, and ground that nothing may be built on."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from app.db.migrations.r0001.shape import (
    CHOICE,
    HASH,
    INSTANT,
    JSON,
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
    "energy_site",
    "site_plan",
    "red_line",
)


def create() -> None:
    """Create the tables and their indexes."""
    _energy_site()
    _site_plan()
    _red_line()
    _indexes()


def _energy_site() -> None:
    op.create_table(
        "energy_site",
        need("parcel_id", NAME),
        need("kind", CHOICE),
        may("name", sa.String(255)),
        need("recorded_by_id", KEY),
        need("recorded_at", INSTANT),
        may("ended_at", INSTANT),
        primary("energy_site", "parcel_id"),
        refers("energy_site", ["parcel_id"], "parcel", ["parcel_id"]),
        refers("energy_site", ["recorded_by_id"], "app_user", ["id"]),
        one_of("energy_site", "sitetype", "kind", "solar", "wind", "hydro", "reservoir"),
    )


def _site_plan() -> None:
    op.create_table(
        "site_plan",
        need("id", KEY),
        need("parcel_id", NAME),
        need("plan_hash", HASH),
        may("capacity_mw", sa.Double()),
        may("built_ha", sa.Double()),
        need("milestones", JSON),
        need("curve", JSON),
        need("points", JSON),
        need("permits", JSON),
        need("levels", JSON),
        need("recorded_by_id", KEY),
        need("recorded_at", INSTANT),
        primary("site_plan", "id"),
        refers("site_plan", ["parcel_id"], "energy_site", ["parcel_id"]),
        refers("site_plan", ["recorded_by_id"], "app_user", ["id"]),
        check("site_plan", "built", "built_ha > 0"),
        check("site_plan", "capacity", "capacity_mw > 0"),
    )


def _red_line() -> None:
    op.create_table(
        "red_line",
        need("id", KEY),
        need("external_id", NAME),
        need("kind", CHOICE),
        may("name", sa.String(255)),
        need("wkb", sa.LargeBinary()),
        need("minx", sa.Double()),
        need("miny", sa.Double()),
        need("maxx", sa.Double()),
        need("maxy", sa.Double()),
        need("recorded_by_id", KEY),
        need("recorded_at", INSTANT),
        may("withdrawn_at", INSTANT),
        need("source", NAME),
        need("as_of", sa.Date()),
        may("expires_on", sa.Date()),
        may("consent_id", KEY),
        primary("red_line", "id"),
        unique("red_line", "source", "external_id", "as_of"),
        refers("red_line", ["consent_id"], "consent", ["id"]),
        refers("red_line", ["recorded_by_id"], "app_user", ["id"]),
        check("red_line", "box", "minx <= maxx AND miny <= maxy"),
        one_of("red_line", "redlinekind", "kind", "farmland", "ecological", "other"),
    )


def _indexes() -> None:
    index("energy_site", "recorded_by_id")
    index("site_plan", "parcel_id")
    index("site_plan", "recorded_by_id")
    index("red_line", "consent_id")
    index("red_line", "recorded_by_id")
