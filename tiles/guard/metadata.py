"""Which scale and offset a scene's metadata state, and whether the statements agree.

Since processing baseline 04.00 (2022-01-25) Sentinel-2 L2A products carry reflectance = (DN - 1000) / 10000; before,
reflectance = DN / 10000. Some catalogues take the offset out of the pixels ("harmonised"), and some of those forget to
say so. Nothing is guessed: where the statements about a scene do not agree, it is marked as not verified.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import pystac

from geo.bands import BANDS

SCALE: Final = 1e-4
OFFSET_SINCE_0400: Final = -0.1

_OFFSET_BASELINE: Final = 4
_BASELINE = re.compile(r"^N?(\d{1,2})\.")

_Pair: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ReflectanceRule:
    """reflectance = DN * scale + offset, for every band of one scene.

    Attributes:
        scale: reflectance per digital number.
        offset: reflectance of digital number 0 (which itself stands for no data).
        verified: whether all that the metadata says agrees and is complete.
        reason: what the rule rests on, or what is wrong; one sentence.
    """

    scale: float
    offset: float
    verified: bool
    reason: str


def reflectance_rule(item: pystac.Item) -> ReflectanceRule:
    """Rule of one Sentinel-2 L2A scene, from its metadata alone.

    Two statements are compared: scale and offset in `raster:bands` of the ten band assets, and what the processing
    baseline together with the word on harmonised pixels implies (offset -0.1 from 04.00 on, 0 where the offset was
    taken out or did not exist yet). That word is `acreline:harmonised`, set by a source that knows, else
    `earthsearch:boa_offset_applied`. If both statements are there and agree the rule is verified. If they contradict
    each other, or assets differ, the baseline's rule is given, not verified. Nothing raises: a scene without any
    statement gets scale 0.0001 and offset 0, not verified.
    """
    declared, why_not = _declared(item)
    implied, basis = _implied(item)
    if declared is None:
        return _from_baseline(item, implied, why_not)
    if implied is None:
        return ReflectanceRule(*declared, verified=False, reason=f"raster:bands alone: {basis}.")
    if _same(declared, implied):
        return ReflectanceRule(*declared, verified=True, reason=f"raster:bands and {basis} agree.")
    return ReflectanceRule(
        *implied,
        verified=False,
        reason=f"raster:bands say scale {declared[0]:g} offset {declared[1]:g}, but {basis} implies "
        f"scale {implied[0]:g} offset {implied[1]:g}.",
    )


def baseline_of(item: pystac.Item) -> str:
    """Processing baseline as the item writes it ("05.10"), empty where it does not say."""
    said = item.properties.get("s2:processing_baseline", item.properties.get("processing:version"))
    return str(said) if said is not None else ""


def predates_offset(item: pystac.Item) -> bool:
    """Whether the processing baseline is one that never wrote an offset into pixels (older than 04.00)."""
    return 0 <= _major(item) < _OFFSET_BASELINE


def harmonised(item: pystac.Item) -> bool | None:
    """Whether the offset is said to be taken out of the pixels: by the source, else by the catalogue; None unsaid."""
    said = (item.properties.get("acreline:harmonised"), item.properties.get("earthsearch:boa_offset_applied"))
    return next((value for value in said if isinstance(value, bool)), None)


def _from_baseline(item: pystac.Item, implied: _Pair | None, why_not: str) -> ReflectanceRule:
    """Rule where raster:bands are of no use: certain only if the offset cannot be in doubt."""
    if implied is None:
        return ReflectanceRule(SCALE, 0.0, verified=False, reason=f"{why_not}, and no usable processing baseline.")
    complete = why_not == _NOT_STATED and (harmonised(item) is not None or predates_offset(item))
    return ReflectanceRule(*implied, verified=complete, reason=f"{_implied(item)[1].rstrip(',')}; {why_not}.")


_NOT_STATED: Final = "no scale and offset in raster:bands"
_NO_BASELINE: Final = "the processing baseline is not stated"


def _declared(item: pystac.Item) -> tuple[_Pair | None, str]:
    """Scale and offset that all ten bands state alike, else None with the reason."""
    said = {band: _stated(item.assets[band]) for band in BANDS if band in item.assets}
    pairs = [pair for pair in said.values() if pair is not None]
    if not pairs:
        return None, _NOT_STATED
    if len(pairs) < len(BANDS):
        silent = next(band for band in BANDS if said.get(band) is None)
        return None, f"raster:bands are missing for {silent} only"
    odd = next((band for band, pair in said.items() if pair and not _same(pair, pairs[0])), None)
    return (pairs[0], "") if odd is None else (None, f"raster:bands of {odd} differ from those of {BANDS[0]}")


def _stated(asset: pystac.Asset) -> _Pair | None:
    """Scale and offset of one asset, in the form of raster extension 1 or 2."""
    fields: dict[str, Any] = asset.extra_fields
    band = next(iter(fields.get("raster:bands") or fields.get("bands") or [{}]))
    scale = band.get("scale", band.get("raster:scale", fields.get("raster:scale")))
    offset = band.get("offset", band.get("raster:offset", fields.get("raster:offset")))
    return None if scale is None or offset is None else (float(scale), float(offset))


def _implied(item: pystac.Item) -> tuple[_Pair | None, str]:
    taken_out = harmonised(item) is True
    if _major(item) < 0:
        return ((SCALE, 0.0), "the word that the offset is taken out") if taken_out else (None, _NO_BASELINE)
    basis = f"processing baseline {baseline_of(item)}"
    if predates_offset(item):
        return (SCALE, 0.0), basis
    return (SCALE, 0.0 if taken_out else OFFSET_SINCE_0400), basis + (", offset taken out," if taken_out else "")


def _major(item: pystac.Item) -> int:
    """Leading number of the processing baseline, -1 where there is none."""
    match = _BASELINE.match(baseline_of(item))
    return int(match[1]) if match else -1


def _same(one: _Pair, other: _Pair) -> bool:
    return all(math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9) for a, b in zip(one, other, strict=True))
