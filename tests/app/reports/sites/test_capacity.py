"""What reports say of capacity: by whose figures, and where the planned capacity lies."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.reports.sites.capacity import built_text, ground_text, mounting_and_country, sources_text
from geo.errors import DataError
from geo.sites import Mounting
from scoring.receipts.explanation import Language
from scoring.sites.capacity import Beside, capacity_json, capacity_of

BEFORE = {"low": 3.7, "high": 8.7, "basis": "world mean 0.37, rows unknown 0.87 MWdc/ha"}
BOTH: tuple[Language, ...] = ("en", "zh")


def facts(beside: Beside | None = None, mounting: Mounting = Mounting.FIXED, country: str = "IN") -> dict[str, Any]:
    """Of ten hectares, for which 20 MW are planned."""
    held = capacity_json(capacity_of(100_000.0, mounting, country), beside)
    stated = {"mounting": None if mounting is Mounting.UNKNOWN else str(mounting), "country": country or None}
    return {"site": {"capacity_mw": 20.0, "ground_capacity": held, **stated}, "detail": {"capacity": held}}


def test_a_range_names_mounting_country_and_both_densities() -> None:
    assert ground_text(facts(), "en") == "4.9 to 8.7 MW (mounting fixed, densities of India: 0.49 to 0.87 MW/ha)."
    assert ground_text(facts(), "zh") == "4.9至8.7兆瓦（支架固定，印度密度0.49至0.87兆瓦/公顷）。"
    said = built_text(facts(), "en")
    assert said.startswith("What is built may hold 4.9 to 8.7 MW (direct current), where 20 MW are planned: at least")
    assert "whole plants of India" in said
    assert "alert" not in said
    assert list(mounting_and_country(facts(), "en")) == [("Mounting", "fixed"), ("Country", "India")]


def test_a_country_without_densities_has_its_code_and_the_worlds_figures() -> None:
    told = facts(mounting=Mounting.TRACKING, country="FR")
    assert list(mounting_and_country(told, "en")) == [("Mounting", "tracking"), ("Country", "FR")]
    assert ground_text(told, "en") == "3.7 to 5.9 MW (mounting tracking, densities of the world: 0.37 to 0.59 MW/ha)."


def test_a_plan_that_states_neither_is_told_without() -> None:
    told = facts(mounting=Mounting.UNKNOWN, country="")
    assert list(mounting_and_country(told, "en")) == []
    assert "(mounting unknown, densities of the world" in (ground_text(told, "en") or "")


@pytest.mark.parametrize(
    ("beside", "ground", "built"),
    [
        ("above", "more is planned than such ground is reported to hold.", "though all seems built."),
        ("below", "the ground is larger than it is reported to take.", "more ground is built on than"),
    ],
)
def test_a_planned_capacity_outside_the_range_is_an_observation(beside: Beside, ground: str, built: str) -> None:
    told = facts(beside)
    assert ground in (ground_text(told, "en") or "")
    assert built in built_text(told, "en")
    assert built_text(told, "en").endswith("This is an observation and no alert.")
    assert built_text(told, "zh").endswith("此为观测，不是预警。")
    for language in BOTH:
        assert built_text(told, language) != built_text(facts("within"), language) == built_text(facts(), language)


def test_every_source_stands_once_and_what_was_not_read_is_said() -> None:
    said = sources_text(facts(), "en")
    assert said is not None
    assert said.count("Standing Committee on Energy") == said.count("10.1109/JPHOTOV.2021.3136805") == 1
    assert said.endswith("Not each of these was read in the original.")
    read = facts()
    read["detail"]["capacity"] = read["site"]["ground_capacity"] | {"checked": True}
    read["site"]["ground_capacity"] = read["detail"]["capacity"]
    assert "original" not in (sources_text(read, "en") or "")


def test_facts_from_before_are_told_as_they_were() -> None:
    told: dict[str, Any] = {"site": {"capacity_mw": 40.0}, "detail": {"capacity": BEFORE}}
    assert ground_text(told, "en") is None
    assert list(mounting_and_country(told, "en")) == []
    assert sources_text(told, "en") is None
    assert "in the mean of the world (0.37 MW/ha), at most what dense rows hold (0.87 MW/ha" in built_text(told, "en")


def test_a_basis_that_nobody_knows_is_refused() -> None:
    told: dict[str, Any] = {"site": {"capacity_mw": 40.0}, "detail": {"capacity": BEFORE | {"basis": "a guess"}}}
    with pytest.raises(DataError) as refused:
        built_text(told, "en")
    assert refused.value.code == "SITE_FACTS"


@pytest.mark.parametrize("beside", ["above", "below", None])
def test_chinese_texts_hold_no_words_of_english(beside: Beside | None) -> None:
    told = facts(beside)
    texts = (ground_text(told, "zh") or "", built_text(told, "zh"), *sum(mounting_and_country(told, "zh"), ()))
    assert not any(re.search("[A-Za-z]{2,}", text) for text in texts)
