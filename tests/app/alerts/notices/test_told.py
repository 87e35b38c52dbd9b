from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from app.alerts.notices.told import Told, mail_text, titles_of

ONE = Told(
    key="k",
    event_id=1,
    kind="opened",
    level="watch",
    happened_on=date(2026, 11, 20),
    recorded_at=datetime(2026, 11, 20, 8, tzinfo=UTC),
    evidence={},
    alert_key="a",
    parcel_id="p0",
    cause="not_sown",
    season_id="2018-10-01/2019-10-31",
    opened_on=date(2026, 11, 20),
    rules_id="growth-1",
)


def test_a_long_mail_names_the_gravest_and_counts_the_rest() -> None:
    many = [replace(ONE, event_id=n, parcel_id=f"p{n}") for n in range(1, 211)]
    grave = replace(ONE, event_id=300, level="action", parcel_id="worst")
    subject, text = mail_text([*many, grave], titles_of(), "en")
    lines = text.splitlines()
    assert subject == "211 crop alerts: Action 1, Watch 210"
    assert lines[0] == "Action (new): No crop by its date, parcel worst, 2026-11-20"
    assert lines[200] == "And 11 more: acreline alerts list."
    assert len(lines) == 203
