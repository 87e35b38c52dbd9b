from __future__ import annotations

import copy
import importlib.util
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn
from torch.nn import functional

from geo.errors import DataError, InputError
from models import export
from models.export import export_onnx
from models.network import NetworkSpec
from models.predict import classify_series
from models.release import Release
from models.timegrid import slot_grid

SPEC = NetworkSpec(classes=3, width=16, queries=2, features=16, decoder=(16, 16, 8))


class _Shallow(nn.Module):
    """Stands for the context, whose many layers take a quarter of a minute to trace; each export checks them."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Conv2d(SPEC.features + SPEC.classes, SPEC.classes + 1, 3, padding=1)

    def forward(self, features: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        coarse = functional.avg_pool2d(torch.cat([features, logits], dim=1), 2)
        return functional.interpolate(self.mix(coarse), scale_factor=2.0)


@pytest.fixture(scope="module")
def small(release: Release) -> Release:
    network = copy.deepcopy(release.network)
    torch.manual_seed(3)
    network.context = _Shallow().eval()  # type: ignore[assignment]  # as above
    return replace(release, network=network)


@pytest.fixture(scope="module")
def exported(small: Release, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, export.ExportReport]:
    folder = tmp_path_factory.mktemp("onnx") / "new"
    return folder, export_onnx(small, folder)


def test_both_graphs_agree_with_torch(exported, small) -> None:
    folder, report = exported
    assert sorted(path.name for path in folder.iterdir()) == ["card.json", "context.onnx", "temporal.onnx"]
    assert 0 <= report.temporal <= 1e-4
    assert 0 <= report.context <= 1e-4
    assert report.as_dict()["model_hash"] == small.hash
    assert json.loads((folder / "card.json").read_text())["weights_sha256"] == small.card.weights_sha256


def test_the_graphs_name_their_release(exported, small) -> None:
    for name in ("temporal.onnx", "context.onnx"):
        graph = onnx.load(exported[0] / name)
        assert {entry.key: entry.value for entry in graph.metadata_props} == {
            "acreline_model": small.hash,
            "acreline_classes": "wheat,maize,grass",
        }
        assert graph.opset_import[0].version >= 17


def test_series_with_gaps_get_the_probabilities_of_the_product(exported, small) -> None:
    rng = np.random.default_rng(5)
    days = [date(2019, month, day) for month in range(3, 10) for day in (5, 15, 25)]
    values = rng.uniform(0, 0.6, (9, len(days), 10)).astype(np.float32)
    values[rng.random(values.shape[:2]) < 0.4] = np.nan
    values[4] = np.nan
    none = np.full((9, len(days), 2), np.nan, dtype=np.float32)
    session = onnxruntime.InferenceSession(exported[0] / "temporal.onnx", providers=["CPUExecutionProvider"])
    (logits,) = session.run(["logits"], {"values": values, "days": slot_grid(days).days, "radar": none})
    chance = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)  # the card's temperature is 1
    seen = np.arange(9) != 4
    np.testing.assert_allclose(chance[seen], classify_series(small, values, days).probabilities[seen], atol=1e-5)
    assert np.isfinite(logits).all()


def test_the_context_takes_maps_of_other_sizes(exported, small) -> None:
    session = onnxruntime.InferenceSession(exported[0] / "context.onnx", providers=["CPUExecutionProvider"])
    features, logits = torch.rand(2, 16, 8, 24), torch.randn(2, 3, 8, 24)
    (said,) = session.run(None, {"features": features.numpy(), "logits": logits.numpy()})
    with torch.inference_mode():
        wanted = small.network.context(features, logits)
    np.testing.assert_allclose(said, wanted.numpy(), atol=1e-5)


def _without_tracing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_onnx", lambda *_arguments: b"graph")


def test_a_graph_that_differs_is_refused_and_not_written(small, tmp_path, monkeypatch) -> None:
    _without_tracing(monkeypatch)
    monkeypatch.setattr(export, "_difference", lambda *_arguments: 3e-4)
    with pytest.raises(DataError) as caught:
        export_onnx(small, tmp_path / "out")
    assert caught.value.code == "ONNX_DIFFERS"
    assert "temporal.onnx differs from torch by 3.0e-04, more than 1e-04" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_nan_where_torch_has_a_figure_is_a_difference() -> None:
    nan = np.array([0.0, np.nan], dtype=np.float32)
    assert export._apart(nan, torch.zeros(2)) == float("inf")
    with pytest.raises(DataError):
        export._require_close({"temporal.onnx": float("inf")})


def test_missing_packages_are_named(small, tmp_path, monkeypatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "onnxscript" else real(name))
    with pytest.raises(InputError) as caught:
        export_onnx(small, tmp_path)
    assert str(caught.value) == (
        "Exporting a network needs packages that are not installed: onnxscript. "
        "Install the extra: pip install 'acreline[export]'."
    )


def test_a_folder_that_cannot_be_written(small, tmp_path, monkeypatch) -> None:
    _without_tracing(monkeypatch)
    monkeypatch.setattr(export, "_difference", lambda *_arguments: 0.0)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError) as caught:
        export_onnx(small, tmp_path / "file" / "out")
    assert caught.value.code == "OUT_UNWRITABLE"
