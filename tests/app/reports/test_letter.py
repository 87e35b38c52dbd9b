from __future__ import annotations

import io
import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pypdf
import pytest
import typst

from app.jobs.letter import LetterRequest, write_letter
from app.jobs.planned import plan_limits, read_plan
from app.jobs.policybook import open_run
from app.reports import typesetting
from geo.errors import DataError, InputError
from geo.files import sha256_of
from geo.season import Season
from scoring.policy import load_pack
from tests.app.jobs.letter_run import change_policy, write_letter_run

#: 17:30 UTC: already the 23rd in Shanghai.
EVENING = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)

chinese = pytest.mark.skipif(
    not {"Noto Serif CJK SC", "Noto Sans CJK SC"} & set(typst.Fonts().families()),
    reason="no font for Chinese is installed (fonts-noto-cjk)",
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_letter_run(tmp_path_factory.mktemp("letters") / "run")


def _request(run: Path, subject: str = "F1", **changes: object) -> LetterRequest:
    plain = LetterRequest(run=run, subject=subject, kind=None, reader="farmer", language="en")
    return replace(plain, **changes)


def _text(path: Path) -> str:
    """Text of all pages without spaces and line ends, which a PDF need not keep."""
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(path.read_bytes())).pages)


def _written(request: LetterRequest, folder: Path) -> str:
    out = folder / "letter.pdf"
    write_letter(request, out, lambda: EVENING)
    return re.sub(r"\s+", "", _text(out))


def _has(text: str, *words: str) -> None:
    for each in words:
        assert re.sub(r"\s+", "", each) in text, each


def test_a_farmer_reads_amount_reasons_grounds_and_how_to_object(run: Path, tmp_path: Path) -> None:
    said = _written(_request(run), tmp_path)
    _has(said, "Example Bank (no real bank)", "23 November 2026", "Your credit limit", "F1", "yuan")
    _has(said, "1 October 2025 to 30 September 2026", "Highest loan by the rules")
    _has(said, "contain modified Copernicus Sentinel data 2025-2026", "A computer program worked")
    _has(said, "Satellite pictures showed the land clear on 2 days between 1 November 2025 and 10 March 2026")
    _has(said, "article 24 of the Personal Information Protection Law", "until 23 December 2026", "no loan contract")
    _has(said, "run-2025", "cn-planting-generic", "EXAMPLE: these rules were approved by no bank")
    assert "SIMULATED" not in said
    assert "5. " not in said.split("Whatwouldchangeit")[0]


def test_the_reference_is_the_hash_that_a_replay_prints(run: Path, tmp_path: Path) -> None:
    from typer.testing import CliRunner  # noqa: PLC0415 - only here

    from app.cli.main import app  # noqa: PLC0415 - only here

    replayed = CliRunner().invoke(app, ["limits", "replay", "F1", "--run", str(run)]).output
    sha256 = replayed.split()[-1]
    assert len(sha256) == 64
    _has(_written(_request(run), tmp_path), sha256)


@chinese
def test_a_farmer_reads_chinese(run: Path, tmp_path: Path) -> None:
    said = _written(_request(run, language="zh", addressee="王小明"), tmp_path)
    _has(said, "王小明：", "授信额度告知书", "2026年11月23日", "示例银行（非真实机构）", "原因", "如果您不同意")
    _has(said, "《个人信息保护法》第二十四条", "最晚2026年12月23日", "本函不是贷款合同", "元")


@chinese
def test_an_english_letter_holds_a_chinese_name(run: Path, tmp_path: Path) -> None:
    _has(_written(_request(run, addressee="王小明"), tmp_path), "To 王小明", "Your credit limit")


def test_a_committee_reads_every_line_with_the_running_amount(run: Path, tmp_path: Path) -> None:
    said = _written(_request(run, reader="committee"), tmp_path)
    _has(said, "receipt for the credit committee", "Lines of the receipt", "Effect, CNY", "Own funds: 70 %")
    _has(said, "12,000.00", "Clear dates", "P1", "P2", "e" * 64, "dilate_px 4, method scl, outliers true")
    _has(said, "Range:", "The land right was seen", "3 on the clear dates, of 4 read", "acreline limits replay F1")


def test_the_same_limit_and_day_give_the_same_bytes(run: Path, tmp_path: Path) -> None:
    first, second, other = (tmp_path / name for name in ("a.pdf", "b.pdf", "c.pdf"))
    written = write_letter(_request(run, on=date(2026, 11, 23)), first, lambda: EVENING)
    write_letter(_request(run), second, lambda: EVENING)
    write_letter(_request(run, on=date(2026, 11, 24)), other, lambda: EVENING)
    assert first.read_bytes() == second.read_bytes() != other.read_bytes()
    assert written.size == len(first.read_bytes())


