from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import torch

from models import torchvision_ops
from models.network import CropNet, NetworkSpec, TemporalEncoder

SPEC = NetworkSpec(classes=3, width=16, queries=2, features=16, decoder=(16, 16, 8))


def series(count: int = 5, slots: int = 12) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return torch.rand(count, slots, 10) * 0.4 + 0.02, torch.arange(slots) * 10.0


def test_metrics_work_in_a_process_that_has_no_network_yet() -> None:
    code = (
        "import numpy as np; from models.evaluation.scores import f1_scores\n"
        "print(f1_scores(*np.array([[0, 1], [0, 1]]), 2))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[1. 1.]", done.stderr


def test_operators_are_declared_once_and_again_without_harm() -> None:
    assert torchvision_ops.declare_missing() is None
    assert hasattr(torch.ops.torchvision, "nms")


def test_context_starts_as_no_correction() -> None:
    torch.manual_seed(0)
    network = CropNet(SPEC).eval()
    values, days = series(64)
    said = network.series(values, days)
    maps = type(said)(
        said.features.T.reshape(1, -1, 8, 8), said.logits.T.reshape(1, -1, 8, 8), said.vigour.reshape(1, 8, 8)
    )
    both = network.with_context(maps)
    assert torch.equal(both.logits, maps.logits)
    assert torch.equal(both.vigour, maps.vigour)


def test_a_series_without_any_clear_slot_has_no_features() -> None:
    network = CropNet(SPEC).eval()
    values, days = series()
    values[2] = torch.nan
    features = network.temporal(values, days)
    assert torch.isfinite(features).all()
    assert (features[2] == 0).all()
    assert (features[[0, 1, 3, 4]] > 0).any()


def test_what_a_gap_held_does_not_matter() -> None:
    network = CropNet(SPEC).eval()
    values, days = series()
    some = values.clone()
    some[:, 4, 0] = torch.nan
    every = values.clone()
    every[:, 4] = torch.nan
    assert torch.equal(network.series(some, days).logits, network.series(every, days).logits)


def test_no_radar_and_radar_without_a_pass_are_the_same() -> None:
    encoder = TemporalEncoder(replace(SPEC, radar=8)).eval()
    values, days = series()
    none = torch.full((*values.shape[:2], 2), torch.nan)
    assert torch.equal(encoder(values, days, none), encoder(values, days))
    some = none.clone()
    some[2, 3] = -12.0
    changed = (encoder(values, days, some) != encoder(values, days)).any(dim=1)
    assert changed.tolist() == [False, False, True, False, False]


def test_radar_leaves_gradients_whole_where_it_is_missing() -> None:
    encoder = TemporalEncoder(replace(SPEC, radar=8))
    values, days = series()
    radar = torch.full((*values.shape[:2], 2), torch.nan)
    radar[0] = -12.0
    encoder(values, days, radar).sum().backward()
    assert all(torch.isfinite(weight.grad).all() for weight in encoder.parameters() if weight.grad is not None)


def test_the_day_of_the_year_matters() -> None:
    torch.manual_seed(0)
    network = CropNet(SPEC).eval()
    values, days = series()
    assert not torch.allclose(network.series(values, days).logits, network.series(values, days + 120).logits)


def test_one_calendar_for_all_or_one_for_each() -> None:
    network = CropNet(SPEC).eval()
    values, days = series()
    each = network.series(values, days.expand(len(values), -1))
    assert torch.allclose(network.series(values, days).logits, each.logits, atol=1e-6)


def test_context_sees_no_further_than_the_halo() -> None:
    torch.manual_seed(0)
    network = CropNet(NetworkSpec(classes=3)).eval()
    torch.nn.init.normal_(network.context.unet.segmentation_head[0].weight)
    features = torch.rand(1, 64, 160, 160, requires_grad=True)
    network.context(features, torch.rand(1, 3, 160, 160))[0, :, 80, 80].sum().backward()
    assert features.grad is not None
    seen = torch.nonzero(features.grad.abs().sum((0, 1)))
    assert (seen - 80).abs().max() <= 48
