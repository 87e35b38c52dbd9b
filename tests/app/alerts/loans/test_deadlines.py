from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from app.alerts.loans.deadlines import deadlines
from app.alerts.loans.of_alert import Policies, beside_alert
from app.db.engine import writing
from app.db.tables import Alert, Run
from geo.errors import InputError
from scoring.pack_schema import Pack
from scoring.policy import load_pack
from tests.app.alerts.loans.test_context import DAY, START, Insured

CAUSES = ("abrupt_loss", "flood", "open_canopy", "slow_decline", "not_sown")
SEASON = "2026-06-01/2026-10-31"


def _alert(insured: Insured, number: int, run: str, opened_on: date, event_on: date | None) -> None:
    row: dict[str, Any] = {
        "id": number, "key": f"a{number}", "parcel_id": "p1", "cause": CAUSES[number - 1],
        "season_id": SEASON, "level": "action", "scope": "own", "opened_on": opened_on, "event_on": event_on,
        "changed_on": opened_on, "status": "open", "run_id": run, "rules_id": "r", "rules_hash": "h",
        "recorded_at": START,
    }  # fmt: skip
    with writing(insured.engine) as connection:
        connection.execute(insert(Alert).values(row))


def _run(insured: Insured, run_id: str, policy: str | None) -> None:
    row = {
        "run_id": run_id, "season_id": SEASON, "season_start": date(2026, 6, 1), "season_end": date(2026, 10, 31),
        "created_at": START, "policy_id": policy, "simulated": True, "content_hash": "c", "record": {},
        "recorded_at": START,
    }  # fmt: skip
    with writing(insured.engine) as connection:
        connection.execute(insert(Run).values(row))


def _pack(name: str) -> Pack | None:
    try:
        return load_pack(name)
    except InputError:
        return None


@pytest.fixture
def insured(engine: Engine) -> Insured:
    """Alerts of two days, one without a policy at hand, and one whose event came before every cover."""
    made = Insured(engine)
    for run, policy in (("run-1", "in-kcc-2018"), ("run-2", "gone"), ("run-3", None)):
        _run(made, run, policy)
    for number, run, opened, event in (
        (1, "run-1", DAY, DAY - timedelta(days=2)),
        (2, "run-1", DAY - timedelta(days=60), None),
        (3, "run-1", DAY, date(2026, 5, 20)),
        (4, "run-2", DAY, None),
        (5, "run-3", DAY, None),
    ):
        _alert(made, number, run, opened, event)
    return made


def test_one_query_tells_what_each_alerts_own_page_tells(insured: Insured) -> None:
    insured.policy()
    insured.policy(facility_id=None, party_id=insured.party, insurer="Other", starts_on=None)
    insured.policy(parcel_id="p1", policy_number="ended", valid_to=START + timedelta(days=5))
    insured.claim(insured.policy(parcel_id="p1", insurer="Claimed"))
    insured.policy(kind="life", starts_on=None)
    with insured.engine.connect() as connection:
        found = {each.alert: each.last_day for each in deadlines(connection, range(1, 6), DAY, _pack)}
        for number in range(1, 6):
            beside = beside_alert(connection, number, DAY, Policies()).context
            covers = () if beside is None else beside.covers
            days = [cover.notice.last_day for cover in covers if cover.notice is not None and not cover.claims]
            assert found.get(number) == min((day for day in days if day is not None), default=None), number
    assert set(found) == {1, 2}, (
        "also what opened long ago; the others have no rule with days, or no policy of the bank"
    )


def test_they_come_by_their_last_day_and_nothing_is_due_without_a_policy(insured: Insured) -> None:
    with insured.engine.connect() as connection:
        assert deadlines(connection, range(1, 6), DAY, _pack) == []
    insured.policy(starts_on=None)
    with insured.engine.connect() as connection:
        days = [each.last_day for each in deadlines(connection, range(1, 6), DAY, _pack)]
        assert days == sorted(days)
        assert [each.alert for each in deadlines(connection, [1], DAY, _pack)] == [1]
        assert deadlines(connection, [], DAY, _pack) == []
