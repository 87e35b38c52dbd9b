from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
import shapely
from sqlalchemy import Engine, select

from app.alerts.signals.about import Signal, list_signals, signals_about, signals_by_parcel
from app.alerts.signals.reading import Reading, read_signals
from app.alerts.signals.stated import SignalFile, Stated, Withdrawn
from app.alerts.signals.taking_in import TakenIn, take_in
from app.book.decisions.people import NewUser, add_unit, add_user
from app.book.parties.access import everything_about
from app.book.parties.consents import withdraw
from app.book.parties.erasure import erase
from app.db.engine import writing
from app.db.tables import OutsideSignal, Party
from app.db.tables.alert_kinds import SignalKind
from app.db.tables.kinds import OrgKind, UserRole
from geo.errors import InputError
from tests.app.alerts.signals.messages import message, reference
from tests.app.book.farmers import LONG_AGO, NOW, own_rules, vault

DAY = date(2026, 11, 20)
PLAIN = Stated("s.csv line 2", SignalKind.INSURANCE, "c1", "Claim paid", DAY, parcel_id="p002")
ABOUT_F0 = Stated("s.csv line 3", SignalKind.LITIGATION, "c2", "Filed", DAY, farmer_id="f0")
ABOUT_F1 = Stated("s.csv line 4", SignalKind.LITIGATION, "c3", "Filed", DAY, farmer_id="f1")
ABOUT_ORGANISATION = Stated("s.csv line 5", SignalKind.LITIGATION, "c4", "Filed", DAY, farmer_id="f9")
STRANGE = Stated("s.csv line 6", SignalKind.PEST, "c5", "Locusts", DAY, parcel_id="p999")
#: Covers p000 and p001, and of p002 less than its centre.
HAIL = Stated(
    "h", SignalKind.WEATHER_WARNING, "w1", "Hail", DAY - timedelta(days=3), DAY, area=shapely.box(3.99, 50, 4.021, 52)
)


def _take(
    engine: Engine, *signals: Stated, source: str = "met", as_of: date | None = DAY, known: bool = False
) -> TakenIn:
    with writing(engine) as connection:
        return take_in(connection, SignalFile(signals), source=source, as_of=as_of, now=NOW, known_only=known)


def _about(engine: Engine, parcel: str, day: date = DAY) -> list[str]:
    with engine.connect() as connection:
        return [each.external_id for each in signals_about(connection, parcel, day)]


def _import(engine: Engine, folder: Path, **messages: bytes) -> TakenIn:
    paths = [folder / f"{name}.xml" for name in messages]
    for path, content in zip(paths, messages.values(), strict=True):
        path.write_bytes(content)
    with writing(engine) as connection:
        return take_in(connection, read_signals(paths, Reading()), source="met", as_of=None, now=NOW)


def test_the_same_signals_again_change_nothing(bank: Engine) -> None:
    signals = (PLAIN, ABOUT_F0, ABOUT_ORGANISATION, HAIL)
    assert (_take(bank, *signals).new, _take(bank, *signals).known) == (4, 4)
    assert _take(bank, PLAIN, as_of=DAY - timedelta(days=1)).known == 1  # said again, the same
    assert _take(bank, PLAIN, source="other").new == 1  # numbers are the source's own


def test_other_words_under_the_same_number_are_refused(bank: Engine) -> None:
    _take(bank, PLAIN)
    with pytest.raises(InputError, match="line 2: the source said otherwise"):
        _take(bank, replace(PLAIN, said="Claim refused"), ABOUT_F0)
    assert _about(bank, "p000") == []  # all or none


@pytest.mark.parametrize(
    ("signals", "said"),
    [
        ((ABOUT_F0, ABOUT_F1), "line 4: party .* has no consent to bureau"),
        ((PLAIN, STRANGE), "line 6: there is no such parcel"),
        ((replace(ABOUT_F0, farmer_id="f7"),), "no such farmer"),
        ((PLAIN, replace(STRANGE, parcel_id="p001", external_id="c1")), "the same external_id as s.csv line 2"),
    ],
)
def test_a_file_with_a_fault_is_refused_whole(bank: Engine, signals: tuple[Stated, ...], said: str) -> None:
    with pytest.raises(InputError, match=said):
        _take(bank, *signals)
    with bank.connect() as connection:
        assert list_signals(connection) == ()


def test_what_the_book_does_not_know_is_left_out_where_asked_for(bank: Engine) -> None:
    done = _take(bank, PLAIN, ABOUT_F0, ABOUT_F1, STRANGE, known=True)
    assert (done.new, done.unknown, done.without_consent) == (2, 1, 1)


def test_days_are_needed_and_do_not_lie_ahead(bank: Engine) -> None:
    with pytest.raises(InputError, match="--as-of"):
        _take(bank, PLAIN, as_of=None)
    with pytest.raises(InputError, match="no name"):
        _take(bank, PLAIN, source=" ")
    with pytest.raises(InputError, match="lies in the future"):
        _take(bank, PLAIN, as_of=date(2027, 1, 1))


