from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from app.alerts.worklist import workflow
from app.alerts.worklist.candidates import RulesAtHand
from app.alerts.worklist.listing import Listing, Wanted, list_alerts
from app.alerts.worklist.story import story_of
from app.db.tables import OutsideSignal
from app.db.tables.alert_kinds import AlertLevel, AlertScope
from geo.errors import InputError
from tests.app.alerts.desk import LINES, LOSS, TODAY, Desk
from tests.app.alerts.told import day


def _list(desk: Desk, limit: int | None = None, **wanted: Any) -> Listing:
    with desk.engine.connect() as connection:
        return list_alerts(connection, Wanted(**wanted), TODAY, limit)


def _parcels(desk: Desk, **wanted: Any) -> list[str]:
    return [alert.parcel_id for alert in _list(desk, **wanted).alerts]


def test_alerts_are_ranked_by_exposure_probability_and_the_share_at_risk(desk: Desk) -> None:
    listing = _list(desk)
    assert [(each.parcel_id, each.exposure_minor) for each in listing.alerts] == [
        ("p000", 200_000),
        ("p001", 100_000),
        ("p002", 50_000),
        ("p004", None),  # no loan is known: last, though it is not zero
    ]
    first = listing.alerts[0]
    left = (date(2019, 10, 31) - TODAY).days / 396
    assert first.at_risk == pytest.approx(0.625 * (0.5 + 0.5 * left), rel=1e-6)
    assert first.expected_loss_minor == round(200_000 * 0.5 * (first.at_risk or 0.0))
    assert (listing.found, listing.unknown, listing.currency, listing.other_currencies) == (4, 1, "CNY", ())
    assert [each.parcel_id for each in _list(desk, limit=1).alerts] == ["p000"]
    assert _list(desk, limit=1).found == 4


def test_another_currency_is_not_added_and_may_rank_on_its_own(desk: Desk) -> None:
    desk.lend("F-4", {"p002": 1.0}, owed=900, currency="USD")
    listing = _list(desk)
    assert (listing.currency, listing.other_currencies) == ("CNY", ("USD",))
    assert listing.alerts[2].exposure_minor == 50_000
    dollars = _list(desk, currency="USD")
    assert [each.exposure_minor for each in dollars.alerts] == [900, None, None, None]
    assert dollars.unknown == 3


def test_the_list_is_narrowed_by_what_officers_ask_for(desk: Desk) -> None:
    assert _parcels(desk, levels=(AlertLevel.WARNING, AlertLevel.ACTION)) == ["p000", "p002"]
    assert _parcels(desk, unit="020") == ["p002", "p004"]
    assert _parcels(desk, unit="001") == ["p000", "p001", "p002", "p004"]
    assert _parcels(desk, parcel="p001") == ["p001"]
    assert _parcels(desk, causes=("not_sown",)) == []
    assert _parcels(desk, scope=AlertScope.REGIONAL) == []
    with pytest.raises(InputError, match="no unit"):
        _list(desk, unit="999")


def test_what_people_closed_and_what_is_no_longer_seen_leave_the_list(desk: Desk) -> None:
    desk.do(workflow.close, "rob", "p001", said="done")
    desk.do(workflow.acknowledge, "rob", "p002")
    desk.watch("06-12", *LINES, ("p000", LOSS, "06-01", "06-12", "ended", "none"))
    assert _parcels(desk) == ["p002", "p004"]
    assert _parcels(desk, which="ended") == ["p000"]
    assert _parcels(desk, which="closed") == ["p001"]
    assert _parcels(desk, which="acknowledged") == ["p002"]
    assert len(_parcels(desk, which="all")) == 4


def test_a_past_day_is_told_from_the_history(desk: Desk) -> None:
    desk.watch("06-12", *LINES, ("p000", LOSS, "06-01", "06-12", "ended", "none"))
    desk.do(workflow.close, "rob", "p001", said="done")  # on the 20th
    past = _list(desk, as_of=day("06-03"))
    assert [(each.parcel_id, str(each.standing.level)) for each in past.alerts] == [
        ("p000", "watch"),
        ("p001", "watch"),
    ]
    assert next(str(each.standing.level) for each in _list(desk, as_of=day("06-11")).alerts) == "warning"
    assert _parcels(desk, as_of=day("06-12")) == ["p001", "p002", "p004"]
    assert _parcels(desk, as_of=day("06-20")) == ["p002", "p004"]
    assert [each.standing for each in _list(desk, as_of=TODAY).alerts] == [each.standing for each in _list(desk).alerts]


def test_without_the_rules_the_loss_is_not_known_and_said_to_be(desk: Desk, tmp_path: Path) -> None:
    desk.watch("06-12", *LINES, ("p005", LOSS, "06-12", "06-12", "opened", "watch"), rules_id="ours-1")
    with desk.engine.connect() as connection:
        listing = list_alerts(connection, Wanted(parcel="p005"), TODAY, rules=RulesAtHand(tmp_path))
    assert [(each.at_risk, each.expected_loss_minor) for each in listing.alerts] == [(None, None)]


def test_the_story_of_an_alert_holds_what_a_visitor_needs(desk: Desk) -> None:
    fact = {"source": "weather service", "as_of": day("06-01"), "content_hash": "ab" * 32}
    said = {"kind": "weather_warning", "external_id": "w1", "said": "Hail, orange", "starts_on": day("06-01")}
    known = datetime(2019, 6, 1, tzinfo=UTC)
    desk.add(OutsideSignal(parcel_id="p000", recorded_at=known, ends_on=day("06-02"), **fact | said))
    desk.do(workflow.acknowledge, "olga")
    desk.visit("confirmed")
    with desk.engine.connect() as connection:
        story = story_of(connection, desk.number("p000"), TODAY)
        with pytest.raises(InputError, match="no alert 99"):
            story_of(connection, 99, TODAY)
    assert [str(event["kind"]) for event in story.events] == ["opened", "raised", "acknowledged", "visited"]
    assert [(visit["by"], visit["with"]) for visit in story.visits] == [("olga", "otto")]
    assert [signal.said for signal in story.signals] == ["Hail, orange"]
    assert story.position == pytest.approx((4.0025, 51.0025))
    assert (story.rules is not None, story.same_rules) == (True, False)  # the test's hash is made up
    assert [part.amount_minor for part in story.alert.loans] == [200_000]
