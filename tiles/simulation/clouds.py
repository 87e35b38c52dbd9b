"""Clouds, thin cloud, shadows and a scene classification as imperfect as Sen2Cor's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft2, next_fast_len, rfft2
from scipy.ndimage import binary_dilation

from geo.bands import RESOLUTION_M, band_index
from tiles.simulation.sensor import halve_20m, repeat_20m
from tiles.simulation.spectra import Floats

#: Classes of the scene classification that are used here (Sen2Cor's numbers).
DARK: Final = 2
SHADOW: Final = 3
VEGETATION: Final = 4
BARE: Final = 5
WATER: Final = 6
UNCLASSIFIED: Final = 7
CLOUD_MEDIUM: Final = 8
CLOUD_HIGH: Final = 9
CIRRUS: Final = 10

#: Reflectance of thick cloud; of high ice cloud (less in the short-wave infrared); light left in a full shadow.
_CLOUD: Final = np.array([0.62, 0.60, 0.60, 0.61, 0.62, 0.63, 0.63, 0.63, 0.48, 0.38], dtype=np.float32)
_ICE: Final = np.array([0.40, 0.39, 0.39, 0.40, 0.41, 0.42, 0.42, 0.42, 0.24, 0.20], dtype=np.float32)
_SHADE: Final = np.array([0.62, 0.52, 0.46, 0.45, 0.42, 0.41, 0.40, 0.40, 0.34, 0.32], dtype=np.float32)

#: Levels of the classification: opacity from which cloud may be noticed and is plain, NDVI of vegetation, near infrared
#: of water and of dark ground, blue of roofs that pass as cloud.
_TRACE: Final = 0.05
_PLAIN: Final = 0.62
_GREEN_NDVI: Final = 0.38
_WATER_NIR: Final = 0.12
_DARK_NIR: Final = 0.06
_ROOF_BLUE: Final = 0.16
_ROOF_MISTAKEN: Final = 0.2
#: Amplitude falls with frequency to the power of -2 x this.
_ROUGHNESS: Final = 0.95


@dataclass(frozen=True, slots=True)
class Sky:
    """What stands between sensor and ground on one day, all (y, x) float32, 0 to 1.

    Attributes:
        thick: opacity of low cloud.
        thin: opacity of high, thin cloud.
        shadow: depth of shadow.
        texture: brightness texture of the cloud tops, about -1 to 1.
    """

    thick: Floats
    thin: Floats
    shadow: Floats
    texture: Floats


def smooth_field(rng: np.random.Generator, side: int, outer_px: float, inner_px: float = 1.5) -> Floats:
    """A random field with a power-law spectrum, as clouds and soils have.

    Args:
        rng: source of randomness.
        side: rows and columns.
        outer_px: size of the largest patches.
        inner_px: size below which it is smooth.

    Returns:
        (side, side) float32, periodic, mean 0, deviation 1.
    """
    spectrum = rfft2(rng.standard_normal((side, side), dtype=np.float32))
    squared = np.fft.fftfreq(side)[:, None] ** 2 + np.fft.rfftfreq(side)[None, :] ** 2
    gain = ((0.5 / outer_px) ** 2 + squared) ** -_ROUGHNESS * np.exp(-squared * inner_px**2)
    gain[0, 0] = 0.0
    field: Floats = np.asarray(irfft2(spectrum * gain.astype(np.float32), s=(side, side)), dtype=np.float32)
    return field / np.float32(max(float(field.std()), 1e-6))


def draw_sky(rng: np.random.Generator, size_px: int, share: float, sun_elevation: float, sun_azimuth: float) -> Sky:
    """Clouds that cover about a share of the sky, and their shadows on the far side from the sun.

    Args:
        rng: source of randomness.
        size_px: rows and columns of the 10 m grid.
        share: 0 to 1.
        sun_elevation: degrees above the horizon.
        sun_azimuth: degrees clockwise from north.
    """
    side = next_fast_len(size_px + max(size_px // 4, 32))
    clear = np.zeros((size_px, size_px), dtype=np.float32)
    if share <= 0.0:
        return Sky(clear, _thin_cloud(rng, side, size_px, 0.15), clear, clear)
    field = smooth_field(rng, side, float(rng.uniform(15.0, 220.0)))
    thick = _opacity(field, share)
    height_m = float(rng.uniform(600.0, 2600.0))
    shift = height_m / np.tan(np.radians(max(sun_elevation, 12.0))) / RESOLUTION_M
    rows = round(shift * np.cos(np.radians(sun_azimuth)))
    columns = round(-shift * np.sin(np.radians(sun_azimuth)))
    shadow = np.roll(thick, (rows, columns), axis=(0, 1))
    inside = np.s_[:size_px, :size_px]
    texture = np.clip(field * 0.5, -1.0, 1.0)
    return Sky(
        thick[inside], _thin_cloud(rng, side, size_px, 0.35), shadow[inside] * (1.0 - thick[inside]), texture[inside]
    )


def apply_sky(clear: Floats, sky: Sky) -> Floats:
    """Reflectance (b, y, x) as seen through a sky."""
    lit = clear * (1.0 - sky.shadow * (1.0 - _SHADE[:, None, None]))
    bright = _CLOUD[:, None, None] * (1.0 + 0.25 * sky.texture)
    veiled = lit + sky.thin * (_ICE[:, None, None] - lit)
    seen = veiled + sky.thick * (bright - veiled)
    return np.asarray(np.clip(seen, 0.0005, 1.2), dtype=np.float32)


def classify_scene(clear: Floats, seen: Floats, sky: Sky, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Scene classification (y, x) uint8 of a day, on a 20 m grid repeated to 10 m, with the usual mistakes.

    Thin cloud is missed, cloud edges are grown on some days and shrunk on others, faint shadows pass as ground, and
    bright roofs pass as cloud now and then.

    Args:
        clear: (b, y, x) reflectance of the ground.
        seen: (b, y, x) reflectance through the sky.
        sky: of the day.
        rng: source of randomness.
    """
    seen = halve_20m(seen)
    thick, thin, shadow = (halve_20m(part) for part in (sky.thick, sky.thin, sky.shadow))
    scl = _surface(halve_20m(clear), seen)
    wander = 0.10 * smooth_field(rng, len(thick), 3.0) if len(thick) > 1 else 0.0
    scl[shadow + wander > rng.uniform(0.30, 0.60)] = SHADOW
    scl[(thin + wander > rng.uniform(0.20, 0.38)) & (thin > _TRACE)] = CIRRUS
    scl = _mark_clouds(scl, thick + wander * (thick > _TRACE / 2), rng)
    roofs = (seen[band_index("B02")] > _ROOF_BLUE) & (thick < _TRACE)
    false_cloud = roofs & (rng.random(thick.shape) < _ROOF_MISTAKEN)
    scl[false_cloud & (scl == BARE)] = UNCLASSIFIED
    return repeat_20m(scl)


