from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.lending.stages import Account, CropState, LoanCrop, Path, PlotCrop, loan_crop, loan_stage
from scoring.pack_relief import Collection
from scoring.wording.stages import STAGES, STATE_WORDS
from scoring.wording.texts import braces

COLLECTION = Collection(remind_days=(30, 15, 7), sale_days=20)
DAY = date(2026, 11, 22)
DUE = date(2026, 12, 7)


def _crop(state: CropState, on: date | None = date(2026, 10, 1), harvest_on: date | None = None) -> LoanCrop:
    return loan_crop([PlotCrop("p1", 1.0, state, on, harvest_on)])


@pytest.mark.parametrize(
    ("state", "due", "overdue"),
    [
        (CropState.HARVESTED, ("DUE_HARVESTED", Path.REMIND), ("OVERDUE_HARVESTED", Path.ASK)),
        (CropState.GROWING, ("DUE_GROWING", Path.REMIND), ("OVERDUE_GROWING", Path.ASK)),
        (CropState.NOT_SEEN, ("DUE_NOT_SEEN", Path.REMIND), ("OVERDUE_NOT_SEEN", Path.ASK)),
        (CropState.FAILED_OWN, ("DUE_FAILED_OWN", Path.VISIT), ("OVERDUE_FAILED_OWN", Path.VISIT)),
        (CropState.FAILED_REGIONAL, ("DUE_FAILED_REGIONAL", Path.RELIEF), ("OVERDUE_FAILED_REGIONAL", Path.RELIEF)),
        (CropState.FAILED_UNCLEAR, ("DUE_FAILED_UNCLEAR", Path.VISIT), ("OVERDUE_FAILED_UNCLEAR", Path.VISIT)),
    ],
)
def test_the_crop_says_which_way_stands_open(state, due, overdue):
    before = loan_stage(Account(DUE, 0), _crop(state), COLLECTION, DAY)
    after = loan_stage(Account(DUE, 12), _crop(state), COLLECTION, DUE + timedelta(days=12))
    assert before is not None
    assert after is not None
    assert (before.code, before.path, before.days, before.reminder) == (*due, 15, 15)
    assert (after.code, after.path, after.days, after.reminder) == (*overdue, 12, None)


def test_a_loan_that_matures_before_its_crop_can_be_sold_may_need_an_extension():
    early, late = date(2026, 11, 17), date(2026, 11, 18)
    for state in (CropState.GROWING, CropState.NOT_SEEN):
        told = [loan_stage(Account(DUE, 0), _crop(state, harvest_on=each), COLLECTION, DAY) for each in (early, late)]
        assert [stage and stage.path for stage in told] == [Path.REMIND, Path.EXTENSION]
    overdue = loan_stage(Account(DUE, 3), _crop(CropState.GROWING, harvest_on=late), COLLECTION, DUE + timedelta(3))
    assert overdue is not None
    assert overdue.code == "OVERDUE_BEFORE_HARVEST"
    harvested = loan_stage(Account(DUE, 0), _crop(CropState.HARVESTED, harvest_on=late), COLLECTION, DAY)
    assert harvested is not None
    assert harvested.path is Path.REMIND


def test_reminders_come_once_the_window_is_reached():
    crop = _crop(CropState.GROWING)
    told = [loan_stage(Account(DAY + timedelta(days=left), 0), crop, COLLECTION, DAY) for left in (31, 30, 16, 7, 0)]
    assert [stage and stage.reminder for stage in told] == [None, 30, 30, 7, 7]
    assert loan_stage(Account(DAY, 0, owed=False), crop, COLLECTION, DAY) is None
    assert loan_stage(Account(None, None), crop, COLLECTION, DAY) is None
    counted = loan_stage(Account(None, 40), crop, COLLECTION, DAY)
    assert counted is not None
    assert (counted.overdue, counted.days) == (True, 40)
    past = loan_stage(Account(DAY - timedelta(days=2), None), crop, COLLECTION, DAY)
    assert past is not None
    assert (past.overdue, past.days) == (True, 2)


def test_most_of_the_area_counts_and_all_plots_are_told():
    small, large = (
        PlotCrop("p1", 0.5, CropState.FAILED_OWN, date(2026, 6, 1)),
        PlotCrop("p2", 2.0, CropState.HARVESTED, date(2026, 10, 1)),
    )
    crop = loan_crop([small, large])
    assert (crop.state, crop.on) == (CropState.HARVESTED, date(2026, 10, 1))
    assert crop.plots == {CropState.FAILED_OWN: 1, CropState.HARVESTED: 1}
    even = loan_crop([small, PlotCrop("p2", 0.5, CropState.GROWING, DAY)])
    assert even.state is CropState.FAILED_OWN
    assert loan_crop([]) == LoanCrop(CropState.NOT_SEEN, None, {}, None)


STATES = st.sampled_from(CropState)


@given(st.integers(-400, 400), st.integers(0, 400), STATES, st.integers(-60, 60))
def test_every_loan_that_is_told_has_a_text_and_no_loan_is_both(left, overdue, state, until):
    due = DAY + timedelta(days=left)
    crop = _crop(state, harvest_on=due + timedelta(days=until))
    stage = loan_stage(Account(due, overdue), crop, COLLECTION, DAY)
    assert (stage is None) == (overdue == 0 and left > max(COLLECTION.remind_days))
    if stage is not None:
        assert stage.code in STAGES
        assert (stage.reminder is None) == stage.overdue
        assert stage.overdue == (overdue > 0 or left < 0)


def test_texts_say_the_same_facts_in_both_languages_and_accuse_nobody():
    for code, text in STAGES.items():
        assert braces(text.en) == braces(text.zh), code
        assert not [word for word in ("wilful", "fraud", "default", "refus") if word in text.en.lower()]
        assert not [word for word in ("恶意", "欺诈", "骗", "拒不", "老赖") if word in text.zh]
    assert set(STATE_WORDS) == {*map(str, CropState), *map(str, Path)}
