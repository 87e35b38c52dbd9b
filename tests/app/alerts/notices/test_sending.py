from __future__ import annotations

import json
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from app.alerts.notices.channels import channels, deactivate_channel
from app.alerts.notices.listing import list_notices, retry_notices
from app.alerts.notices.mail import Relay
from app.alerts.notices.office import SettingsOffice, check_office
from app.alerts.notices.outcome import DELIVERED, put_off, refused
from app.alerts.notices.sending import LEASE, MOST_ATTEMPTS, Claim, Round, pause
from app.alerts.notices.told import titles_of
from app.alerts.notices.webhook import Webhooks
from app.db.engine import writing
from app.db.tables import OrgUnit
from app.db.tables.alert_kinds import NoticeStatus
from geo.errors import InputError
from tests.app.alerts.notices.bank import DAY, DESK, HERE, HOOK, LONG_AGO, NOW, Bank, Desk
from tests.app.alerts.notices.mailbox import mailbox
from tests.app.alerts.notices.receiver import Answer, receiver

KEYS = (b"k" * 32,)


@pytest.fixture
def bank(engine: Engine) -> Bank:
    return Bank(engine)


def _office(port: int = 0) -> SettingsOffice:
    relay = Relay("127.0.0.1", port, "acreline@bank.example", "none") if port else None
    return SettingsOffice(Webhooks(KEYS, HERE), relay, titles_of())


def test_a_channel_is_told_once_of_what_is_grave_enough_and_new(bank: Bank) -> None:
    bank.channel()
    bank.event("p000")
    bank.event("p001", level="info")
    bank.event("p002", day=DAY - timedelta(days=20))  # no news
    bank.event("p003", recorded_at=LONG_AGO - timedelta(days=1))  # before the channel was there
    bank.event("p004", kind="opened", watch_id=None, by_id=bank.person("admin").id)  # by no watch
    assert bank.send() == Round(queued=1, sent=1, waiting=0, failed=0)
    assert bank.send() == Round(0, 0, 0, 0)
    assert bank.desk.told() == [("p000", "opened")]


def test_what_becomes_of_an_alert_is_told_to_those_who_know_of_it(bank: Bank) -> None:
    bank.channel("grave", level="action")
    bank.channel("desk")
    for parcel in ("p000", "p001"):
        bank.event(parcel, level="watch")
    bank.event("p000", "raised", "action", DAY + timedelta(days=1))
    bank.event("p000", "lowered", "watch", DAY + timedelta(days=2))
    bank.event("p001", "ended", "watch", DAY + timedelta(days=2))
    bank.event("p000", "acknowledged", "watch", DAY, watch_id=None, by_id=bank.person("admin").id)
    bank.send()
    told = Counter(
        (claim.channel_id, told.parcel_id, str(told.kind)) for claim in bank.desk.claims for told in claim.told
    )
    grave, desk = sorted({channel for channel, *_ in told})
    assert set(told.values()) == {1}
    assert {each[1:] for each in told if each[0] == grave} == {("p000", "raised"), ("p000", "lowered")}
    assert {each[1:] for each in told if each[0] == desk} == {
        ("p000", "opened"), ("p000", "raised"), ("p000", "lowered"), ("p001", "opened"), ("p001", "ended"),
    }  # fmt: skip


def test_a_unit_hears_of_its_parcels_those_below_it_and_those_of_nobody(bank: Bank) -> None:
    bank.channel("head", unit="001")
    bank.channel("branch", unit="002")
    for parcel, unit in zip(("p000", "p001"), _units(bank), strict=True):
        bank.place(parcel, unit)
    for parcel in ("p000", "p001", "p002"):
        bank.event(parcel)
    bank.send()
    told = Counter(parcel for parcel, _ in bank.desk.told())
    assert told == {"p000": 1, "p001": 2, "p002": 2}


def _units(bank: Bank) -> list[int]:
    with bank.engine.connect() as connection:
        return list(connection.scalars(select(OrgUnit.id).order_by(OrgUnit.code)))


def test_what_does_not_arrive_is_tried_again_with_growing_pauses_and_then_given_up(bank: Bank) -> None:
    bank.channel()
    bank.event("p000")
    bank.desk.answer = lambda _claim: put_off("HTTP 500")
    pauses = []
    for attempt in range(1, MOST_ATTEMPTS):
        assert bank.send().waiting == 1
        (notice,) = bank.notices()
        assert (notice.attempts, notice.last_error) == (attempt, "HTTP 500")
        pauses.append(notice.next_attempt_at - bank.clock.now)
        bank.clock.now = notice.next_attempt_at
    assert bank.send().failed == 1
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert max(pauses) == timedelta(hours=12)
    assert timedelta(days=2) < bank.clock.now - NOW < timedelta(days=3)
    assert len({claim.told[0].key for claim in bank.desk.claims}) == 1


