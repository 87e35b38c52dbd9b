"""CropNet: a temporal encoder for every pixel, then spatial context once, then two heads (crop and vigour)."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from geo.bands import BANDS, band_index
from models import torchvision_ops
from models.timegrid import YEAR_DAYS

#: Means and spreads of clear reflectance that bring the bands to a common scale (rounded over the training series).
_CENTRE = (0.060, 0.085, 0.085, 0.130, 0.250, 0.290, 0.300, 0.315, 0.210, 0.130)
_SPREAD = (0.040, 0.045, 0.065, 0.065, 0.095, 0.120, 0.125, 0.125, 0.085, 0.075)

#: The same for backscatter sigma0 in dB: VV, VH, and VH less VV.
_RADAR_CENTRE = (-10.5, -17.5, -7.0)
_RADAR_SPREAD = (2.7, 2.9, 2.2)

#: Queries of the radar branch: what radar shows changes slowly.
_RADAR_QUERIES = 4

#: Band pairs of the normalised differences, and the number of terms that encode time.
INDEX_PAIRS = (("B08", "B04"), ("B03", "B08"), ("B8A", "B11"), ("B11", "B12"), ("B07", "B05"))
TIME_TERMS = 5


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """What a network must be built with to hold given weights.

    Attributes:
        classes: number of crop classes.
        width: channels of the temporal encoder.
        queries: learned queries that attend over the slots.
        features: channels of the feature map.
        kernel: length of the separable convolution, in slots.
        radar: channels of the radar branch; 0 for a network that knows no radar.
        backbone: encoder of segmentation_models_pytorch; without squeeze-and-excitation, so that context stays local.
        decoder: channels of the decoder, one per halving of the resolution.
    """

    classes: int
    width: int = 64
    queries: int = 8
    features: int = 64
    kernel: int = 5
    radar: int = 0
    backbone: str = "tu-mobilenetv2_050"
    decoder: tuple[int, ...] = (48, 32, 24)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for the model card."""
        return asdict(self)


class Heads(NamedTuple):
    """What the network says, before softmax and clipping.

    Attributes:
        features: (..., features) series or (1, features, y, x) chip.
        logits: crop logits, classes on the same axis as features.
        vigour: percentile / 100, without that axis.
    """

    features: Tensor
    logits: Tensor
    vigour: Tensor