def _mark_clouds(scl: npt.NDArray[np.uint8], thick: Floats, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    found = thick > rng.uniform(0.10, 0.34)
    grown = int(rng.integers(0, 3))
    wide = binary_dilation(found, iterations=grown) if grown else found
    scl[wide & ~found] = rng.choice([UNCLASSIFIED, CLOUD_MEDIUM])
    scl[found] = CLOUD_MEDIUM
    scl[thick > _PLAIN] = CLOUD_HIGH
    return scl


def _surface(clear: Floats, seen: Floats) -> npt.NDArray[np.uint8]:
    red, green, near = (clear[band_index(name)] for name in ("B04", "B03", "B08"))
    ndvi = (near - red) / np.maximum(near + red, 1e-4)
    scl = np.where(ndvi > _GREEN_NDVI, VEGETATION, BARE).astype(np.uint8)
    scl[(near < green) & (near < _WATER_NIR)] = WATER
    scl[(seen[band_index("B08")] < _DARK_NIR) & (scl != WATER)] = DARK
    return scl


def _opacity(field: Floats, share: float) -> Floats:
    """Smooth edges around the level that leaves the wanted share covered."""
    level = float(np.quantile(field, 1.0 - min(share, 1.0))) if share < 1.0 else float(field.min()) - 0.6
    ramp = np.clip((field - level + 0.10) / 0.55, 0.0, 1.0)
    smooth: Floats = (ramp * ramp * (3.0 - 2.0 * ramp)).astype(np.float32)
    return smooth


def _thin_cloud(rng: np.random.Generator, side: int, size_px: int, chance: float) -> Floats:
    if rng.random() > chance:
        return np.zeros((size_px, size_px), dtype=np.float32)
    field = smooth_field(rng, side, 120.0, 8.0)[:size_px, :size_px]
    veil: Floats = np.clip(0.16 * (field - rng.uniform(-0.8, 1.0)), 0.0, 0.6).astype(np.float32)
    return veil