def test_pauses_are_spread() -> None:
    assert (pause(1, 0.0), pause(1, 1.0)) == (timedelta(seconds=30), timedelta(seconds=90))
    assert pause(60, 0.5) == timedelta(hours=12)


def test_who_asks_to_wait_is_left_alone_with_everything(bank: Bank) -> None:
    bank.channel()
    bank.channel("other")
    for parcel in ("p000", "p001", "p002"):
        bank.event(parcel)
    bank.desk.answer = lambda _claim: put_off("HTTP 429", 7_200) if len(bank.desk.claims) == 1 else DELIVERED
    done = bank.send()
    assert (done.sent, done.waiting) == (3, 3)
    waiting = [each for each in bank.notices() if each.status == NoticeStatus.PENDING]
    assert [each.attempts for each in waiting] == [1, 0, 0]
    assert {each.next_attempt_at for each in waiting} == {NOW + timedelta(hours=2)}
    bank.desk.answer = lambda _claim: DELIVERED
    bank.clock.on(hours=2)
    assert bank.send().sent == 3


def test_what_is_refused_is_given_up_at_once_and_may_be_tried_again_under_its_key(bank: Bank) -> None:
    bank.channel()
    bank.event("p000")
    bank.desk.answer = lambda _claim: refused("HTTP 404")
    assert bank.send().failed == 1
    with writing(bank.engine) as connection:
        (line,) = list_notices(connection, status=NoticeStatus.FAILED, channel="hook")
        assert (line.last_error, line.parcel_id, line.kind) == ("HTTP 404", "p000", "opened")
        with pytest.raises(InputError, match="risk or admin"):
            retry_notices(connection, bank.person("officer"), NOW, numbers=[line.id])
        assert retry_notices(connection, bank.person("admin"), NOW, numbers=[line.id]) == 1
    bank.desk.answer = lambda _claim: DELIVERED
    assert bank.send().sent == 1
    first, second = bank.desk.claims
    assert first.told == second.told
    with writing(bank.engine) as connection:
        with pytest.raises(InputError, match="is sent"):
            retry_notices(connection, bank.person("admin"), NOW, numbers=[line.id])
        with pytest.raises(InputError, match="no notice 99"):
            retry_notices(connection, bank.person("admin"), NOW, numbers=[99])
        assert retry_notices(connection, bank.person("admin"), NOW, channel="hook") == 0


def test_what_is_too_old_is_given_up(bank: Bank) -> None:
    bank.channel()
    bank.event("p000")
    bank.desk.answer = lambda _claim: put_off("HTTP 500")
    bank.send()
    bank.clock.on(days=7)
    assert bank.send().failed == 1


class Killed(BaseException):
    """A process that dies."""


def test_who_dies_after_delivery_delivers_again_under_the_same_key(bank: Bank) -> None:
    with receiver() as there:
        bank.channel(target=there.url)
        bank.event("p000")
        office = _office()

        def dies(claim: Claim) -> Any:
            assert office.deliver(claim, bank.clock.now).delivered
            raise Killed

        with pytest.raises(Killed):
            bank.send(Desk(dies))
        assert bank.states() == [("pending", 1)]
        assert bank.send(office).sent == 0  # the claim still stands
        bank.clock.on(seconds=LEASE.total_seconds())
        assert bank.send(office).sent == 1
        assert bank.send(office).sent == 0
    first, second = there.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert bank.states() == [("sent", 2)]


def test_a_sender_that_was_too_slow_changes_nothing(bank: Bank) -> None:
    bank.channel()
    bank.event("p000")

    def slow(_claim: Claim) -> Any:
        bank.clock.on(minutes=10)
        assert bank.send(Desk()).sent == 1  # another took over
        return refused("HTTP 404")

    bank.send(Desk(slow))
    assert bank.states() == [("sent", 2)]


