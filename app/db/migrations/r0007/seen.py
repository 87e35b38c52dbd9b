"""What was seen of sites and said of them, and what their meters say."""

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
    "site_look",
    "site_standing",
    "site_report",
    "meter_reading",
)


def create() -> None:
    """Create the tables and their indexes."""
    _site_look()
    _site_standing()
    _site_report()
    _meter_reading()
    _indexes()


def _site_look() -> None:
    op.create_table(
        "site_look",
        need("run_id", NAME),
        need("parcel_id", NAME),
        need("measure", CHOICE),
        need("seen_on", sa.Date()),
        need("known_at", INSTANT),
        need("value", sa.Double()),
        need("error", sa.Double()),
        need("clear_share", sa.Double()),
        need("source_hash", HASH),
        primary("site_look", "run_id", "parcel_id", "measure", "seen_on"),
        refers("site_look", ["parcel_id"], "energy_site", ["parcel_id"]),
        refers("site_look", ["run_id"], "run", ["run_id"]),
        check("site_look", "clear", "clear_share >= 0 AND clear_share <= 1"),
        check("site_look", "error_not_negative", "error >= 0"),
        one_of(
            "site_look",
            "sitemeasure",
            "measure",
            "cleared_m2",
            "panels_m2",
            "panels_outside_m2",
            "pads",
            "pads_elsewhere",
            "roads_m2",
            "turbines",
            "water_m2",
            "canopy_in_panels_m2",
            "standing_water_m2",
            "burnt_m2",
            "built_near_m2",
        ),
        check("site_look", "value_not_negative", "value >= 0"),
    )


def _site_standing() -> None:
    op.create_table(
        "site_standing",
        need("watch_id", NAME),
        need("parcel_id", NAME),
        need("as_of", sa.Date()),
        need("plan_id", KEY),
        may("seen_on", sa.Date()),
        may("planned", sa.Double()),
        may("low", sa.Double()),
        may("share", sa.Double()),
        may("high", sa.Double()),
        need("standing", CHOICE),
        need("milestones", JSON),
        need("detail", JSON),
        primary("site_standing", "watch_id", "parcel_id"),
        refers("site_standing", ["parcel_id"], "energy_site", ["parcel_id"]),
        refers("site_standing", ["plan_id"], "site_plan", ["id"]),
        refers("site_standing", ["watch_id"], "watch", ["id"]),
        check("site_standing", "planned_share", "planned >= 0 AND planned <= 1"),
        check("site_standing", "seen", "(standing = 'unseen') = (seen_on IS NULL)"),
        check("site_standing", "shares", "low >= 0 AND low <= share AND share <= high AND high <= 1"),
        one_of("site_standing", "sitestandingkind", "standing", "unseen", "on_track", "watch", "warning", "action"),
    )


def _site_report() -> None:
    op.create_table(
        "site_report",
        need("id", KEY),
        need("parcel_id", NAME),
        need("watch_id", NAME),
        need("facts", JSON),
        need("facts_hash", HASH),
        need("made_by_id", KEY),
        need("made_at", INSTANT),
        primary("site_report", "id"),
        refers("site_report", ["made_by_id"], "app_user", ["id"]),
        refers("site_report", ["parcel_id"], "energy_site", ["parcel_id"]),
        refers("site_report", ["watch_id"], "watch", ["id"]),
    )


def _meter_reading() -> None:
    op.create_table(
        "meter_reading",
        need("id", KEY),
        need("parcel_id", NAME),
        need("starts_on", sa.Date()),
        need("ends_on", sa.Date()),
        need("energy_kwh", sa.Double()),
        need("recorded_at", INSTANT),
        need("source", NAME),
        need("as_of", sa.Date()),
        may("expires_on", sa.Date()),
        may("consent_id", KEY),
        primary("meter_reading", "id"),
        unique("meter_reading", "parcel_id", "source", "starts_on", "ends_on"),
        refers("meter_reading", ["consent_id"], "consent", ["id"]),
        refers("meter_reading", ["parcel_id"], "energy_site", ["parcel_id"]),
        check("meter_reading", "energy_kwh_not_negative", "energy_kwh >= 0"),
        check("meter_reading", "starts_on_ends_on", "ends_on IS NULL OR ends_on >= starts_on"),
    )


def _indexes() -> None:
    index("site_look", "parcel_id")
    index("site_standing", "as_of")
    index("site_standing", "parcel_id")
    index("site_standing", "plan_id")
    index("site_report", "made_by_id")
    index("site_report", "parcel_id")
    index("site_report", "watch_id")
    index("meter_reading", "consent_id")
    index("meter_reading", "parcel_id")
