from __future__ import annotations

from datetime import date, timedelta

import pytest

from geo.errors import InputError
from geo.season import Season, parse_season
from geo.sites import SITES_SEASON


def test_sites_are_followed_over_one_span_that_reads_back() -> None:
    assert parse_season(SITES_SEASON.id) == SITES_SEASON
    assert SITES_SEASON.id == "2015-01-01/2099-12-31"
    assert date(2026, 11, 9) in SITES_SEASON


@pytest.mark.parametrize("days", [-1, 1])
def test_no_other_span_may_be_as_long(days: int) -> None:
    with pytest.raises(InputError, match="longer than 800 days"):
        Season(SITES_SEASON.start, SITES_SEASON.end + timedelta(days=days))
