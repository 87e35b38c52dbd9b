"""What letters show, read from a run's own files."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path

import pypdf
import pytest

from app.jobs.letterpictures import curves_of, ground_of
from app.reports.typesetting import typeset
from geo.errors import DataError
from scoring.receipts.evidence import Evidence, Look, ParcelEvidence, RunEvidence
from tests.app.api.run_folder import SEASON_ID, build_run_folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_run_folder(tmp_path_factory.mktemp("pictures") / "run")


def _parcel(name: str, area_ha: float = 1.0, *, seen: bool = True) -> ParcelEvidence:
    look = Look(date(2026, 3, 1), 1.0, (), "a" * 64)
    return ParcelEvidence(
        parcel_id=name, geometry_version="a", season_id=SEASON_ID, status="OK", crop="wheat", crop_prob=0.9,
        crop_set=("wheat",), declared_crop=None, area_ha=area_ha, clear_dates=1, cycles=(), tiles=(),
        looks=(look,) if seen else (),
    )  # fmt: skip


def _evidence(*parcels: ParcelEvidence, plan: str | None = None) -> Evidence:
    made = RunEvidence.__dataclass_fields__
    facts = dict.fromkeys(made) | {"run_id": "r", "season_id": SEASON_ID, "plan": plan, "earlier": ()}
    return Evidence(RunEvidence(**facts), parcels, (), 0)


def test_the_largest_plots_have_curves_each_day_once(run: Path) -> None:
    parcels = [_parcel(f"P-{number:03d}", area_ha=float(number)) for number in (0, 2, 3, 5, 6)]
    curves = curves_of(run, _evidence(*parcels))
    assert [curve.name for curve in curves] == ["P-002", "P-003", "P-005", "P-006"]
    for curve in curves:
        assert list(curve.days) == sorted(set(curve.days))
        assert min(b - a for a, b in zip(curve.days, curve.days[1:], strict=False)) >= timedelta(days=10)
        assert all(0 <= value <= 1 for value in curve.ndvi)
    assert curves_of(run, _evidence(_parcel("P-000", seen=False))) == ()


def test_the_ground_shows_the_plots_within_the_imagery(run: Path) -> None:
    ground = ground_of(run, _evidence(_parcel("P-000"), _parcel("P-002")))
    assert ground is not None
    rows, columns = ground.colours.shape[:2]
    assert columns > rows
    assert [border.name for border in ground.borders] == ["P-000", "P-002"]
    for border in ground.borders:
        for ring in border.parts:
            assert all(0 <= x <= columns and 0 <= y <= rows for x, y in ring)
            assert ring[0] == ring[-1]
    assert ground.metres == 10


def test_there_is_no_picture_of_what_was_not_seen(run: Path, tmp_path: Path) -> None:
    assert ground_of(run, _evidence(_parcel("P-000"), plan="c" * 64)) is None
    assert ground_of(run, _evidence(_parcel("P'); DROP TABLE parcels; --"))) is None
    with pytest.raises(DataError):
        ground_of(tmp_path, _evidence(_parcel("P-000")))


def test_a_letter_with_pictures_can_be_read_aloud() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="5" height="5"/></svg>'
    section = {"heading": "Pictures", "kind": "pictures", "items": [{"svg": svg, "says": "A plot from above"}]}
    head = dict.fromkeys(("title", "subject", "bank", "office", "addressee", "footer"), "x")
    letter = head | {
        "language": "en", "region": "gb", "date": "x", "year": 2026, "month": 1, "day": 1, "labels": [], "facts": [],
        "amount": {"label": "x", "value": "x", "notes": []}, "sections": [section],
    }  # fmt: skip
    page = pypdf.PdfReader(io.BytesIO(typeset("letter", letter, date(2026, 1, 1)))).pages[0]
    assert "A plot from above" in page.extract_text()
