"""A release as ONNX: one graph for series, one for spatial context, each checked against the network it came from."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from geo.bands import BANDS, RADAR_CHANNELS
from geo.errors import DataError, InputError
from geo.files import whole_file
from models.card import write_card
from models.network import CropNet, NetworkSpec
from models.release import CARD, Release

TEMPORAL: Final = "temporal.onnx"
CONTEXT: Final = "context.onnx"

#: Operator set of the graphs.
OPSET: Final = 18

#: Largest absolute difference to torch that a graph may show.
TOLERANCE: Final = 1e-4

_PACKAGES: Final = ("onnx", "onnxscript", "onnxruntime")

#: (series, slots) and (maps, rows, columns, in steps of the network's halvings) that the graphs are tried with. The
#: first is traced: sides of 1 there would be taken for fixed.
_SERIES_SHAPES: Final = ((64, 11), (1, 1), (3, 2), (256, 37), (17, 73))
_MAP_SHAPES: Final = ((2, 3, 7), (1, 1, 1), (1, 12, 8))

#: Share of slots without data in the series tried.
_GAPS: Final = 0.4

Inputs = tuple[Tensor, ...]


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote, and how far it is from torch.

    Attributes:
        folder: holds temporal.onnx, context.onnx and card.json.
        model_hash: of the release.
        opset: ONNX operator set of the graphs.
        tolerance: largest difference allowed.
        temporal: largest absolute difference of features, logits and vigour of series.
        context: largest absolute difference of the correction of maps.
    """

    folder: str
    model_hash: str
    opset: int
    tolerance: float
    temporal: float
    context: float

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}

    def table(self) -> list[tuple[str, str]]:
        """Label and value of each line for people."""
        return [
            ("Folder", self.folder),
            ("Model", self.model_hash),
            ("Series: largest difference to torch", f"{self.temporal:.1e}"),
            ("Context: largest difference to torch", f"{self.context:.1e}"),
            ("Allowed", f"{self.tolerance:.0e}"),
        ]


@dataclass(frozen=True, slots=True)
class _Graph:
    """One part of a network to export.

    Attributes:
        name: file.
        part: module with positional inputs.
        inputs, outputs: their names, in order.
        axes: for each input its axes of any size, by position.
        trials: inputs to trace and compare with; the first is traced.
    """

    name: str
    part: nn.Module
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    axes: tuple[dict[int, Any], ...]
    trials: Callable[[np.random.Generator], Iterator[Inputs]]


def export_onnx(release: Release, folder: Path, *, seed: int = 7) -> ExportReport:
    """Write a release as ONNX graphs, once both agree with torch.

    temporal.onnx takes values (n, slots, 10) reflectance, NaN where not clear, days (slots,) and, where the network
    reads it, radar (n, slots, 2), as `models.network.TemporalEncoder`; it gives features (n, f), logits (n, classes)
    and vigour (n,) (percentile / 100).
    context.onnx takes features (n, f, y, x) and logits (n, classes, y, x), y and x multiples of 8, and gives the
    correction (n, classes + 1, y, x) of the logits and, last, of the vigour. Ten-day slots, softmax at the card's
    temperature and blocks stay outside (`models.predict`).

    Args:
        release: network and card.
        folder: where temporal.onnx, context.onnx and card.json go.
        seed: of the random series and maps that the graphs are compared on.

    Raises:
        InputError: the packages of the extra `export` are not installed, or the folder cannot be written to.
        DataError: a graph differs from torch by more than TOLERANCE; nothing is written then.
    """
    _require_packages()
    graphs = (_temporal(release.network), _context(release.network))
    blobs = {graph.name: _onnx(graph, release, seed) for graph in graphs}
    found = {graph.name: _difference(graph, blobs[graph.name], seed) for graph in graphs}
    _require_close(found)
    _write(folder, blobs, release)
    return ExportReport(str(folder), release.hash, OPSET, TOLERANCE, found[TEMPORAL], found[CONTEXT])


def _temporal(network: CropNet) -> _Graph:
    inputs, axes = ("values", "days", "radar"), ({0: "n", 1: "slots"}, {0: "slots"}, {0: "n", 1: "slots"})
    count = len(inputs) if network.spec.radar else len(inputs) - 1
    return _Graph(
        TEMPORAL,
        _Series(network),
        inputs[:count],
        ("features", "logits", "vigour"),
        axes[:count],
        lambda rng: (trial[:count] for trial in _random_series(rng)),
    )


def _context(network: CropNet) -> _Graph:
    step = 2 ** len(network.spec.decoder)
    axes = {0: "n", 2: step * torch.export.Dim("rows"), 3: step * torch.export.Dim("columns")}
    return _Graph(
        CONTEXT,
        network.context,
        ("features", "logits"),
        ("correction",),
        (axes, axes),
        lambda rng: _random_maps(network.spec, step, rng),
    )