class TemporalEncoder(nn.Module):
    """Series of one pixel to one feature vector: a separable convolution over slots, then masked attention."""

    centre: Tensor
    spread: Tensor

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.register_buffer("centre", torch.tensor(_CENTRE))
        self.register_buffer("spread", torch.tensor(_SPREAD))
        self.enter = nn.Linear(len(BANDS) + len(INDEX_PAIRS) + TIME_TERMS, spec.width)
        self.along = nn.Conv2d(
            spec.width, spec.width, (spec.kernel, 1), padding=(spec.kernel // 2, 0), groups=spec.width
        )
        self.across = nn.Linear(spec.width, spec.width)
        self.scores = nn.Linear(spec.width, spec.queries)
        self.merge = nn.Linear(spec.width * spec.queries, 2 * spec.features)
        self.drop = nn.Dropout(0.2)
        self.leave = nn.Linear(2 * spec.features, spec.features)
        self.radar = RadarEncoder(spec) if spec.radar else None

    def forward(self, values: Tensor, days: Tensor, radar: Tensor | None = None) -> Tensor:
        """Encode series.

        Args:
            values: (n, slots, bands) reflectance on consecutive ten-day slots, NaN where no clear acquisition.
            days: (slots,) or (n, slots) middle of each slot, days since 1 January of the main year.
            radar: (n, slots, 2) backscatter sigma0 in dB, VV and VH, NaN where there is no pass; None where there is no
                radar at all, which is the same as nothing but NaN.

        Returns:
            (n, features); zero where a series has no clear slot at all, whatever radar shows.
        """
        clear = torch.isfinite(values).all(dim=2)
        step = self._steps(values, clear, days)
        step = step + functional.relu(self.across(self._neighbours(step)))
        scores = self.scores(step).transpose(1, 2).masked_fill(~clear[:, None], -math.inf)
        weights = torch.nan_to_num(torch.softmax(scores, dim=2))
        pooled = torch.matmul(weights, step).flatten(1)
        merged = self.merge(pooled)
        if self.radar is not None and radar is not None:
            merged = merged + self.radar(radar, days)
        features: Tensor = functional.relu(self.leave(self.drop(functional.relu(merged))))
        return features * clear.any(dim=1, keepdim=True)

    def _steps(self, values: Tensor, clear: Tensor, days: Tensor) -> Tensor:
        """Every slot by itself: scaled bands, indices and time, (n, slots, width); zero in gaps."""
        known = torch.where(clear[..., None], values, self.centre)
        scaled = (known - self.centre) / self.spread
        time = time_terms(days).expand(*clear.shape, TIME_TERMS)
        step = functional.relu(self.enter(torch.cat([scaled.clamp(-6, 6), normalised_differences(known), time], dim=2)))
        return step * clear[..., None]

    def _neighbours(self, step: Tensor) -> Tensor:
        """Depth-wise convolution over slots, as an image of height slots and width 1 whose channels lie last."""
        image = step.permute(0, 2, 1)[..., None]
        mixed: Tensor = self.along(image)
        return mixed[..., 0].permute(0, 2, 1)


class RadarEncoder(nn.Module):
    """Backscatter of one pixel to what it adds to the optical features: as the temporal encoder, narrower.

    Its last layer has no bias, so that a series without any pass adds nothing.
    """

    centre: Tensor
    spread: Tensor

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.register_buffer("centre", torch.tensor(_RADAR_CENTRE))
        self.register_buffer("spread", torch.tensor(_RADAR_SPREAD))
        self.enter = nn.Linear(len(_RADAR_CENTRE) + TIME_TERMS, spec.radar)
        self.along = nn.Conv1d(spec.radar, spec.radar, spec.kernel, padding=spec.kernel // 2)
        self.scores = nn.Linear(spec.radar, _RADAR_QUERIES)
        self.merge = nn.Linear(spec.radar * _RADAR_QUERIES, 2 * spec.features, bias=False)

    def forward(self, radar: Tensor, days: Tensor) -> Tensor:
        """What radar adds before the encoder's last layer, (n, 2 * features); arguments as of TemporalEncoder."""
        seen = torch.isfinite(radar).all(dim=2)
        step = self._steps(radar, seen, days)
        step = step + functional.relu(self.along(step.transpose(1, 2))).transpose(1, 2)
        scores = self.scores(step).transpose(1, 2).masked_fill(~seen[:, None], -math.inf)
        weights = torch.nan_to_num(torch.softmax(scores, dim=2))
        added: Tensor = self.merge(torch.matmul(weights, step).flatten(1))
        return added

    def _steps(self, radar: Tensor, seen: Tensor, days: Tensor) -> Tensor:
        """Every slot by itself, (n, slots, width); zero without a pass."""
        known = torch.where(seen[..., None], radar, self.centre[:2])
        ratio = known[..., 1:] - known[..., :1]
        scaled = ((torch.cat([known, ratio], dim=2) - self.centre) / self.spread).clamp(-6, 6)
        time = time_terms(days).expand(*seen.shape, TIME_TERMS)
        return functional.relu(self.enter(torch.cat([scaled, time], dim=2))) * seen[..., None]


def normalised_differences(known: Tensor) -> Tensor:
    """Normalised differences of band pairs, (n, slots, pairs)."""
    first = known[..., [band_index(pair[0]) for pair in INDEX_PAIRS]]
    second = known[..., [band_index(pair[1]) for pair in INDEX_PAIRS]]
    return (2 * (first - second) / (first + second).clamp(min=0.02)).clamp(-2, 2)


def time_terms(days: Tensor) -> Tensor:
    """Day-of-year encoding (two harmonics) and a linear term that tells one October from the next, (..., 5)."""
    angle = 2 * math.pi * days / YEAR_DAYS
    linear = days / YEAR_DAYS - 0.5
    return torch.stack([angle.sin(), angle.cos(), (2 * angle).sin(), (2 * angle).cos(), linear], dim=-1)


class Context(nn.Module):
    """Spatial context: a U-Net over the feature map that corrects both heads; it starts as no correction at all."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        torchvision_ops.declare_missing()
        import segmentation_models_pytorch as smp  # noqa: PLC0415 - after the operators are declared

        self.unet = smp.Unet(
            spec.backbone,
            encoder_depth=len(spec.decoder),
            encoder_weights=None,
            in_channels=spec.features + spec.classes,
            decoder_channels=spec.decoder,
            classes=spec.classes + 1,
        )
        nn.init.zeros_(self.unet.segmentation_head[0].weight)
        nn.init.zeros_(self.unet.segmentation_head[0].bias)

    def forward(self, features: Tensor, logits: Tensor) -> Tensor:
        """Correction of both heads.

        Args:
            features: (n, features, y, x), y and x multiples of 2 to the power of the depth.
            logits: (n, classes, y, x) of the temporal encoder alone.

        Returns:
            (n, classes + 1, y, x): what to add to the logits, and last to the vigour.
        """
        seen = (features > 0).any(dim=1, keepdim=True)
        correction: Tensor = self.unet(torch.cat([features, torch.softmax(logits, dim=1) * seen], dim=1))
        return correction


class CropNet(nn.Module):
    """Temporal encoder, context and heads."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.spec = spec
        self.temporal = TemporalEncoder(spec)
        self.crop_head = nn.Linear(spec.features, spec.classes)
        self.vigour_head = nn.Linear(spec.features, 1)
        self.context = Context(spec)

    def series(self, values: Tensor, days: Tensor, radar: Tensor | None = None) -> Heads:
        """Heads of single series, without context; shapes as in TemporalEncoder, logits (n, classes)."""
        features = self.temporal(values, days, radar)
        return Heads(features, self.crop_head(features), self.vigour_head(features)[:, 0])

    def with_context(self, alone: Heads) -> Heads:
        """Heads of a chip corrected by its surroundings; (n, channels, y, x) in and out, vigour (n, y, x)."""
        correction = self.context(alone.features, alone.logits)
        return Heads(alone.features, alone.logits + correction[:, :-1], alone.vigour + correction[:, -1])

    def forward(self, values: Tensor, days: Tensor, radar: Tensor | None = None) -> Heads:
        """Heads of single series (see `series`): the part that exports as one graph."""
        return self.series(values, days, radar)
