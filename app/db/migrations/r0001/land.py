"""Land rights, plots and crops."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.migrations.r0001.shape import (
    CHOICE,
    HASH,
    KEY,
    NAME,
    check,
    index,
    may,
    need,
    one_of,
    outside_fact,
    primary,
    refers,
    temporal,
)

TABLES = (
    "crop_cycle",
    "land_right",
    "contract_plot",
)


def create() -> None:
    """Create the tables and their indexes."""
    _crop_cycle()
    _land_right()
    _contract_plot()
    _indexes()


def _crop_cycle() -> None:
    op.create_table(
        "crop_cycle",
        need("id", KEY),
        need("parcel_id", NAME),
        may("party_id", KEY),
        need("season_id", sa.String(21)),
        need("cycle", sa.SmallInteger()),
        need("origin", CHOICE),
        need("crop", sa.String(64)),
        may("area_ha", sa.Double()),
        may("sowing_on", sa.Date()),
        may("harvest_on", sa.Date()),
        *outside_fact(),
        *temporal(),
        primary("crop_cycle", "id"),
        *_crop_cycle_rules(),
    )


def _crop_cycle_rules() -> tuple[sa.Constraint, ...]:
    return (
        refers("crop_cycle", ["consent_id"], "consent", ["id"]),
        refers("crop_cycle", ["parcel_id"], "parcel", ["parcel_id"]),
        refers("crop_cycle", ["party_id"], "party", ["id"]),
        check("crop_cycle", "area_ha_not_negative", "area_ha >= 0"),
        check("crop_cycle", "cycle", "cycle >= 1"),
        check("crop_cycle", "sowing_on_harvest_on", "harvest_on IS NULL OR harvest_on >= sowing_on"),
        check("crop_cycle", "valid", "valid_to IS NULL OR valid_to > valid_from"),
        one_of("crop_cycle", "croporigin", "origin", "planned", "declared", "observed", "visited"),
    )


def _land_right() -> None:
    op.create_table(
        "land_right",
        need("id", KEY),
        need("party_id", KEY),
        need("basis", CHOICE),
        need("kind", CHOICE),
        may("document_hash", HASH),
        need("starts_on", sa.Date()),
        may("ends_on", sa.Date()),
        may("certified_area_ha", sa.Double()),
        may("contracted_area_ha", sa.Double()),
        may("measured_area_ha", sa.Double()),
        may("net_area_ha", sa.Double()),
        *outside_fact(),
        *temporal(),
        primary("land_right", "id"),
        *_land_right_rules(),
    )


def _land_right_rules() -> tuple[sa.Constraint, ...]:
    return (
        refers("land_right", ["consent_id"], "consent", ["id"]),
        refers("land_right", ["party_id"], "party", ["id"]),
        check("land_right", "certified_area_ha_not_negative", "certified_area_ha >= 0"),
        check("land_right", "contracted_area_ha_not_negative", "contracted_area_ha >= 0"),
        check("land_right", "measured_area_ha_not_negative", "measured_area_ha >= 0"),
        check("land_right", "net_area_ha_not_negative", "net_area_ha >= 0"),
        check("land_right", "starts_on_ends_on", "ends_on IS NULL OR ends_on >= starts_on"),
        check("land_right", "valid", "valid_to IS NULL OR valid_to > valid_from"),
        one_of("land_right", "landbasis", "basis", "certificate", "lease"),
        one_of(
            "land_right",
            "landkind",
            "kind",
            "ownership",
            "household_contract",
            "management_right",
            "tenancy",
            "sublease",
            "customary",
        ),
    )


def _contract_plot() -> None:
    op.create_table(
        "contract_plot",
        need("id", KEY),
        need("parcel_id", NAME),
        may("land_right_id", KEY),
        may("facility_id", KEY),
        may("plot_code", NAME),
        need("starts_on", sa.Date()),
        may("ends_on", sa.Date()),
        may("certified_area_ha", sa.Double()),
        may("contracted_area_ha", sa.Double()),
        may("measured_area_ha", sa.Double()),
        may("net_area_ha", sa.Double()),
        *temporal(),
        primary("contract_plot", "id"),
        *_contract_plot_rules(),
    )


def _contract_plot_rules() -> tuple[sa.Constraint, ...]:
    return (
        refers("contract_plot", ["facility_id"], "facility", ["id"]),
        refers("contract_plot", ["land_right_id"], "land_right", ["id"]),
        refers("contract_plot", ["parcel_id"], "parcel", ["parcel_id"]),
        check("contract_plot", "certified_area_ha_not_negative", "certified_area_ha >= 0"),
        check("contract_plot", "contracted_area_ha_not_negative", "contracted_area_ha >= 0"),
        check("contract_plot", "has_contract", "land_right_id IS NOT NULL OR facility_id IS NOT NULL"),
        check("contract_plot", "measured_area_ha_not_negative", "measured_area_ha >= 0"),
        check("contract_plot", "net_area_ha_not_negative", "net_area_ha >= 0"),
        check("contract_plot", "starts_on_ends_on", "ends_on IS NULL OR ends_on >= starts_on"),
        check("contract_plot", "valid", "valid_to IS NULL OR valid_to > valid_from"),
    )


def _indexes() -> None:
    index("crop_cycle", "consent_id")
    index("crop_cycle", "parcel_id", "season_id")
    index("crop_cycle", "party_id")
    index("land_right", "consent_id")
    index("land_right", "document_hash")
    index("land_right", "party_id")
    index("contract_plot", "facility_id")
    index("contract_plot", "land_right_id")
    index("contract_plot", "parcel_id")
