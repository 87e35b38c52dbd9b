"""Words of observation reports: whole in both languages, and figures that stand in the guide."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.db.tables.site_kinds import RedLineKind, SiteStandingKind
from app.reports.sites import words
from app.reports.sites.method import QUALITY, method_of
from app.reports.sites.values import area, measured, percent
from geo.sites import SiteMeasure, SiteType
from scoring.sites.operation import Unseen
from scoring.sites.plan import MilestoneKind
from scoring.wording.texts import Text

GUIDE = Path(__file__).parents[4] / "docs" / "sites.md"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: Words of Latin letters that Chinese texts may hold: names of files, commands, satellites and the licence's sentence.
LATIN = re.compile(
    r"Contains modified Copernicus Sentinel data|acreline sites report.*FILE|Sentinel-2|python \S+( --\S+ \S+)?"
)


@pytest.mark.parametrize(
    ("table", "kinds"),
    [
        (words.KINDS, SiteType),
        (words.STANDINGS, SiteStandingKind),
        (words.MILESTONES, MilestoneKind),
        (words.MEASURES, SiteMeasure),
        (words.RED_LINES, RedLineKind),
        (words.UNSEEN, Unseen),
    ],
)
def test_every_kind_has_a_name(table: dict[object, Text], kinds: type) -> None:
    assert set(table) == set(kinds)


def all_texts() -> list[Text]:
    tables = (words.KINDS, words.STANDINGS, words.MILESTONES, words.MEASURES, words.RED_LINES, words.UNSEEN)
    return [*words._SAY.values(), *(text for table in tables for text in table.values())]


def test_no_text_mixes_languages_and_both_tell_the_same_facts() -> None:
    for text in all_texts():
        assert not CHINESE.search(text.en), text.en
        rest = re.sub(r"\{\w+\}", "", LATIN.sub("", text.zh))
        assert not re.search(r"[A-Za-z]{2,}", rest), text.zh
        assert CHINESE.search(text.zh), text.zh
        told = [sorted(set(re.findall(r"\{(\w+)\}", said))) for said in (text.en, text.zh)]
        assert told[0] == told[1], text.en


@pytest.mark.parametrize("kind", list(SiteType))
def test_methods_are_told_in_both_languages(kind: SiteType) -> None:
    english, chinese = method_of(kind, "en"), method_of(kind, "zh")
    assert len(english) == len(chinese) >= 3
    assert not any(CHINESE.search(text) for text in english)
    assert not any(re.search(r"[A-Za-z]{2,}", LATIN.sub("", text)) for text in chinese)


def test_figures_of_quality_are_those_of_the_guide() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    for kind, quality in QUALITY.items():
        for said in (f"{quality.error:g} points", f"{quality.held:.3f}"[1:], f"{quality.dated:.3f}"[1:]):
            assert said in guide, (kind, said)
        script, options = quality.command.split(" --", 1)
        assert script in guide, kind
        assert f"--{options}" in guide, kind


def test_figures_are_written_in_their_units() -> None:
    assert (percent(0.615, "en"), percent(0.615, "zh"), percent(None, "en")) == ("62 %", "62%", "-")
    assert (area(9_999, "en"), area(10_000, "en"), area(324_000, "zh")) == ("9,999 m²", "1.0 ha", "32.4公顷")
    assert measured("pads", 3.26, "en") == "3.3"
    assert measured("water_m2", 850.0, "zh") == "850平方米"
