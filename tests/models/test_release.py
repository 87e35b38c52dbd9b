from __future__ import annotations

import hashlib
import json
import shutil
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from geo.errors import DataError
from geo.legend import load_legend
from geo.season import dekads
from models.card import ModelCard, read_card
from models.decide import best_guess
from models.predict import classify_series, predict
from models.release import CARD, WEIGHTS, Release, load_release
from tiles.simulation.chips import pixel_series, simulate_block

SHIPPED = Path(str(resources.files("models").joinpath("release")))


@pytest.fixture(scope="module")
def shipped() -> Release:
    return load_release()


def _copy(folder: Path) -> Path:
    folder.mkdir()
    for name in (CARD, WEIGHTS):
        shutil.copy(SHIPPED / name, folder / name)
    return folder


def test_weights_are_small_and_those_of_the_card(shipped: Release) -> None:
    blob = (SHIPPED / WEIGHTS).read_bytes()
    assert len(blob) < 10_000_000
    assert hashlib.sha256(blob).hexdigest() == shipped.card.weights_sha256


def test_card_is_frank(shipped: Release) -> None:
    card = shipped.card
    assert {fact.key for fact in card.crops} == set(card.classes)
    assert any(fact.origin == "simulated" for fact in card.crops)
    assert {row.origin for row in card.data} == {"real", "simulated"}
    assert all("Copernicus" in row.licence for row in card.data if row.origin == "real")
    assert not any("flanders-2019" in row.name for row in card.data)
    assert card.accuracy
    assert card.limits
    assert card.commands


def test_card_covers_real_places_and_keeps_the_simulation_apart(shipped: Release) -> None:
    card = shipped.card
    assert card.covers(11.64, 48.38) == "bavaria-2018"
    assert card.covers(4.9, 51.0) == "flanders-2021"
    assert card.covers(66.9, 39.6) == "centralasia-2016"
    assert card.covers(115.6, 33.4) is None
    assert card.covers(115.6, 33.4, simulated=True) == "simulated-huanghuai"
    assert card.covers(11.64, 48.38, simulated=True) is None
    assert card.covers(-60.0, -10.0) is None


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    folder = _copy(tmp_path / "damaged")
    blob = bytearray((folder / WEIGHTS).read_bytes())
    blob[-1] ^= 1
    (folder / WEIGHTS).write_bytes(blob)
    with pytest.raises(DataError) as error:
        load_release(folder)
    assert error.value.code == "MODEL_DAMAGED"


@pytest.mark.parametrize("name", [CARD, WEIGHTS])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    folder = _copy(tmp_path / "missing")
    (folder / name).unlink()
    with pytest.raises(DataError) as error:
        load_release(folder)
    assert error.value.code == "MODEL_MISSING"
    assert name in error.value.message


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    folder = _copy(tmp_path / "shape")
    card = json.loads((folder / CARD).read_text())
    card["network"]["width"] += 8
    (folder / CARD).write_text(json.dumps(card))
    with pytest.raises(DataError) as error:
        load_release(folder)
    assert error.value.code == "MODEL_SHAPE"


def test_a_card_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    folder = _copy(tmp_path / "card")
    card = json.loads((folder / CARD).read_text())
    card["classes"][0] = "unobtainium"
    (folder / CARD).write_text(json.dumps(card))
    with pytest.raises(DataError) as error:
        read_card(folder / CARD)
    assert error.value.code == "MODEL_CARD"


def test_hash_changes_with_the_card(shipped: Release) -> None:
    other = shipped.card.model_copy(update={"temperature": shipped.card.temperature + 0.1})
    assert isinstance(other, ModelCard)
    assert other.hash != shipped.hash


def test_simulated_plots_of_an_unseen_seed_are_named(shipped: Release) -> None:
    days = [start + timedelta(days=4) for start in dekads(date(2023, 10, 1), date(2024, 10, 31))]
    rng = np.random.default_rng(987_654)
    right = []
    for crop in ("wheat+maize", "rice", "cotton", "vegetables", "orchard", "rapeseed+rice", "maize"):
        said = classify_series(shipped, pixel_series(crop, 20, days, rng), days)
        right += [guess == crop.split("+")[0] for guess in best_guess(said.probabilities, shipped.card)]
    assert np.mean(right) >= 0.85


def test_a_simulated_landscape_of_an_unseen_seed_is_mapped(shipped: Release) -> None:
    block = simulate_block(987_654, 64, n_dates=40)
    clear = np.isin(block.scl, (4, 5, 6))
    values = np.where(clear[:, None], block.reflectance, np.float32(np.nan))
    said = predict(shipped, values, block.days)
    legend = load_legend()
    guess = np.array([legend[key].value for key in shipped.card.classes])[said.probabilities.argmax(axis=0)]
    inner = (block.crop > 0) & (block.share > 0.9) & np.isfinite(said.vigour)
    assert (guess == block.crop)[inner].mean() >= 0.75
    assert np.corrcoef(said.vigour[inner], block.vigour[inner])[0, 1] > 0.2


def test_the_page_says_what_the_card_says(shipped: Release) -> None:
    page = (Path(__file__).parents[2] / "docs" / "model.md").read_text(encoding="utf-8")
    for row in shipped.card.accuracy:
        assert f"| {row.source} | {row.series} | {row.blocks} | {row.overall:.3f} (" in page
    assert str(shipped.card.conformal.threshold) in page