def test_two_senders_at_once_deliver_everything_once(bank: Bank) -> None:
    with receiver() as there:
        bank.channel(target=there.url)
        for parcel in ("p000", "p001", "p002", "p003", "p004"):
            for day in range(6):
                bank.event(parcel, "opened" if day == 0 else "raised", day=DAY - timedelta(days=day))
        rounds: list[Round] = []
        threads = [threading.Thread(target=lambda: rounds.append(bank.send(_office()))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(each.sent for each in rounds) == 30
    assert len(there.received) == len(set(there.ids())) == 30
    assert set(bank.states()) == {("sent", 1)}


def test_a_webhook_says_what_happened_and_nothing_of_persons(bank: Bank) -> None:
    with receiver() as there:
        bank.channel(target=there.url)
        event = bank.event("p000")
        bank.send(_office())
    body = json.loads(there.received[0].body)
    assert (body["type"], body["timestamp"]) == ("alert.opened", "2026-11-22T12:00:00Z")
    assert body["data"] == {
        "alert": "key of p000",
        "event": event,
        "kind": "opened",
        "parcel_id": "p000",
        "season_id": "2018-10-01/2019-10-31",
        "cause": "abrupt_loss",
        "title": {"en": "Sudden loss of canopy", "zh": "冠层突然损失"},
        "headline": {
            "en": "Warning (new): Sudden loss of canopy, parcel p000, 2026-11-20, this parcel alone",
            "zh": "预警（新增）：冠层突然损失，地块 p000，2026-11-20，仅本地块",
        },
        "level": "warning",
        "opened_on": "2026-11-20",
        "happened_on": "2026-11-20",
        "rules": {"id": "growth-1"},
        "scope": "own",
        "severity": 0.6,
        "probability": 0.75,
        "event_from": None,
        "event_on": "2026-11-18",
    }


def test_one_mail_tells_what_is_new_at_one_time_and_is_the_same_mail_in_every_attempt(bank: Bank) -> None:
    with mailbox(END="451 later") as there:
        bank.channel("desk", DESK, language="zh")
        bank.event("p000")
        bank.event("p001", level="action")
        assert bank.send(_office(there.port)) == Round(2, 0, 2, 0)
        bank.clock.on(minutes=1)
        bank.event("p002")
        del there.replies["END"]
        bank.clock.on(minutes=1)
        assert bank.send(_office(there.port)) == Round(1, 3, 0, 0)
    again = [mail for mail in there.mails if mail["Message-ID"] == there.mails[0]["Message-ID"]]
    assert (len(there.mails), len(again)) == (3, 2)
    assert again[0].get_content() == again[1].get_content()
    assert again[0]["Subject"] == "作物预警 2 条：处置 1, 预警 1"
    assert again[0].get_content().startswith("处置（新增）：冠层突然损失，地块 p001，2026-11-20，仅本地块")


def test_a_mail_that_was_given_up_is_tried_again_whole(bank: Bank) -> None:
    with mailbox(RCPT="550 no such mailbox") as there:
        bank.channel("desk", DESK)
        bank.event("p000")
        bank.event("p001")
        assert bank.send(_office(there.port)).failed == 2
        with writing(bank.engine) as connection:
            assert retry_notices(connection, bank.person("admin"), NOW, numbers=[bank.notices()[0].id]) == 2
        there.replies.clear()
        assert bank.send(_office(there.port)).sent == 2
    assert [mail["Subject"] for mail in there.mails] == ["2 crop alerts: Warning 2"]


def test_a_channel_that_was_ended_is_told_nothing_more(bank: Bank) -> None:
    bank.channel()
    bank.event("p000")
    bank.desk.answer = lambda _claim: put_off("HTTP 500")
    bank.send()
    with writing(bank.engine) as connection:
        with pytest.raises(InputError, match="who ends channels of notices is admin"):
            deactivate_channel(connection, "hook", bank.person("officer"))
        assert deactivate_channel(connection, "hook", bank.person("admin")) == 1
        with pytest.raises(InputError, match="ended already"):
            deactivate_channel(connection, "hook", bank.person("admin"))
        with pytest.raises(InputError, match="was ended"):
            retry_notices(connection, bank.person("admin"), NOW, channel="hook")
    bank.event("p001")
    bank.clock.on(days=1)
    assert bank.send() == Round(0, 0, 0, 0)


def test_channels_are_checked_and_shown_without_what_may_be_secret(bank: Bank) -> None:
    bank.channel(target=f"{HOOK}a?key=hush")
    for code, target in (("hook", HOOK), ("new", "http://hooks.example.org/"), ("new", "a@b@c"), ("new", "10.0.0.1")):
        with pytest.raises(InputError):
            bank.channel(code, target)
    with pytest.raises(InputError, match="no unit"):
        bank.channel("new", HOOK, unit="999")
    with bank.engine.connect() as connection:
        (only,) = channels(connection)
    assert only.shown_target == f"{HOOK}a?..."


def test_nothing_begins_without_a_way_out(bank: Bank) -> None:
    without = SettingsOffice(Webhooks((), HERE), None, titles_of())
    with bank.engine.connect() as connection:
        check_office(connection, without)
    bank.channel("desk", DESK)
    with bank.engine.connect() as connection, pytest.raises(InputError, match="no mail server"):
        check_office(connection, without)
    bank.channel()
    with bank.engine.connect() as connection, pytest.raises(InputError, match="no secret"):
        check_office(connection, without)


def test_a_cause_of_unknown_rules_goes_by_its_key(tmp_path: Path) -> None:
    titles = titles_of(tmp_path)
    assert titles("growth-9", "hail").zh == "hail"
    assert titles("growth-1", "no_such_cause").en == "no_such_cause"


def test_a_broken_answer_is_an_error_in_one_line(bank: Bank) -> None:
    with receiver(Answer(422, body=b"<html>\n<p>no</p>")) as there:
        bank.channel(target=there.url)
        bank.event("p000")
        assert bank.send(_office()).failed == 1
    assert bank.notices()[0].last_error == "HTTP 422: <html> <p>no</p>"
