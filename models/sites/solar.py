"""Panels of one solar site by acquisition: rows inside the border, rows outside it, ground that is laid bare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.ndimage import binary_dilation, binary_erosion, label

from geo.bands import RESOLUTION_M
from geo.sites import SiteMeasure
from models.sites.clearing import STRIPPED, changed, shown_kinds
from models.sites.ground import shows_ground
from models.sites.looks import Days, Flags, Floats, Looks, Reflectance
from models.sites.panels import PanelNet, Singles, panel_shares, past_of
from models.sites.scan import ScanRule, looked_so, panels_found
from models.sites.settled import settled
from models.sites.timing import covered_by

_PIXEL_M2: Final = float(RESOLUTION_M**2)
_HALF: Final = 0.5
#: Looks that must show rows on a pixel for it to say what rows look like here.
_LOOKS: Final = 2


@dataclass(frozen=True, slots=True)
class SolarRule:
    """When a look tells how many panels there are, and how far it may be off.

    Attributes:
        least_clear: share of the ground inside the border that must be clear.
        first_neutral: share of a pixel under rows that speaks neither for nor against them, at first.
        half: the same where pixels deep among the rows show rows without doubt, once these are known.
        steep: power of what they show by which it is less: thin rows over bright soil show less than dense ones.
        usual: what pixels deep among rows usually show.
        few: pixels that this counts for.
        error: standard error of the share of the border under rows that every look has; with `share_error` set on works
            over land of real points that the network did not learn from (models.training.realland).
        share_error: the same as a part of the share.
        hidden: standard error of the share of a hidden pixel.
        outside: when pixels outside the border count, where nobody plans any: as a scan counts them; its `least_px` are
            of a patch and the rows inside the border that hang together with it.
        outside_px: pixels of such a patch that lie outside, at least.
        apart_px: pixels next to the border that are not counted as outside: bands of 20 m mix across it.
        cleared_error: standard error of the cleared share of the border.
    """

    least_clear: float = 0.5
    first_neutral: float = 0.12
    half: float = 0.44
    steep: float = 3.0
    usual: float = 0.9
    few: float = 20.0
    error: float = 0.03
    share_error: float = 0.08
    hidden: float = 0.1
    outside: ScanRule = field(default_factory=ScanRule)
    outside_px: int = 15
    apart_px: int = 2
    cleared_error: float = 0.04


@dataclass(frozen=True, slots=True)
class SolarImages:
    """A site's looks on one grid.

    Attributes:
        days: (t,) datetime64[D], rising; the past before works and all since.
        reflectance: (t, b, y, x) in the order of geo.bands.BANDS, reflectance with 1 = 100 %, NaN no data.
        scl: (t, y, x) uint8 scene classification.
        inside: (y, x) share 0..1 of each pixel within the permitted border.
        start: first day on which works may be.
    """

    days: Days
    reflectance: Reflectance
    scl: npt.NDArray[np.uint8]
    inside: npt.NDArray[np.floating]
    start: np.datetime64


@dataclass(frozen=True, slots=True)
class SolarEvidence:
    """What single looks since works may begin say of each pixel.

    Attributes:
        days: (t,) datetime64[D].
        shares: (t, y, x) share of each pixel under rows; NaN where it is not seen.
        stripped: (t, y, x) whether its ground has been laid bare.
        inside: (y, x) share of each pixel within the permitted border.
        already: (y, x) pixels outside it that looked like rows before works too: they are none; None for no such pixel.
    """

    days: Days
    shares: Singles
    stripped: Flags
    inside: npt.NDArray[np.floating]
    already: Flags | None = None

    def near(self, margin_px: int) -> SolarEvidence:
        """Only what lies inside the border and so many pixels around it."""
        rows, columns = (np.flatnonzero((self.inside > 0).any(axis=axis)) for axis in (1, 0))
        part = tuple(slice(max(at[0] - margin_px, 0), at[-1] + margin_px + 1) for at in (rows, columns))
        cut = (slice(None), *part)
        already = None if self.already is None else self.already[part]
        return replace(
            self, shares=self.shares[cut], stripped=self.stripped[cut], inside=self.inside[part], already=already
        )

    def until(self, count: int) -> SolarEvidence:
        """What the first looks say."""
        return replace(self, days=self.days[:count], shares=self.shares[:count], stripped=self.stripped[:count])


def solar_evidence(images: SolarImages, net: PanelNet | None = None) -> SolarEvidence:
    """Evidence by pixel and look.

    Args:
        images: with at least three looks of every pixel before works; a pixel without them counts as hidden.
        net: what tells panels; the one that ships, by default.
    """
    seen = shows_ground(images.reflectance, images.scl)
    since = images.days >= images.start
    past = past_of(images.reflectance[~since], seen[~since])
    shares = panel_shares(images.reflectance[since], seen[since], past, net)
    stripped = changed(shown_kinds(images.reflectance, seen), STRIPPED)[since] >= _HALF
    asked = (images.inside == 0) & (shares >= ScanRule().shows).any(axis=0)
    already = asked.copy()
    already[asked] = looked_so(images.reflectance[~since][:, :, asked], seen[~since][:, asked], past[asked], net)
    return SolarEvidence(images.days[since], shares, stripped, images.inside, already)


def solar_looks(evidence: SolarEvidence, rule: SolarRule | None = None) -> Mapping[SiteMeasure, Looks]:
    """PANELS, PANELS_OUTSIDE and CLEARED of a site by look, each in the light of all looks.

    A later look may say more of an earlier one: rows of a site are made anew with every look, known from then on.
    """
    rule = rule or SolarRule()
    inside, whole = evidence.inside, float(evidence.inside.sum())
    clear = (np.isfinite(evidence.shares) * inside).sum(axis=(1, 2)) / whole
    neutral = _neutral(evidence, rule)
    chance = _settled(evidence, neutral)
    laid = covered_by(evidence.shares, chance, neutral, inside > 0)
    panels = (laid * inside).sum(axis=(1, 2), dtype=np.float64)
    bare = (np.maximum(evidence.stripped, chance) * inside).sum(axis=(1, 2), dtype=np.float64)
    beyond = _outside(evidence, rule)
    hidden = rule.hidden * (1.0 - clear)
    told = clear >= rule.least_clear

    def looks(values: Floats, errors: Floats) -> Looks:
        value = np.where(told, values * _PIXEL_M2, np.nan)
        return Looks(evidence.days, value, np.where(told, errors * whole * _PIXEL_M2, np.nan), clear)

    return {
        SiteMeasure.PANELS: looks(panels, np.hypot(rule.error + rule.share_error * panels / whole, hidden)),
        SiteMeasure.PANELS_OUTSIDE: looks(beyond.sum(axis=(1, 2), dtype=np.float64), _edge_error(beyond) / whole),
        SiteMeasure.CLEARED: looks(bare, np.hypot(rule.cleared_error, hidden)),
    }


def rows_now(evidence: SolarEvidence, rule: SolarRule | None = None) -> tuple[Flags, Flags]:
    """(y, x) pixels under rows as of the latest look: inside the border, and outside it; what `solar_looks` counts."""
    rule = rule or SolarRule()
    if not len(evidence.days):
        nothing = np.zeros(evidence.inside.shape, dtype=np.bool_)
        return nothing, nothing.copy()
    within = np.asarray(_settled(evidence, _neutral(evidence, rule))[-1] > _HALF) & (evidence.inside > 0)
    return within, np.asarray(_outside(evidence, rule)[-1])


def _outside(evidence: SolarEvidence, rule: SolarRule) -> Flags:
    """(t, y, x) pixels outside the border that bear rows by each look: such as last, in patches, and not so before."""
    scan, rows = rule.outside, np.zeros(evidence.shares.shape, dtype=np.bool_)
    apart = ~binary_dilation(evidence.inside > 0, iterations=rule.apart_px)
    with np.errstate(invalid="ignore"):
        often = (evidence.shares >= scan.shows).sum(axis=0) >= scan.least_looks
    if (often & apart).sum() < rule.outside_px:
        return rows
    found, _ = panels_found(evidence.shares, evidence.days, scan)
    if evidence.already is not None:
        found &= ~evidence.already
    found = _in_patches(found, scan.least_px)
    found = _in_patches(found & apart, rule.outside_px)
    rows[:, found] = settled(evidence.shares[:, found], scan.neutral) >= scan.chance
    return rows


def _in_patches(pixels: Flags, least: int) -> Flags:
    """Pixels that hang together, also by corners or across a track of a pixel or two, with so many."""
    around = np.ones((3, 3), dtype=np.bool_)
    patches, _ = label(binary_dilation(pixels, around), around)
    large = np.bincount(patches[pixels], minlength=int(patches.max()) + 1) >= least
    return np.asarray(pixels & large[patches])


def _edge_error(pixels: Flags) -> Floats:
    """(t,) standard error in pixels of areas whose edge pixels may or may not belong to them."""
    edge = np.array([(one & ~binary_erosion(one)).sum() for one in pixels], dtype=np.float64)
    return np.asarray(np.hypot(edge / 4.0, 1.0))


def _settled(evidence: SolarEvidence, neutral: float) -> Singles:
    """(t, y, x) as `settled`; how often pixels change on each look is learned inside the border."""
    return settled(evidence.shares, neutral, weights=evidence.inside)


def _neutral(evidence: SolarEvidence, rule: SolarRule) -> float:
    """Share of a pixel under rows that speaks neither way, from what pixels deep among the rows show."""
    chance = _settled(evidence, rule.first_neutral)
    seen = np.isfinite(evidence.shares)
    weight = (chance * seen).sum(axis=0)
    shown = (chance * np.nan_to_num(evidence.shares)).sum(axis=0) / np.maximum(weight, 1e-3)
    deep = binary_erosion((chance[-1] > _HALF) & (evidence.inside > 0), np.ones((3, 3), dtype=np.bool_)) & (
        weight >= _LOOKS
    )
    count = int(deep.sum())
    typical = float(np.median(shown[deep])) if count else rule.usual
    typical = (typical * count + rule.usual * rule.few) / (count + rule.few)
    return float(rule.half * typical**rule.steep)
