from __future__ import annotations

from datetime import date

import pytest

from app.db.tables.alert_kinds import AlertEventKind, AlertLevel
from scoring.alerts.notice_text import EVENTS, LEVELS, headline
from scoring.wording import Text

CAUSE = Text(en="No crop by its date", zh="到期未见作物")


def test_every_level_and_every_event_of_a_watch_has_words() -> None:
    assert set(LEVELS) == set(AlertLevel)
    assert set(EVENTS) == set(list(AlertEventKind)[:6])


@pytest.mark.parametrize(
    ("scope", "en", "zh"),
    [
        ("regional", ", neighbours too", "，邻近地块同样"),
        ("own", ", this parcel alone", "，仅本地块"),
        ("unclear", "", ""),
        (None, "", ""),
    ],
)
def test_a_headline_says_what_where_and_when(scope: str | None, en: str, zh: str) -> None:
    said = headline(CAUSE, "action", "raised", "p1", date(2026, 11, 20), scope)
    assert said.en == f"Action (raised): No crop by its date, parcel p1, 2026-11-20{en}"
    assert said.zh == f"处置（级别上调）：到期未见作物，地块 p1，2026-11-20{zh}"