def test_a_simulated_run_says_so_on_every_page(tmp_path: Path) -> None:
    run = write_letter_run(tmp_path / "run", simulated=True)
    out = tmp_path / "letter.pdf"
    write_letter(_request(run, reader="committee"), out, lambda: EVENING)
    pages = [page.extract_text() for page in pypdf.PdfReader(out).pages]
    assert len(pages) >= 2
    assert all("SIMULATED DATA" in page for page in pages)
    text = re.sub(r"\s+", "", "".join(pages))
    _has(text, "no satellite took them")
    assert "Copernicus" not in text


@pytest.mark.parametrize(
    "name",
    ['#eval("1+1") *b* _i_ $x^2$', "<label> @ref `raw` \\ [a] {b}", '"}; #panic()', "// a comment /* b */", "= H"],
)
def test_what_people_type_is_text_and_never_markup(run: Path, tmp_path: Path, name: str) -> None:
    request = _request(run, addressee=name, bank=f"Bank {name}", office=f"Office {name}")
    _has(_written(request, tmp_path), f"To {name}", f"Bank {name}", f"Office {name}")


def test_the_document_names_itself_its_language_and_its_day(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "letter.pdf"
    write_letter(_request(run), out, lambda: EVENING)
    reader = pypdf.PdfReader(out)
    assert reader.metadata is not None
    assert reader.metadata.title == "Your credit limit F1"
    assert reader.metadata.author == "Example Bank (no real bank)"
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.date() == date(2026, 11, 23)
    assert str(reader.trailer["/Root"]["/Lang"]).startswith("en")
    assert b"pdfaid:part" in out.read_bytes()


def test_without_a_chinese_font_there_is_one_clear_error(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = typst.Fonts(include_system_fonts=False)
    monkeypatch.setattr(typesetting, "_fonts", lambda _folder: bare)
    with pytest.raises(InputError, match=r"No font for Chinese was found\. Install fonts-noto-cjk"):
        write_letter(_request(run, language="zh"), tmp_path / "letter.pdf", lambda: EVENING)
    with pytest.raises(InputError, match="could not be displayed") as refused:
        write_letter(_request(run, addressee="王小明"), tmp_path / "letter.pdf", lambda: EVENING)
    assert refused.value.code == "LETTER_TEXT"
    assert list(tmp_path.iterdir()) == []


def test_a_letter_needs_a_bank_and_a_way_to_object(tmp_path: Path) -> None:
    run = write_letter_run(tmp_path / "run")
    change_policy(run, lender=None, objection=None)
    with pytest.raises(InputError, match="does not name the bank"):
        write_letter(_request(run), tmp_path / "letter.pdf", lambda: EVENING)
    with pytest.raises(InputError, match="does not say how a farmer objects"):
        write_letter(_request(run, bank="Our bank"), tmp_path / "letter.pdf", lambda: EVENING)
    said = _written(_request(run, bank="Our bank", reader="committee"), tmp_path)
    _has(said, "Our bank")
    assert "objecting" not in said


@pytest.fixture(scope="module")
def planned(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planned")
    (folder / "plan.csv").write_text("parcel_id,crop\nP1,wheat\nP2,maize\n", encoding="utf-8")
    season = Season(date(2026, 10, 1), date(2027, 9, 30))
    pack = load_pack("cn-planting-generic")
    plan_limits(read_plan(folder / "plan.csv"), [open_run(run)], pack, season, folder / "out")
    return folder / "out"


def test_a_letter_before_the_season_rests_on_the_plan_and_earlier_seasons(planned: Path, tmp_path: Path) -> None:
    plan = sha256_of(planned.parent / "plan.csv")
    for reader in ("farmer", "committee"):
        said = _written(_request(planned, reader=reader), tmp_path)
        _has(said, "1 October 2026 to 30 September 2027", "what satellite pictures showed before, 1 October 2025 to")
        _has(said, "contain modified Copernicus Sentinel data 2025-2026", plan, "run-2025", f"plan {plan[:16]}")
        assert "Cloud mask" not in said
        assert "Pixels" not in said


def test_a_plans_record_must_say_what_is_simulated(planned: Path, tmp_path: Path) -> None:
    copy = tmp_path / "out"
    shutil.copytree(planned, copy)
    said = json.loads((copy / "limit_plan.json").read_text())
    (copy / "limit_plan.json").write_text(json.dumps(said | {"simulated": True}))
    _has(_written(_request(copy), tmp_path), "SIMULATED DATA")
    del said["simulated"]
    (copy / "limit_plan.json").write_text(json.dumps(said))
    with pytest.raises(DataError, match=r"limit_plan\.json is not what `acreline limits plan` writes"):
        write_letter(_request(copy), tmp_path / "letter.pdf", lambda: EVENING)
    (copy / "limit_plan.json").write_text("{")
    with pytest.raises(DataError, match="cannot be read"):
        write_letter(_request(copy), tmp_path / "letter.pdf", lambda: EVENING)


def test_a_file_that_cannot_be_written_is_named(run: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_letter(_request(run), tmp_path, lambda: EVENING)
    with pytest.raises(InputError, match="There is no folder"):
        write_letter(_request(run, fonts=tmp_path / "none"), tmp_path / "letter.pdf", lambda: EVENING)
