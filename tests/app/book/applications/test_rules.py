"""The table of stages and acts, stale pages, numbers without gaps, and sums that nobody passes."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select

from app.book.applications import drafting, drawing, reviewing
from app.book.applications.files import Doing, find_for
from app.book.applications.stages import RULES, Act, Stage, may, require
from app.book.decisions.people import Person
from app.db.engine import writing
from app.db.tables import ApplicationEvent, Drawdown
from app.db.tables.kinds import DrawdownStatus, UserRole
from geo.errors import InputError
from tests.app.book.applications.made_up import ANYWHERE, SEASON, Desk

_ROLES = {"o": UserRole.OFFICER, "r": UserRole.REVIEWER, "k": UserRole.RISK}
#: Written by hand beside the program's own table: act, stages, roles (o officer, r reviewer, k risk).
TABLE = {
    Act.CHANGE: ("draft", "or"),
    Act.SUBMIT: ("draft", "or"),
    Act.WITHDRAW: ("draft submitted in_review", "or"),
    Act.TAKE_UP: ("submitted in_review", "rk"),
    Act.RETURN: ("in_review", "rk"),
    Act.PROPOSE: ("in_review", "rk"),
    Act.GRANT: ("approved", "or"),
    Act.DRAW: ("granted", "or"),
    Act.APPROVE_DRAW: ("granted", "rk"),
    Act.REFUSE_DRAW: ("granted", "ork"),
}


@pytest.mark.parametrize("act", list(Act))
def test_who_may_do_what_in_which_stage(act: Act) -> None:
    for stage, role in product(Stage, UserRole):
        _agrees_with_the_table(act, stage, role)


def _agrees_with_the_table(act: Act, stage: Stage, role: UserRole) -> None:
    stages, letters = TABLE[act]
    allowed = stage in stages.split() and role in {_ROLES[letter] for letter in letters}
    by = Person(7, "x", "X", role, "001", active=True)
    assert may(act, stage, by, frozenset(), 7) == allowed
    if allowed:
        require(act, stage, by, number="A", prepared=frozenset(), reviewer=7)
        return
    with pytest.raises(InputError) as caught:
        require(act, stage, by, number="A", prepared=frozenset(), reviewer=7)
    assert caught.value.code in {"ROLE_LACKS", "APPLICATION_STAGE"}


@pytest.mark.parametrize("act", [act for act, rule in RULES.items() if rule.apart])
def test_nobody_reviews_what_they_prepared(act: Act) -> None:
    by = Person(7, "x", "X", UserRole.REVIEWER, "001", active=True)
    stage = min(RULES[act].stages)
    assert not may(act, stage, by, {7}, 7)
    with pytest.raises(InputError) as caught:
        require(act, stage, by, number="A", prepared={7}, reviewer=7)
    assert caught.value.code == "MAKER_IS_CHECKER"


def test_a_stale_page_writes_nothing(desk: Desk) -> None:
    number = desk.begin()
    seen = desk.filed(number).version
    desk.act(drafting.ask_for, number, "olga", pack=desk.bank.pack, amount=Decimal(100), season_id=SEASON)
    stale = Doing(desk.bank.people["rob"], desk.now, seen)
    with pytest.raises(InputError) as caught, writing(desk.bank.engine) as connection:
        find_for(connection, number, ANYWHERE, Act.CHANGE, stale)
    assert caught.value.code == "APPLICATION_CHANGED"
    assert desk.filed(number).requested_minor == 10_000


def test_numbers_have_no_gaps_when_people_begin_at_the_same_time(desk: Desk) -> None:
    engine, by, begun = (
        desk.bank.engine,
        desk.bank.people["olga"],
        drafting.Begun(desk.party, desk.unit, desk.bank.pack),
    )

    def begin(_place: int) -> str:
        with writing(engine) as connection:
            return drafting.begin(connection, begun, by, desk.now)

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(begin, range(12)))
    assert sorted(numbers) == [f"001-2026-{place:05d}" for place in range(1, 13)]


def test_no_sequence_of_acts_passes_the_sum_or_lets_one_person_make_and_check(desk: Desk) -> None:
    number, draw = desk.bring_to(Stage.GRANTED), random.Random(5)  # noqa: S311 - of a test
    logins = ("olga", "rob", "ben", "rita")
    drawable = desk.room(number).drawable_minor
    for _ in range(25):
        acts: list[Callable[[], Any]] = [
            lambda: desk.act(
                drawing.ask_to_draw, number, draw.choice(logins), draw.randrange(1, 50_000), desk.bank.pack
            ),
            lambda: desk.act(drawing.approve_draw, number, draw.choice(logins), draw.randrange(1, 12), desk.bank.pack),
            lambda: desk.act(drawing.refuse_draw, number, draw.choice(logins), draw.randrange(1, 12), "not now"),
        ]
        try:
            draw.choice(acts)()
        except InputError as error:
            known = {"DRAW_TOO_MUCH", "DRAW_UNKNOWN", "DRAW_ANSWERED", "ROLE_LACKS", "MAKER_IS_CHECKER"}
            if error.code not in known:
                raise
        with desk.bank.engine.connect() as connection:
            rows = connection.execute(select(Drawdown)).mappings().all()
        taken = [row for row in rows if row["status"] in (DrawdownStatus.REQUESTED, DrawdownStatus.APPROVED)]
        assert sum(row["amount_minor"] for row in taken) <= drawable == 60_000
        assert all(row["proposed_by_id"] != row["approved_by_id"] for row in rows)
        approved = [row for row in rows if row["status"] is DrawdownStatus.APPROVED]
        assert all(row["approved_by_id"] is not None for row in approved)
    assert desk.room(number).drawable_minor == drawable


def test_who_changed_a_draft_once_does_not_take_it_up(desk: Desk) -> None:
    number = desk.begin()
    desk.fill(number, by="rob")
    desk.act(reviewing.submit, number, "olga", desk.bank.pack)
    with pytest.raises(InputError) as caught:
        desk.act(reviewing.take_up, number, "rob")
    assert caught.value.code == "MAKER_IS_CHECKER"
    with desk.bank.engine.connect() as connection:
        assert connection.scalars(select(ApplicationEvent.id)).all()