class _Series(nn.Module):
    """The temporal part alone, so that the graph carries no weights of the context."""

    def __init__(self, network: CropNet) -> None:
        super().__init__()
        self.temporal = network.temporal
        self.crop_head = network.crop_head
        self.vigour_head = network.vigour_head

    def forward(self, values: Tensor, days: Tensor, radar: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Heads of single series (`models.network.CropNet.series`)."""
        features = self.temporal(values, days, radar)
        return features, self.crop_head(features), self.vigour_head(features)[:, 0]


def _random_series(rng: np.random.Generator) -> Iterator[Inputs]:
    """Reflectance and radar beyond what fields show, with gaps, single bands missing and series without any data."""
    for count, slots in _SERIES_SHAPES:
        values = rng.uniform(-0.05, 1.2, (count, slots, len(BANDS))).astype(np.float32)
        values[rng.random((count, slots)) < _GAPS] = np.nan
        values[::5, 0, 3] = np.nan
        values[1::7] = np.nan
        days = (rng.integers(-300, 300) + 10 * np.arange(slots)).astype(np.float32)
        radar = rng.normal(-14, 4, (count, slots, len(RADAR_CHANNELS))).astype(np.float32)
        radar[rng.random((count, slots)) < _GAPS] = np.nan
        radar[::3] = np.nan
        yield torch.from_numpy(values), torch.from_numpy(days), torch.from_numpy(radar)


def _random_maps(spec: NetworkSpec, step: int, rng: np.random.Generator) -> Iterator[Inputs]:
    """Features as they leave the temporal encoder, not negative and zero where nothing was seen, and logits."""
    for count, rows, columns in _MAP_SHAPES:
        shape = (count, step * rows, step * columns)
        seen = rng.random(shape) < 1 - _GAPS
        features = np.maximum(rng.normal(0, 1, (spec.features, *shape)), 0) * seen
        logits = rng.normal(0, 4, (spec.classes, *shape))
        yield _channels_second(features), _channels_second(logits)


def _channels_second(values: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values.swapaxes(0, 1), dtype=np.float32))


def _onnx(graph: _Graph, release: Release, seed: int) -> bytes:
    """The graph, with the release's hash and classes among its metadata."""
    import onnx  # noqa: PLC0415 - an optional extra

    traced = next(graph.trials(np.random.default_rng(seed)))
    with _quiet():
        program = torch.onnx.export(
            graph.part.eval(),
            traced,
            input_names=graph.inputs,
            output_names=graph.outputs,
            opset_version=OPSET,
            dynamo=True,
            dynamic_shapes=graph.axes,
            verbose=False,
        )
    if program is None:  # only where it writes a file by itself
        raise DataError("ONNX_EXPORT", f"torch made no graph of {graph.name}.", "Use the versions in constraints.txt.")
    proto = program.model_proto
    facts = {"acreline_model": release.hash, "acreline_classes": ",".join(release.card.classes)}
    onnx.helper.set_model_props(proto, facts)
    onnx.checker.check_model(proto)
    return bytes(proto.SerializeToString(deterministic=True))


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what torch says of its own insides while it exports."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`isinstance.treespec", FutureWarning)
        warnings.filterwarnings("ignore", "# The axis name", UserWarning)
        yield


def _difference(graph: _Graph, blob: bytes, seed: int) -> float:
    """Largest absolute difference between graph and network over all trials; infinite where one of them is NaN."""
    import onnxruntime  # noqa: PLC0415 - an optional extra

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(blob, options, providers=["CPUExecutionProvider"])
    worst = 0.0
    for inputs in graph.trials(np.random.default_rng(seed)):
        feed = {name: tensor.numpy() for name, tensor in zip(graph.inputs, inputs, strict=True)}
        said = session.run(list(graph.outputs), feed)
        worst = max(worst, *(_apart(one, other) for one, other in zip(said, _wanted(graph, inputs), strict=True)))
    return worst


def _wanted(graph: _Graph, inputs: Inputs) -> Sequence[Tensor]:
    with torch.inference_mode():
        out = graph.part(*inputs)
    return (out,) if isinstance(out, Tensor) else tuple(out)


def _apart(one: NDArray[np.float32], other: Tensor) -> float:
    difference = np.abs(one - other.numpy())
    return float(difference.max()) if np.isfinite(difference).all() else float("inf")


def _require_packages() -> None:
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(
            "NO_ONNX",
            f"Exporting a network needs packages that are not installed: {', '.join(missing)}.",
            "Install the extra: pip install 'acreline[export]'.",
        )


def _require_close(found: Mapping[str, float]) -> None:
    for name, difference in found.items():
        if not difference <= TOLERANCE:
            raise DataError(
                "ONNX_DIFFERS",
                f"{name} differs from torch by {difference:.1e}, more than {TOLERANCE:.0e}: nothing was written.",
                "Use the versions in constraints.txt.",
            )


def _write(folder: Path, blobs: Mapping[str, bytes], release: Release) -> None:
    try:
        for name, blob in blobs.items():
            with whole_file(folder / name) as part:
                part.write_bytes(blob)
        with whole_file(folder / CARD) as part:
            write_card(release.card, part)
    except OSError as error:
        raise InputError(
            "OUT_UNWRITABLE", f"{folder} cannot be written to ({error.strerror}).", "Choose another --out."
        ) from error