def test_signals_concern_parcels_parties_and_ground(bank: Engine) -> None:
    _take(bank, PLAIN, ABOUT_F0, ABOUT_ORGANISATION, HAIL)
    with bank.connect() as connection:
        found = signals_by_parcel(connection, ["p000", "p001", "p002", "p005", "p999"], DAY)
    names = {parcel: [each.external_id for each in signals] for parcel, signals in found.items()}
    assert names == {"p000": ["w1", "c2"], "p001": ["w1", "c2"], "p002": ["c1"], "p005": [], "p999": []}
    signal = found["p000"][0]
    assert isinstance(signal, Signal)
    assert (signal.source, signal.has_area, signal.said) == ("met", True, "Hail")


def test_a_signal_counts_from_the_day_it_was_said_until_a_month_after_its_end(bank: Engine) -> None:
    _take(bank, HAIL, replace(PLAIN, parcel_id="p000", expires_on=DAY + timedelta(days=40)))
    seen = [_about(bank, "p000", DAY + timedelta(days=days)) for days in (-1, 0, 30, 31, 41)]
    assert seen == [[], ["w1", "c1"], ["w1", "c1"], ["c1"], []]


def test_who_no_longer_agrees_is_no_longer_spoken_of(bank: Engine) -> None:
    _take(bank, ABOUT_F0)
    with writing(bank) as connection:
        consent = connection.scalars(select(OutsideSignal.consent_id)).one()
        assert consent is not None
        withdraw(connection, consent, datetime(2026, 11, 21, 8, tzinfo=NOW.tzinfo), NOW)
    assert (_about(bank, "p000", DAY), _about(bank, "p000", date(2026, 11, 21))) == (["c2"], [])


def test_an_update_replaces_and_a_cancel_ends_a_warning(bank: Engine, tmp_path: Path) -> None:
    first = message("m1")
    update = message("m2", kind="Update", references=reference("m1"), sent="2026-11-17T06:00:00+08:00")
    cancel = message("m3", kind="Cancel", references=reference("m2"), sent="2026-11-18T06:00:00+08:00")
    assert _import(bank, tmp_path, a=first).new == 1
    done = _import(bank, tmp_path, a=first, b=update)
    assert (done.new, done.known, done.taken_back) == (1, 1, 1)
    assert _import(bank, tmp_path, a=first, b=update, c=cancel).taken_back == 1
    again = _import(bank, tmp_path, c=cancel, b=update, a=first)
    assert (again.new, again.known, again.taken_back) == (0, 2, 0)
    days = [_about(bank, "p000", date(2026, 11, day)) for day in (15, 16, 17, 18)]
    assert days == [[], ["met@example.org,m1"], ["met@example.org,m2"], []]


def test_a_warning_that_comes_after_its_cancel_counts_for_nothing(bank: Engine, tmp_path: Path) -> None:
    cancel = message("m3", kind="Cancel", references=reference("m1"), sent="2026-11-17T06:00:00+08:00")
    assert _import(bank, tmp_path, c=cancel).new == 0
    done = _import(bank, tmp_path, a=message("m1"))
    assert (done.new, done.known) == (0, 1)
    assert _about(bank, "p000", date(2026, 11, 16)) == []
    with bank.connect() as connection:
        assert list_signals(connection) == ()


def test_only_its_own_source_takes_a_signal_back(bank: Engine) -> None:
    _take(bank, replace(HAIL, message="w1"))
    taken = Withdrawn("w1", datetime(2026, 11, 20, 6, tzinfo=timezone(timedelta(hours=8))), "w2")
    with writing(bank) as connection:
        done = take_in(connection, SignalFile((), (taken,)), source="other", as_of=None, now=NOW)
    assert done.taken_back == 0
    assert _about(bank, "p000") == ["w1"]


def test_lists_are_by_kind_and_day(bank: Engine) -> None:
    _take(bank, PLAIN, HAIL, ABOUT_ORGANISATION)
    with bank.connect() as connection:
        assert [each.external_id for each in list_signals(connection, kind=SignalKind.INSURANCE)] == ["c1"]
        assert list_signals(connection, day=DAY - timedelta(days=1)) == ()
        assert len(list_signals(connection, limit=2)) == 2
        party = connection.scalars(select(Party.id).where(Party.farmer_id == "f9")).one()
        assert [each.party_id for each in list_signals(connection, kind=SignalKind.LITIGATION)] == [party]


def test_signals_about_a_person_are_shown_to_them_and_go_with_their_data(bank: Engine) -> None:
    _take(bank, replace(ABOUT_F0, area=HAIL.area), PLAIN)
    with writing(bank) as connection:
        party = connection.scalars(select(Party.id).where(Party.farmer_id == "f0")).one()
        (shown,) = everything_about(connection, party, vault())["outside_signal"]
        add_unit(connection, "001", "Head office", OrgKind.HEAD_OFFICE, None, LONG_AGO)
        admin = add_user(connection, NewUser("admin", "A", UserRole.ADMIN, "001", "en"), None, LONG_AGO)
        done = erase(connection, party, by_id=admin.id, reason="asked", rules=own_rules(), now=NOW)
    assert shown["said"] == "Filed"
    assert done.counts["outside_signal"] == 1
    with bank.connect() as connection:
        assert [each.external_id for each in list_signals(connection)] == ["c1"]
