"""What an application consists of."""

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
    "application_plot",
    "application_paper",
    "application_event",
)


def create() -> None:
    """Create the tables and their indexes, and let an application name its policy."""
    op.add_column("application", may("policy_id", NAME))
    _application_plot()
    _application_paper()
    _application_event()
    _indexes()


def _application_plot() -> None:
    op.create_table(
        "application_plot",
        need("id", KEY),
        need("application_id", KEY),
        need("parcel_id", NAME),
        need("cycle", sa.SmallInteger()),
        need("crop", sa.String(64)),
        may("area_ha", sa.Double()),
        may("sowing_on", sa.Date()),
        may("harvest_on", sa.Date()),
        may("land_right_id", KEY),
        need("recorded_at", INSTANT),
        primary("application_plot", "id"),
        unique("application_plot", "application_id", "parcel_id", "cycle"),
        refers("application_plot", ["application_id"], "application", ["id"]),
        refers("application_plot", ["land_right_id"], "land_right", ["id"]),
        refers("application_plot", ["parcel_id"], "parcel", ["parcel_id"]),
        check("application_plot", "area_ha_not_negative", "area_ha >= 0"),
        check("application_plot", "cycle", "cycle >= 1"),
        check("application_plot", "sowing_on_harvest_on", "harvest_on IS NULL OR harvest_on >= sowing_on"),
    )


def _application_paper() -> None:
    op.create_table(
        "application_paper",
        need("id", KEY),
        need("application_id", KEY),
        need("party_id", KEY),
        need("kind", CHOICE),
        need("content_hash", HASH),
        need("media_type", sa.String(64)),
        need("size", sa.Integer()),
        may("expires_on", sa.Date()),
        need("added_by_id", KEY),
        need("recorded_at", INSTANT),
        may("removed_at", INSTANT),
        primary("application_paper", "id"),
        refers("application_paper", ["added_by_id"], "app_user", ["id"]),
        refers("application_paper", ["application_id"], "application", ["id"]),
        refers("application_paper", ["party_id"], "party", ["id"]),
        one_of(
            "application_paper",
            "paperkind",
            "kind",
            "identity",
            "land_certificate",
            "lease",
            "consent",
            "income",
            "insurance",
            "other",
        ),
        check("application_paper", "size_not_negative", "size >= 0"),
    )


def _application_event() -> None:
    op.create_table(
        "application_event",
        need("id", KEY),
        need("application_id", KEY),
        need("kind", CHOICE),
        need("by_id", KEY),
        may("note", sa.Text()),
        need("happened_at", INSTANT),
        primary("application_event", "id"),
        refers("application_event", ["application_id"], "application", ["id"]),
        refers("application_event", ["by_id"], "app_user", ["id"]),
        one_of(
            "application_event",
            "applicationeventkind",
            "kind",
            "created",
            "changed",
            "submitted",
            "taken_up",
            "returned",
            "proposed",
            "decided",
            "granted",
            "drawn",
            "draw_asked",
            "draw_refused",
            "withdrawn",
            "noted",
        ),
    )


def forget() -> None:
    """Take away what the tables of earlier revisions were given."""
    op.drop_column("application", "policy_id")


def _indexes() -> None:
    index("application_plot", "land_right_id")
    index("application_plot", "parcel_id")
    index("application_paper", "added_by_id")
    index("application_paper", "application_id")
    index("application_paper", "content_hash")
    index("application_paper", "expires_on")
    index("application_paper", "party_id")
    index("application_event", "application_id")
    index("application_event", "by_id")
