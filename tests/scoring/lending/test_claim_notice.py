from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from scoring.lending.claim_notice import Loss, claim_notice, notice_of, soonest
from scoring.lending.relief import relief_offers
from scoring.pack_relief import ClaimNotice, Claims, Collection, Relief

SAYS = {"en": "Report it.", "zh": "请报案。"}


def _rule(code: str = "any", **said: Any) -> ClaimNotice:
    return ClaimNotice(code=code, says=SAYS, cites="c", **said)


def _claims(*rules: ClaimNotice) -> Claims:
    return Claims(notices=rules)


EVENT = Loss("abrupt_loss", known_on=date(2026, 6, 12), seen_on=date(2026, 6, 10), not_before=date(2026, 6, 5))


def test_seventy_two_hours_are_three_calendar_days():
    notice = claim_notice(_claims(_rule(hours=72)), EVENT, date(2026, 6, 12), insurer="AIC", kind="crop")
    assert notice is not None
    assert (notice.counts_from, notice.last_day, notice.days_left, notice.passed) == (
        date(2026, 6, 10), date(2026, 6, 13), 1, False,
    )  # fmt: skip
    assert notice.careful_day == date(2026, 6, 9)
    late = claim_notice(_claims(_rule(hours=72)), EVENT, date(2026, 6, 14), insurer="AIC", kind="crop")
    assert late is not None
    assert (late.days_left, late.passed) == (-1, True)


def test_a_rule_may_count_from_the_day_on_which_the_loss_became_known():
    notice = claim_notice(_claims(_rule(days=10, counts_from="known")), EVENT, EVENT.known_on, insurer="x", kind="crop")
    assert notice is not None
    assert (notice.last_day, notice.careful_day) == (date(2026, 6, 22), None)
    undated = Loss("not_sown", known_on=date(2026, 6, 12))
    assert notice_of(_rule(days=2), undated, date(2026, 6, 12)).last_day == date(2026, 6, 14)


def test_without_a_span_the_policys_own_wording_says_it():
    notice = claim_notice(_claims(_rule()), EVENT, EVENT.known_on, insurer="x", kind="crop")
    assert notice is not None
    assert (notice.last_day, notice.days_left, notice.passed) == (None, None, False)
    assert soonest([notice]) is None


def test_the_most_particular_rule_counts_and_the_first_end_among_equals():
    rules = _claims(
        _rule("all", days=30), _rule("hail", days=3, causes=("abrupt_loss",)), _rule("own", days=10, insurer="AIC"),
        _rule("life", days=1, kinds=("asset",)), _rule("short", days=20),
    )  # fmt: skip
    asked = {
        ("AIC", "crop", "abrupt_loss"): "own", ("aic", "income", "flood"): "own",
        ("PICC", "crop", "abrupt_loss"): "hail", ("PICC", "crop", "flood"): "short", ("PICC", "asset", "flood"): "life",
    }  # fmt: skip
    for (insurer, kind, cause), code in asked.items():
        found = claim_notice(rules, Loss(cause, EVENT.known_on), EVENT.known_on, insurer=insurer, kind=kind)
        assert found is not None
        assert found.rule.code == code
    only = _claims(_rule("aic", insurer="AIC", days=3))
    assert claim_notice(only, EVENT, EVENT.known_on, insurer="PICC", kind="crop") is None
    dated = _claims(_rule(days=3, valid_from=date(2027, 1, 1)))
    assert claim_notice(dated, EVENT, EVENT.known_on, insurer="PICC", kind="crop") is None


DAYS = st.dates(date(2023, 12, 1), date(2028, 3, 31))


@given(DAYS, st.integers(0, 60), st.integers(0, 20), st.integers(-40, 40))
def test_the_last_day_is_so_many_calendar_days_on_across_months_and_leap_years(seen, span, before, asked):
    loss = Loss("flood", known_on=seen + timedelta(days=3), seen_on=seen, not_before=seen - timedelta(days=before + 1))
    day = seen + timedelta(days=asked)
    notice = notice_of(_rule(days=span), loss, day)
    assert notice.last_day is not None
    assert (notice.last_day - seen).days == span
    assert notice.days_left == (notice.last_day - day).days
    assert notice.passed == (day > notice.last_day)
    assert (notice.careful_day is None) == (before == 0)
    assert notice.careful_day is None or notice.careful_day == notice.last_day - timedelta(days=before)
    if span:
        for hours in (24 * span, 24 * span + 23):
            assert notice_of(_rule(hours=hours), loss, day).last_day == notice.last_day


def _relief(**said: Any) -> Relief:
    option = {"code": "rescheduling", "kind": "extension", "title": SAYS, "asks": SAYS, "cites": "c"}
    return Relief(options=(option | said,))  # type: ignore[arg-type] # pydantic builds the option


def test_relief_is_shown_by_scope_and_what_was_seen_only_informs():
    relief = _relief(scopes=("regional",), least_loss="0.33", declared=True)
    day = date(2026, 6, 12)
    assert relief_offers(relief, "own", 0.9, day) == ()
    assert [offer.seen_reaches for offer in relief_offers(relief, "regional", 0.2, day)] == [False]
    assert [offer.seen_reaches for offer in relief_offers(relief, "unclear", 0.4, day)] == [True]
    assert [offer.seen_reaches for offer in relief_offers(relief, "regional", None, day)] == [None]
    assert relief_offers(_relief(valid_to=date(2026, 6, 11)), "own", 0.4, day) == ()


def test_sections_hang_together():
    with pytest.raises(ValidationError, match="state hours or days, not both"):
        _rule(hours=72, days=3)
    with pytest.raises(ValidationError, match="holds 'any' twice"):
        _claims(_rule(), _rule())
    with pytest.raises(ValidationError, match="order the days from most to least"):
        Collection(remind_days=(7, 15))
    with pytest.raises(ValidationError, match="holds 'rescheduling' twice"):
        Relief(options=_relief().options * 2)
