"""What was stopped, and what meters said before they were corrected, stays readable."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from app.db.migrations.r0001.shape import INSTANT, KEY, NAME, check, index, may, need, primary, refers, unique
from app.db.migrations.r0006 import guards

revision = "r0009"
down_revision = "r0008"
branch_labels = None
depends_on = None

_NEVER_CHANGED: Final = ("site_stop", "site_resumption", "meter_reading")
_SPAN: Final = ("parcel_id", "source", "starts_on", "ends_on")
_RECORDED_BY: Final = "fk_meter_reading_recorded_by_id"
#: Of several words on the same days the latest holds.
_EARLIER_WORDS: Final = (
    "DELETE FROM meter_reading WHERE id NOT IN (SELECT id FROM (SELECT id, row_number() OVER"
    " (PARTITION BY parcel_id, source, starts_on, ends_on ORDER BY as_of DESC, recorded_at DESC, id DESC) AS place"
    " FROM meter_reading) ranked WHERE place = 1)"
)
#: Of a site that was stopped and not taken up again.
_ENDED_AT: Final = (
    "UPDATE energy_site SET ended_at = (SELECT max(stopped_at) FROM site_stop"
    " WHERE site_stop.parcel_id = energy_site.parcel_id"
    " AND site_stop.id NOT IN (SELECT stop_id FROM site_resumption))"
)


def upgrade() -> None:
    """Create the tables of stops and move what energy_site knew into them; keep every word of a meter."""
    _site_stop()
    _site_resumption()
    op.execute(
        "INSERT INTO site_stop (parcel_id, stopped_at)"
        " SELECT parcel_id, ended_at FROM energy_site WHERE ended_at IS NOT NULL ORDER BY ended_at, parcel_id"
    )
    with op.batch_alter_table("energy_site") as batch:
        batch.drop_column("ended_at")
    _keep_words()
    for table in _NEVER_CHANGED:
        guards.guard(table)


def downgrade() -> None:
    """Leave of the stops those that still hold, and of a meter's words the latest."""
    guards.take_away("meter_reading")
    op.execute(_EARLIER_WORDS)
    op.drop_index(op.f("ix_meter_reading_recorded_by_id"), "meter_reading")
    with op.batch_alter_table("meter_reading") as batch:
        batch.drop_constraint(op.f(_RECORDED_BY), type_="foreignkey")
        batch.drop_column("recorded_by_id")
        batch.drop_constraint(_named(*_SPAN, "as_of"), type_="unique")
        batch.create_unique_constraint(_named(*_SPAN), list(_SPAN))
    with op.batch_alter_table("energy_site") as batch:
        batch.add_column(may("ended_at", INSTANT))
    op.execute(_ENDED_AT)
    op.drop_table("site_resumption")
    op.drop_table("site_stop")


def _site_stop() -> None:
    op.create_table(
        "site_stop",
        need("id", KEY),
        need("parcel_id", NAME),
        need("stopped_at", INSTANT),
        may("stopped_by_id", KEY),
        may("reason", sa.String(255)),
        primary("site_stop", "id"),
        refers("site_stop", ["parcel_id"], "energy_site", ["parcel_id"]),
        refers("site_stop", ["stopped_by_id"], "app_user", ["id"]),
        check("site_stop", "said", "(stopped_by_id IS NULL) = (reason IS NULL)"),
        check("site_stop", "has_reason", "length(trim(reason)) > 0"),
    )
    index("site_stop", "parcel_id")
    index("site_stop", "stopped_by_id")


def _site_resumption() -> None:
    op.create_table(
        "site_resumption",
        need("stop_id", KEY),
        need("resumed_at", INSTANT),
        need("resumed_by_id", KEY),
        primary("site_resumption", "stop_id"),
        refers("site_resumption", ["resumed_by_id"], "app_user", ["id"]),
        refers("site_resumption", ["stop_id"], "site_stop", ["id"]),
    )
    index("site_resumption", "resumed_by_id")


def _keep_words() -> None:
    """Let a span have a word of each day, and say who recorded it."""
    with op.batch_alter_table("meter_reading") as batch:
        batch.drop_constraint(_named(*_SPAN), type_="unique")
        batch.create_unique_constraint(_named(*_SPAN, "as_of"), [*_SPAN, "as_of"])
        batch.add_column(may("recorded_by_id", KEY))
        batch.create_foreign_key(op.f(_RECORDED_BY), "app_user", ["recorded_by_id"], ["id"])
    index("meter_reading", "recorded_by_id")


def _named(*columns: str) -> str:
    return op.f(str(unique("meter_reading", *columns).name))
