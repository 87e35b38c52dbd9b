"""Parcels, runs and what runs saw."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.migrations.r0001.shape import (
    CHOICE,
    CURRENCY,
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
)

TABLES = (
    "run",
    "credit_limit",
    "parcel",
    "parcel_geometry",
    "parcel_lineage",
    "parcel_observation",
    "parcel_period",
    "season_observation",
)


def create() -> None:
    """Create the tables and their indexes."""
    _run()
    _credit_limit()
    _parcel()
    _parcel_geometry()
    _parcel_lineage()
    _parcel_observation()
    _parcel_period()
    _season_observation()
    _indexes()


def _run() -> None:
    op.create_table(
        "run",
        need("run_id", NAME),
        need("season_id", sa.String(21)),
        need("season_start", sa.Date()),
        need("season_end", sa.Date()),
        need("created_at", INSTANT),
        may("policy_id", NAME),
        may("policy_hash", HASH),
        may("model_hash", HASH),
        need("simulated", sa.Boolean()),
        need("content_hash", HASH),
        need("record", JSON),
        need("recorded_at", INSTANT),
        primary("run", "run_id"),
        check("run", "season_start_season_end", "season_end IS NULL OR season_end >= season_start"),
    )


def _credit_limit() -> None:
    op.create_table(
        "credit_limit",
        need("run_id", NAME),
        need("subject_kind", CHOICE),
        need("subject_id", NAME),
        may("farmer_id", NAME),
        may("amount_minor", sa.BigInteger()),
        need("currency", CURRENCY),
        may("low_minor", sa.BigInteger()),
        may("high_minor", sa.BigInteger()),
        need("needs_visit", sa.Boolean()),
        need("policy_id", NAME),
        need("policy_hash", HASH),
        need("reasons", JSON),
        primary("credit_limit", "run_id", "subject_kind", "subject_id"),
        refers("credit_limit", ["run_id"], "run", ["run_id"]),
        check("credit_limit", "amount_minor_not_negative", "amount_minor >= 0"),
        check("credit_limit", "high_minor_not_negative", "high_minor >= 0"),
        check("credit_limit", "low_minor_not_negative", "low_minor >= 0"),
        one_of("credit_limit", "subjectkind", "subject_kind", "parcel", "farmer"),
    )


def _parcel() -> None:
    op.create_table(
        "parcel",
        need("parcel_id", NAME),
        may("org_unit_id", KEY),
        need("recorded_at", INSTANT),
        primary("parcel", "parcel_id"),
        refers("parcel", ["org_unit_id"], "org_unit", ["id"]),
    )


def _parcel_geometry() -> None:
    op.create_table(
        "parcel_geometry",
        need("parcel_id", NAME),
        need("geometry_version", sa.String(64)),
        may("wkb", sa.LargeBinary()),
        may("minx", sa.Double()),
        may("miny", sa.Double()),
        may("maxx", sa.Double()),
        may("maxy", sa.Double()),
        need("area_ha", sa.Double()),
        need("recorded_at", INSTANT),
        primary("parcel_geometry", "parcel_id", "geometry_version"),
        refers("parcel_geometry", ["parcel_id"], "parcel", ["parcel_id"]),
        check("parcel_geometry", "area_ha_not_negative", "area_ha >= 0"),
        check("parcel_geometry", "box", "minx <= maxx AND miny <= maxy"),
    )


def _parcel_lineage() -> None:
    op.create_table(
        "parcel_lineage",
        need("id", KEY),
        need("parent_id", NAME),
        need("child_id", NAME),
        need("kind", CHOICE),
        need("happened_at", INSTANT),
        need("recorded_at", INSTANT),
        primary("parcel_lineage", "id"),
        refers("parcel_lineage", ["child_id"], "parcel", ["parcel_id"]),
        refers("parcel_lineage", ["parent_id"], "parcel", ["parcel_id"]),
        check("parcel_lineage", "two_parcels", "parent_id <> child_id"),
        one_of("parcel_lineage", "lineagekind", "kind", "split", "merge", "renumber"),
    )


def _parcel_observation() -> None:
    op.create_table(
        "parcel_observation",
        need("run_id", NAME),
        need("parcel_id", NAME),
        need("status", CHOICE),
        may("farmer_id", NAME),
        may("declared_crop", sa.String(64)),
        need("area_ha", sa.Double()),
        may("cropped_area_ha", sa.Double()),
        need("clear_dates", sa.Integer()),
        need("geometry_version", sa.String(64)),
        may("crop", sa.String(64)),
        may("crop_prob", sa.Double()),
        need("crop_set", JSON),
        may("vigour_pct", sa.Double()),
        may("ndvi_peak", sa.Double()),
        may("sos", sa.Date()),
        may("pos", sa.Date()),
        may("eos", sa.Date()),
        primary("parcel_observation", "run_id", "parcel_id"),
        *_parcel_observation_rules(),
    )


def _parcel_observation_rules() -> tuple[sa.Constraint, ...]:
    return (
        refers(
            "parcel_observation",
            ["parcel_id", "geometry_version"],
            "parcel_geometry",
            ["parcel_id", "geometry_version"],
        ),
        refers("parcel_observation", ["run_id"], "run", ["run_id"]),
        one_of(
            "parcel_observation",
            "status",
            "status",
            "INVALID_GEOMETRY",
            "OUTSIDE_IMAGERY",
            "TOO_SMALL",
            "UNVERIFIED",
            "CLOUDY",
            "OUTSIDE_VALIDATION",
            "AMBIGUOUS",
            "OK",
        ),
    )


def _parcel_period() -> None:
    op.create_table(
        "parcel_period",
        need("parcel_id", NAME),
        need("valid_from", INSTANT),
        may("valid_to", INSTANT),
        need("geometry_version", sa.String(64)),
        need("recorded_at", INSTANT),
        primary("parcel_period", "parcel_id", "valid_from"),
        refers(
            "parcel_period", ["parcel_id", "geometry_version"], "parcel_geometry", ["parcel_id", "geometry_version"]
        ),
        check("parcel_period", "valid", "valid_to IS NULL OR valid_to > valid_from"),
    )


def _season_observation() -> None:
    op.create_table(
        "season_observation",
        need("run_id", NAME),
        need("parcel_id", NAME),
        need("cycle", sa.SmallInteger()),
        need("geometry_version", sa.String(64)),
        may("crop", sa.String(64)),
        may("crop_prob", sa.Double()),
        need("crop_set", JSON),
        may("vigour_pct", sa.Double()),
        may("ndvi_peak", sa.Double()),
        may("sos", sa.Date()),
        may("pos", sa.Date()),
        may("eos", sa.Date()),
        primary("season_observation", "run_id", "parcel_id", "cycle"),
        refers("season_observation", ["run_id", "parcel_id"], "parcel_observation", ["run_id", "parcel_id"]),
        refers("season_observation", ["run_id"], "run", ["run_id"]),
        check("season_observation", "cycle", "cycle >= 1"),
    )


def _indexes() -> None:
    index("run", "created_at")
    index("run", "season_id")
    index("credit_limit", "farmer_id", "run_id")
    index("credit_limit", "subject_kind", "subject_id", name="ix_credit_limit_subject")
    index("parcel", "org_unit_id")
    index(
        "parcel_geometry",
        "minx",
        "maxx",
        "miny",
        "maxy",
        "parcel_id",
        "geometry_version",
        name="ix_parcel_geometry_box",
    )
    index("parcel_lineage", "child_id")
    index("parcel_lineage", "parent_id")
    index("parcel_observation", "farmer_id", "run_id")
    index("parcel_observation", "parcel_id", "geometry_version", name="ix_parcel_observation_geometry")
    index("parcel_period", "parcel_id", "geometry_version", name="ix_parcel_period_geometry")
