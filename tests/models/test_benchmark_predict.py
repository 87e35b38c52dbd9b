from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import ModuleType

import numpy as np
import pytest
import torch

from models.network import NetworkSpec

DAYS = torch.tensor([-60.0, 20.0, 100.0, 190.0])


@pytest.fixture(scope="module")
def benchmark(load_benchmark: Callable[[str], ModuleType]) -> Iterator[ModuleType]:
    threads = torch.get_num_threads()
    yield load_benchmark("predict")
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def peer(benchmark: ModuleType) -> torch.nn.Module:
    torch.manual_seed(0)
    network: torch.nn.Module = benchmark.UTAE(NetworkSpec(classes=3, decoder=(16, 16, 8))).eval()
    return network


def chips(dates: int) -> torch.Tensor:
    rng = np.random.default_rng(1)
    values = rng.uniform(0.02, 0.5, (1, dates, 10, 32, 40)).astype(np.float32)
    values[np.broadcast_to(rng.random((1, dates, 1, 32, 40)) < 0.3, values.shape)] = np.nan
    return torch.from_numpy(values)


def test_a_small_contest_runs(benchmark: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmark.main(["--quick"]) in (0, 1)
    printed = capsys.readouterr().out
    assert len(re.findall(r"^CropNet is [\d.]+ times as fast", printed, re.MULTILINE)) == 2
    assert re.search(r"the map stage reaches \d\.\d\d of the network's own speed", printed)
    assert printed.count("macro-F1") == 2
    work = {
        name: float(mac)
        for name, mac in re.findall(r"^(\S+) +[\d.]+ +[\d.]+ +([\d.]+) +[\d.]+%", printed, re.MULTILINE)
    }
    assert work["CropNet"] > 100  # thousand multiply-adds a pixel
    assert work["U-TAE-like"] > 100


@torch.inference_mode()
def test_a_date_without_any_clear_pixel_changes_nothing_of_the_peer(peer: torch.nn.Module) -> None:
    values = chips(4)
    values[:, 2] = torch.nan
    kept = torch.tensor([0, 1, 3])
    full, short = peer(values, DAYS), peer(values[:, kept], DAYS[kept])
    torch.testing.assert_close(full.logits, short.logits, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(full.vigour, short.vigour, atol=1e-4, rtol=1e-4)
    assert full.logits.shape == (1, 3, 32, 40)


@torch.inference_mode()
def test_the_peer_says_the_same_however_many_dates_go_at_once(peer: torch.nn.Module) -> None:
    said = []
    for dates in (1, 4):
        peer.dates_at_once = dates
        said.append(peer(chips(4), DAYS).logits)
    torch.testing.assert_close(said[0], said[1], atol=1e-4, rtol=1e-4)


@torch.inference_mode()
def test_our_network_trains_on_what_it_is_timed_with(benchmark: ModuleType) -> None:
    network = benchmark.OnChips(NetworkSpec(classes=3, width=16, queries=2, features=16, decoder=(16, 16, 8))).eval()
    packed = network.features(chips(4), DAYS)
    network.training = True
    torch.nn.Module.eval(network.network)
    torch.testing.assert_close(packed, network.features(chips(4), DAYS), atol=1e-5, rtol=1e-4)


def test_work_is_counted_in_layers_too(benchmark: ModuleType) -> None:
    layer, rows = torch.nn.Linear(20, 30), torch.rand(7, 20)
    with torch.inference_mode():
        assert benchmark.counted(lambda: layer(rows)).flops == 2 * 7 * 20 * 30


def test_f1_is_a_mean_over_the_classes_that_occur(benchmark: ModuleType) -> None:
    assert benchmark.macro_f1(np.array([[8, 2, 0], [0, 10, 0], [0, 0, 0]])) == pytest.approx((16 / 18 + 20 / 22) / 2)
    same = np.array([[[5, 1], [2, 6]], [[3, 0], [1, 9]]])
    assert benchmark.f1_gain(same, same, 0) == (0.0, 0.0)


@torch.inference_mode()
def test_both_run_in_half_precision(benchmark: ModuleType, peer: torch.nn.Module) -> None:
    ours = benchmark.OnChips(NetworkSpec(classes=3, width=16, queries=2, features=16, decoder=(16, 16, 8))).eval()
    for network in (ours, peer):
        whole = network(chips(4), DAYS)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            half = network(chips(4), DAYS)
        torch.testing.assert_close(half.logits.float(), whole.logits, atol=0.1, rtol=0.1)
