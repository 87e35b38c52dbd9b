"""Observation reports as PDF: what they say in both languages, of each type, and what stops them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pypdf
import pytest
import typst
from sqlalchemy import Engine, func, select

from app.alerts.worklist.candidates import RulesAtHand
from app.artefacts.runs import RunShelf
from app.book.decisions.people import NewUser, add_unit, add_user, find_user
from app.db import tables as t
from app.db.engine import writing
from app.db.tables.kinds import OrgKind, UserRole
from app.jobs.sitereport.shown import ground_of
from app.jobs.sitereport.writing import ReportRequest, WrittenReport, report_bytes, write_site_report
from app.sites.facts import facts_of
from app.sites.watched import watched_site
from geo.errors import DataError, InputError
from geo.manifest import write_manifest
from geo.sites import SiteType
from scoring.receipts.explanation import Language
from tests.app.book.made_up_book import open_bank
from tests.app.sites.standing_sites import APART, StoodSite, stand_site

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
LANGUAGES: tuple[Language, ...] = ("en", "zh")

chinese = pytest.mark.skipif(
    not {"Noto Serif CJK SC", "Noto Sans CJK SC"} & set(typst.Fonts().families()),
    reason="no font for Chinese is installed (fonts-noto-cjk)",
)


@dataclass(frozen=True)
class House:
    """A bank with one site of each type, one that was not seen, and one of real imagery."""

    engine: Engine
    runs: Path
    sites: dict[str, StoodSite]

    def write(self, site: str, language: Language = "en", by: str | None = "ada", **more: Any) -> WrittenReport:
        with self.engine.connect() as connection:
            person = None if by is None else find_user(connection, by)
        request = ReportRequest(self.sites[site].site_id if site in self.sites else site, language, person, **more)
        return report_bytes(request, self.engine, RunShelf(self.runs, lambda: 0.0), lambda: NOW)

    def facts(self, site: str, known_by: date | None) -> dict[str, Any]:
        with self.engine.connect() as connection:
            watched = watched_site(connection, self.sites[site].site_id)
            return facts_of(connection, watched, RulesAtHand(), known_by)

    def count(self) -> int:
        with self.engine.connect() as connection:
            return connection.scalars(select(func.count()).select_from(t.SiteReport)).one()


@pytest.fixture(scope="module")
def house(module_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> House:
    open_bank(module_engine)
    runs = tmp_path_factory.mktemp("runs")
    sites = {
        str(kind): stand_site(module_engine, runs, kind, place=(115.6 + 0.05 * n, 33.37))
        for n, kind in enumerate(SiteType)
    }
    plain: dict[str, Any] = {"meters": False, "red_lines": False, "watches": 1}
    sites["dark"] = stand_site(module_engine, runs, site_id="dark", standing="unseen", place=(116.2, 33.4), **plain)
    real = {"simulated": False, "standing": "on_track", "late_days": 0}
    sites["real"] = stand_site(module_engine, runs, site_id="real", place=(116.4, 33.4), **plain, **real)
    return House(module_engine, runs, sites)


def pages(written: WrittenReport) -> list[str]:
    return [re.sub(r"\s+", "", page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(written.content)).pages]


def has(text: str, *words: str) -> None:
    for each in words:
        assert re.sub(r"\s+", "", each) in text, each


def test_an_engineer_reads_progress_milestones_and_where_to_sign(house: House) -> None:
    said = "".join(pages(house.write("solar")))
    site = house.sites["solar"].site
    day, low, share, high = site.curve(site.as_of)[-1]
    has(said, "Observation report", "Head office", "9 November 2026", "solar-1", "Solar power plant", "40 MW")
    has(said, "36.0 ha of it to be built on", "An observation, not a certificate", "who signs below")
    has(said, f"Built: {share * 100:.0f} % of the plan", f"{low * 100:.0f} % to {high * 100:.0f} %", day.isoformat())
    has(said, "between 2026-06-22 and 2026-07-02", "161 to 170 days late", "10 days overdue", "not due yet")
    has(said, "stand for 40 % of the draw-downs", "Warning: Behind its plan", "expected at least 50 %")
    has(
        said,
        "Signature of the lender's engineer",
        "Judgement on the milestones",
        "Before: 2026-06-02",
        "After: 2026-10-30",
    )
    has(said, "S2A_T50SMB_20261030T030541_L2A", "dust and dirt on panels", "18,250.0", "State Grid meter 7")
    has(said, "benchmarks/sites_simulated.py", "farmland", "3.0 ha", "What is built may hold")
    has(said, "Mounting fixed", "Country China", "21.6 to 31.3 MW (mounting fixed, densities of China: 0.6 to 0.87 MW")
    has(said, "more is planned than such ground is reported to hold", "reported densities: Zhang and others 2022")
    has(said, "doi.org/10.1109/JPHOTOV.2021.3136805", "Not each of these was read in the original")


@chinese
def test_an_engineer_reads_chinese(house: House) -> None:
    said = "".join(pages(house.write("solar", "zh")))
    has(
        said,
        "卫星观测报告",
        "光伏电站",
        "2026年11月9日",
        "观测记录，不是证明文件",
        "贷款人工程师签字",
        "预警：进度落后于计划",
    )
    has(said, "2026-06-22至2026-07-02之间", "晚161至170天", "逾期10天", "组件积灰和污垢", "上网电量（千瓦时）")
    has(said, "支架固定", "国家中国", "21.6至31.3兆瓦（支架固定，中国密度0.6至0.87兆瓦/公顷）", "计划装机高于该范围")


OWN = {
    "wind": (
        *("Wind farm", "Planned turbines 4", "Turbines by planned place", "not shown", "damage to blades"),
        *("Pads beyond the planned places: 0 at least, 1 as it looks", "风电场", "各计划机位", "未能判断"),
    ),
    "hydro": (
        *("Hydropower plant", "stands at 617.3 m (616.2 to 618.1)", "Water", "depth of the water"),
        *("水电站", "水位为617.3米"),
    ),
    "reservoir": ("Reservoir", "stands at 617.3 m", "水库", "水深"),
}


@pytest.mark.parametrize("kind", OWN)
@chinese
def test_each_type_tells_its_own(house: House, kind: str) -> None:
    for language, said in (("en", house.write(kind)), ("zh", house.write(kind, "zh"))):
        has("".join(pages(said)), *(word for word in OWN[kind] if bool(CHINESE.search(word)) == (language == "zh")))


@chinese
@pytest.mark.parametrize("site", [*map(str, SiteType), "dark", "real"])
def test_neither_language_holds_words_of_the_other(house: House, site: str) -> None:
    english, zh = ("".join(pages(house.write(site, language))) for language in LANGUAGES)
    stood = house.sites[site].site
    data = {"东山", "基本农田", "发改能源"}  # names and permits as they were given
    assert set(CHINESE.findall(english)) <= data
    zh = re.sub(r"acrelinesitesreport.*?FILE|python\S+?(\d+|hydro|wind)", " ", zh)
    for word in (
        *(stood.name, "Headoffice", "EIA", "StateGridmeter", "landoffice", "Sentinel-2", "Acreline", "SITES_NO_SCENE"),
        *("ContainsmodifiedCopernicusSentineldata", str(stood.kind), "sites-1"),
    ):
        zh = zh.replace(word, " ")
    zh = re.sub("容量按公开报道的密度推算：.*?上述来源并非全部查阅原文。", " ", zh)  # named as they name themselves
    zh = re.sub(r"S2A_\w+|[0-9a-f]{16,}", " ", zh)
    assert not re.findall(r"[A-Za-z]{3,}", zh)


def test_a_site_that_was_not_seen_is_told_without_a_share(house: House) -> None:
    written = house.write("dark")
    said = "".join(pages(written))
    has(
        said,
        "Not seen",
        "code SITES_NO_SCENE",
        "no clear picture",
        "No look told anything",
        "None is on record. To be filled in",
    )
    has(said, "None of the red lines", "None was open on this day")
    assert "Latestmeasures" not in said


def test_simulated_imagery_is_labelled_on_every_page_and_real_imagery_has_its_licence(house: House) -> None:
    simulated, real = pages(house.write("solar")), pages(house.write("real"))
    assert len(simulated) >= 3
    assert all("SIMULATEDIMAGERY" in page for page in simulated)
    assert not any("SIMULATED" in page for page in real)
    has("".join(real), "contain modified Copernicus Sentinel data 2025-2026")
    assert "Copernicus" not in "".join(simulated)


def test_the_same_facts_give_the_same_bytes_and_one_row(house: House) -> None:
    first = house.write("hydro")
    rows = house.count()
    again, other = house.write("hydro", by="rob"), house.write("hydro", "zh")
    assert first.content == again.content != other.content
    assert first.facts_hash == again.facts_hash == other.facts_hash
    assert first.given is not None
    assert again.given == replace(first.given, already_there=True)
    assert house.count() == rows
    has("".join(pages(first)), first.facts_hash, f"--facts {first.facts_hash[:16]}")


def test_a_report_on_record_is_written_once_more_after_the_facts_moved_on(house: House) -> None:
    stood = stand_site(
        house.engine, house.runs, site_id="moved", place=(116.6, 33.4), meters=False, red_lines=False, watches=2
    )
    given = house.write("moved")
    with writing(house.engine) as connection:
        reading = {
            "parcel_id": "moved",
            "source": "meter",
            "starts_on": stood.site.day(9),
            "ends_on": stood.site.day(5),
        }
        row = {**reading, "energy_kwh": 5.0, "as_of": stood.site.day(4), "recorded_at": NOW}
        connection.execute(t.MeterReading.__table__.insert(), [row])
    newer = house.write("moved")
    assert newer.facts_hash != given.facts_hash
    assert house.write("moved", by=None, facts_hash=given.facts_hash[:16]).content == given.content


def test_without_anybody_who_gives_it_out_it_is_a_draft(house: House) -> None:
    rows = house.count()
    draft = house.write("wind", by=None)
    assert draft.given is None
    assert house.count() == rows
    assert all("DRAFT:thisreportisnotonrecord" in page for page in pages(draft))
    assert "writes this very file again".replace(" ", "") not in "".join(pages(draft))


def test_an_earlier_watch_is_told_as_it_stood(house: House) -> None:
    site = house.sites["solar"].site
    earlier = "".join(pages(house.write("solar", as_of=site.day(APART))))
    has(earlier, "10 October 2026", "Watch: Behind its plan", "not due yet", "None is on record")
    assert "2026-10-30T" not in earlier


def test_a_person_of_another_branch_gives_out_nothing(house: House) -> None:
    with writing(house.engine) as connection:
        add_unit(connection, "020", "South", OrgKind.BRANCH, "001", NOW)
        ada = find_user(connection, "ada")
        add_user(connection, NewUser("berta", "Berta", UserRole.OFFICER, "020", "en"), ada, NOW)
    rows = house.count()
    with pytest.raises(InputError) as refused:
        house.write("solar", by="berta")
    assert refused.value.code == "NOT_IN_UNIT"
    assert house.count() == rows


@pytest.fixture
def broken(migrated_sqlite_url: str, make_engine: Callable[[str], Engine], tmp_path: Path) -> Callable[[], House]:
    """A house of one site whose files a test may spoil; its database is its own, since the others share theirs."""
    engine = make_engine(migrated_sqlite_url)
    open_bank(engine)
    stood = stand_site(engine, tmp_path, watches=1, meters=False)
    return lambda: House(engine, tmp_path, {"solar": stood})


def test_a_picture_that_is_not_what_was_written_stops_the_report(broken: Callable[[], House]) -> None:
    house = broken()
    folder = house.sites["solar"].folders[-1]
    latest = max((folder / "pictures").glob("*/*.png"))
    latest.write_bytes(latest.read_bytes()[:-1] + b"x")
    with pytest.raises(DataError) as damaged:
        house.write("solar")
    assert damaged.value.code == "FILE_DAMAGED"
    latest.unlink()
    with pytest.raises(DataError) as missing:
        house.write("solar")
    assert missing.value.code == "FILE_MISSING"
    assert house.count() == 0


def test_a_run_that_is_not_here_stops_the_report(broken: Callable[[], House]) -> None:
    house = broken()
    house.sites["solar"].folders[-1].rename(house.runs / "elsewhere.away")
    (house.runs / "elsewhere.away" / "manifest.json").unlink()
    with pytest.raises(InputError) as refused:
        house.write("solar")
    run = house.sites["solar"].run_ids[-1]
    assert refused.value.code == "RUN_FILES_MISSING"
    assert refused.value.message == f"The files of run {run} are not here."
    assert "--runs" in (refused.value.remedy or "")
    assert house.count() == 0


def test_a_report_of_an_earlier_day_rests_on_what_meters_had_said_by_then(broken: Callable[[], House]) -> None:
    """A later word corrects the report of the later day, and leaves that of the earlier one as it was."""
    house = broken()
    site = house.sites["solar"].site
    said = {"parcel_id": "solar-1", "source": "meter", "starts_on": site.day(9), "ends_on": site.day(5)}
    words = [
        {**said, "energy_kwh": energy, "as_of": site.day(back), "recorded_at": NOW}
        for energy, back in ((500.0, 4), (450.0, -3))
    ]
    with writing(house.engine) as connection:
        connection.execute(t.MeterReading.__table__.insert(), words)
    stated = [house.facts("solar", as_of) for as_of in (site.day(5), site.as_of, site.day(-2), site.day(-3), None)]
    assert [[(one["energy_kwh"], one["as_of"]) for one in facts["meters"]] for facts in stated] == [
        [],
        *[[(500.0, site.day(4).isoformat())]] * 2,
        *[[(450.0, site.day(-3).isoformat())]] * 2,
    ]


def test_pictures_of_a_report_on_record_must_still_be_there(broken: Callable[[], House]) -> None:
    house = broken()
    given, folder = house.write("solar"), house.sites["solar"].folders[-1]
    latest = max((folder / "pictures").glob("*/*.png"))
    latest.write_bytes(min((folder / "pictures").glob("*/*.png")).read_bytes())
    write_manifest(folder, [path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json"])
    with pytest.raises(DataError, match="any more"):
        house.write("solar", facts_hash=given.facts_hash)


def test_a_file_that_cannot_be_written_says_so(broken: Callable[[], House], tmp_path: Path) -> None:
    house = broken()
    out = tmp_path / "taken" / "report.pdf"
    out.parent.write_text("a file where a folder would be", encoding="utf-8")
    request = ReportRequest("solar-1", "en")
    with pytest.raises(InputError) as refused:
        write_site_report(request, house.engine, RunShelf(house.runs, lambda: 0.0), out, lambda: NOW)
    assert refused.value.code == "OUT_UNWRITABLE"


def test_borders_lie_where_they_are_on_the_picture(house: House) -> None:
    stood = house.sites["wind"]
    house.write("wind")
    with house.engine.connect() as connection:
        facts = connection.scalars(select(t.SiteReport.facts).where(t.SiteReport.parcel_id == "wind-1")).first()
    assert facts is not None
    png = next((stood.folders[-1] / "pictures").glob("*/*.png")).read_bytes()
    ground = ground_of(png, facts)
    rings = {border.name: np.array(border.parts[0]) for border in ground.borders}
    first, second = (rings[name].mean(axis=0) for name in ("1", "2"))
    assert ground.metres == pytest.approx(10, rel=0.001)
    (x1, y1), (x2, y2) = stood.site.places[:2]
    assert (second - first).tolist() == pytest.approx([x2 - x1, y2 - y1], abs=0.05)
    assert ground.colours.shape[0] < 90  # cut to what is drawn


def test_the_document_names_itself_and_its_day(house: House) -> None:
    reader = pypdf.PdfReader(io.BytesIO(house.write("reservoir").content))
    assert reader.metadata is not None
    assert reader.metadata.title == "Observation report 东山 reservoir"
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.date() == date(2026, 11, 9)
