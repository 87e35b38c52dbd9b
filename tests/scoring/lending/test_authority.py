from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from geo.errors import InputError
from scoring.lending.authority import (
    Asked,
    Authority,
    automatic_ceiling,
    covering,
    require_covering,
    require_pack_ceiling,
)
from scoring.pack_schema import Pack
from scoring.policy import load_pack

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
OWN = Authority(1, 7, None, None, 1_000, "CNY", may_override=False, valid_from=NOW, valid_to=NOW + timedelta(days=1))
ASKED = Asked(1_000, "CNY", "planting", "p", NOW)
DAY = date(2026, 11, 22)


def _pack(**authority: object) -> Pack:
    said = load_pack("cn-planting-generic").model_dump(mode="json", exclude_none=True)
    said["authorities"] = [{"code": "A", "title": {"en": "a", "zh": "甲"}} | authority] if authority else []
    return Pack.model_validate(said)


def test_an_authority_covers_what_it_says_and_no_more():
    assert covering([OWN], ASKED) is OWN
    for asked in (
        replace(ASKED, amount_minor=1_001),
        replace(ASKED, currency="INR"),
        replace(ASKED, at=NOW - timedelta(microseconds=1)),
        replace(ASKED, at=NOW + timedelta(days=1)),
        replace(ASKED, override=True),
    ):
        assert covering([OWN], asked) is None


def test_products_and_policies_fit_where_they_are_named():
    assert covering([replace(OWN, product="planting", policy_id="p")], ASKED) is not None
    assert covering([replace(OWN, product="other")], ASKED) is None
    assert covering([replace(OWN, policy_id="other")], ASKED) is None
    assert covering([replace(OWN, product="planting")], replace(ASKED, product=None)) is None


def test_the_least_that_covers_is_taken():
    wide, least = replace(OWN, id=2, up_to_minor=9_999), replace(OWN, id=3)
    assert covering([wide, least, replace(OWN, id=4)], ASKED) is least
    assert covering([wide, replace(OWN, may_override=True)], replace(ASKED, override=True)).id == 1


def test_refusals_say_whether_there_is_any_authority():
    with pytest.raises(InputError, match="olga holds no authority on 2026-11-20"):
        require_covering([OWN], replace(ASKED, at=NOW - timedelta(days=2)), "olga", 2)
    with pytest.raises(InputError, match=r"covers 10\.01 CNY under p \(product: planting\)"):
        require_covering([OWN], replace(ASKED, amount_minor=1_001), "olga", 2)


def test_a_pack_sets_a_ceiling_where_it_names_people():
    require_pack_ceiling(_pack(), 10**12, DAY)
    require_pack_ceiling(_pack(most=100), 10_000, DAY)
    with pytest.raises(InputError, match=r"covers 100\.01 CNY"):
        require_pack_ceiling(_pack(most=100), 10_001, DAY)
    dated = {"valid_from": "2026-11-01", "valid_to": "2026-11-30"}
    require_pack_ceiling(_pack(most=1, automatic=True, **dated), 10**12, DAY)


def test_the_programs_own_ceiling_is_dated():
    dated = {"valid_from": "2026-11-01", "valid_to": "2026-11-30"}
    pack = _pack(most=100, automatic=True, **dated)
    assert automatic_ceiling(pack, DAY) == 10_000
    assert automatic_ceiling(pack, date(2026, 12, 1)) is None
    assert automatic_ceiling(_pack(most=100), DAY) is None
