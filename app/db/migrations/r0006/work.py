"""The queue of jobs, and overrides that wait for a second person."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from app.db.migrations.r0001.shape import (
    CHOICE,
    CURRENCY,
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

TABLES: Final = (
    "job",
    "override_request",
)


def create() -> None:
    """Create the tables and their indexes."""
    _job()
    _override_request()
    _indexes()


def _job() -> None:
    op.create_table(
        "job",
        need("id", KEY),
        need("kind", CHOICE),
        need("state", CHOICE),
        need("unique_key", NAME),
        need("org_unit_id", KEY),
        may("asked_by_id", KEY),
        need("asked", JSON),
        need("asked_at", INSTANT),
        need("not_before", INSTANT),
        need("attempts", sa.Integer()),
        need("most_attempts", sa.Integer()),
        may("worker", NAME),
        may("started_at", INSTANT),
        may("heartbeat_at", INSTANT),
        may("steps_done", sa.Integer()),
        may("steps", sa.Integer()),
        may("step", NAME),
        may("answer", JSON),
        may("error", JSON),
        may("finished_at", INSTANT),
        primary("job", "id"),
        refers("job", ["asked_by_id"], "app_user", ["id"]),
        refers("job", ["org_unit_id"], "org_unit", ["id"]),
        check("job", "asked_at_finished_at", "finished_at IS NULL OR finished_at >= asked_at"),
        check("job", "attempts_not_negative", "attempts >= 0"),
        check("job", "failed_has_error", "(state = 'failed') = (error IS NOT NULL)"),
        check("job", "finished", "(state IN ('queued', 'running')) = (finished_at IS NULL)"),
        one_of(
            "job",
            "jobkind",
            "kind",
            "parcels_check",
            "parcels_import",
            "parcels_observe",
            "outlines",
            "map_layers",
            "application_limit",
            "site_report",
            "letter",
        ),
        one_of("job", "jobstate", "state", "queued", "running", "done", "failed", "cancelled"),
        check("job", "running_has_worker", "(state = 'running') = (worker IS NOT NULL)"),
        check("job", "steps_done_not_negative", "steps_done >= 0"),
        check("job", "steps_not_negative", "steps >= 0"),
    )


def _override_request() -> None:
    op.create_table(
        "override_request",
        need("id", KEY),
        need("proposal_id", KEY),
        need("to_minor", sa.BigInteger()),
        need("currency", CURRENCY),
        need("reason_code", NAME),
        need("reason", sa.Text()),
        need("made_by_id", KEY),
        need("status", CHOICE),
        need("recorded_at", INSTANT),
        may("answered_by_id", KEY),
        may("answer_note", sa.Text()),
        may("answered_at", INSTANT),
        may("decision_id", KEY),
        primary("override_request", "id"),
        refers("override_request", ["answered_by_id"], "app_user", ["id"]),
        refers("override_request", ["decision_id"], "decision", ["id"]),
        refers("override_request", ["made_by_id"], "app_user", ["id"]),
        refers("override_request", ["proposal_id"], "proposal", ["id"]),
        check("override_request", "answered_at", "(status = 'open') = (answered_at IS NULL)"),
        check(
            "override_request",
            "answered_by_somebody",
            "answered_by_id IS NOT NULL OR status IN ('open', 'withdrawn')",
        ),
        check("override_request", "open_by_nobody", "answered_by_id IS NULL OR status <> 'open'"),
        check("override_request", "approved_has_decision", "(status = 'approved') = (decision_id IS NOT NULL)"),
        check("override_request", "has_reason", "length(trim(reason)) > 0"),
        check("override_request", "maker_is_not_checker", "made_by_id <> answered_by_id OR status = 'withdrawn'"),
        one_of("override_request", "requeststatus", "status", "open", "approved", "refused", "withdrawn"),
        check("override_request", "to_minor_not_negative", "to_minor >= 0"),
    )


def _indexes() -> None:
    index("job", "asked_by_id")
    index("job", "finished_at")
    index("job", "org_unit_id")
    index("job", "state", "not_before")
    index("job", "unique_key")
    index("override_request", "answered_by_id")
    index("override_request", "decision_id")
    index("override_request", "made_by_id")
    index("override_request", "proposal_id")
    index("override_request", "status")
    where = sa.text("status = 'open'")
    name = op.f("ix_override_request_open")
    op.create_index(name, "override_request", ["proposal_id"], unique=True, sqlite_where=where, postgresql_where=where)
