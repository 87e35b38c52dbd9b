"""Scenes from a STAC API: the catalogues of `tiles.sources.presets`, or any other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import pystac
from urllib3 import Retry

from geo.errors import InputError
from geo.grid import Bounds
from geo.season import Season
from tiles.access import retries
from tiles.access.hrefs import TIMEOUT_S, host_of
from tiles.sources.base import CATALOGUE_PROPERTY, RadarKind, choose, choose_radar
from tiles.sources.presets import PRESETS, Preset, asset_keys
from tiles.sources.reprocessed import newest_only
from tiles.sources.stac_client import Connection

#: Item property: whether the offset of baseline 04.00 has been taken out of the pixels; set where that is known.
HARMONISED_PROPERTY: Final = "acreline:harmonised"

_OPTICAL: Final = "sentinel-2-l2a"
_OPTICAL_NAMES = re.compile(r"sentinel[-_ ]?(s|msi)?[-_ ]?2.*l(evel)?[-_ ]?2a", re.IGNORECASE)
_RADAR: Final = "sentinel-1-rtc"
_RADAR_NAMES = re.compile(r"sentinel[-_ ]?1", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StacApi:
    """A STAC API; implements `Source` and `RadarSource` of `tiles.sources.base`.

    Attributes:
        place: key of a preset, URL of a landing page, or URL of one collection (".../collections/ID").
        token: sent to the API's own server as a bearer token, nowhere else.
        rule: when requests are repeated.
        timeout_s: seconds that the server may stay silent.
    """

    place: str
    token: str | None = field(default=None, repr=False)
    rule: Retry = field(default_factory=retries, repr=False, compare=False)
    timeout_s: float = TIMEOUT_S

    def search(self, bounds_lonlat: Bounds, season: Season) -> list[pystac.Item]:
        """Sentinel-2 L2A scenes of a season that touch a box; see `Source.search`.

        Of an acquisition that was processed again only the newest baseline is given. Items carry `acreline:catalogue`
        (the preset's key or the server's name) and, where the preset knows it, `acreline:harmonised`.

        Raises:
            InputError: no scene fits, a band is missing, the URL is not a STAC API, or it asks for another token.
            TransientError: the server does not answer or takes no more requests, after all retries.
        """
        found = self._connection().search([self._collection(_OPTICAL, _OPTICAL_NAMES)], bounds_lonlat, season)
        if not found:
            raise self._nothing("Sentinel-2 L2A", bounds_lonlat, season)
        named = [self._with_bands(item) for item in newest_only(found)]
        return choose(named, bounds_lonlat, season, self.name)

    def search_radar(
        self, bounds_lonlat: Bounds, season: Season, declared: RadarKind | None = None
    ) -> list[pystac.Item]:
        """Sentinel-1 scenes of a season that touch a box; see `RadarSource.search_radar`.

        Raises:
            InputError: as `search`, or the catalogue has Sentinel-1 without terrain correction only.
            TransientError: as `search`.
        """
        if self.preset is not None and self.preset.radar is None:
            raise _raw_only(self.name)
        found = self._connection().search([self._collection(_RADAR, _RADAR_NAMES)], bounds_lonlat, season)
        if not found:
            raise self._nothing("Sentinel-1", bounds_lonlat, season)
        for item in found:
            item.properties[CATALOGUE_PROPERTY] = self.name
        return choose_radar(found, bounds_lonlat, season, self.name, declared)

    @property
    def preset(self) -> Preset | None:
        """The preset that this API is, by key or URL; None for any other."""
        url = self._url_and_collection()[0]
        return PRESETS.get(self.place) or next((each for each in PRESETS.values() if each.url == url), None)

    @property
    def name(self) -> str:
        """The preset's key, or the server's host and port."""
        return self.preset.key if self.preset else host_of(self.place)

    def _connection(self) -> Connection:
        url = self.preset.url if self.preset else self._url_and_collection()[0]
        return Connection(url, self.token, self.rule, self.timeout_s)

    def _url_and_collection(self) -> tuple[str, str]:
        url, _, collection = self.place.partition("/collections/")
        return url.rstrip("/"), collection.strip("/")

    def _collection(self, usual: str, names: re.Pattern[str]) -> str:
        """Collection to search: the one of the URL, the preset's, the usual one, or the only one of a fitting name."""
        stated = self._url_and_collection()[1]
        if stated:
            return stated
        if self.preset is not None:
            return self.preset.optical if usual == _OPTICAL else str(self.preset.radar)
        present = self._connection().collections()
        fitting = [usual] if usual in present else [each for each in present if names.search(each)]
        if len(fitting) != 1:
            raise self._unclear(usual, fitting or present)
        return fitting[0]

    def _with_bands(self, item: pystac.Item) -> pystac.Item:
        """The item with our names of bands, and with what is known of its catalogue."""
        assets = item.assets
        item.assets = {band: assets[key] for band, key in asset_keys(assets, self.preset).items()}
        item.properties[CATALOGUE_PROPERTY] = self.name
        if self.preset is not None and self.preset.offset == "kept":
            item.properties[HARMONISED_PROPERTY] = False
        return item

    def _unclear(self, usual: str, names: Sequence[str]) -> InputError:
        return InputError(
            "WHICH_COLLECTION",
            f"{self.name} has no collection {usual}; it has {', '.join(names) or 'none'}.",
            "Name one by its URL, which ends in /collections/ID.",
        )

    def _nothing(self, what: str, bounds_lonlat: Bounds, season: Season) -> InputError:
        box = ", ".join(f"{value:.4f}" for value in bounds_lonlat)
        return InputError(
            "NO_SCENES",
            f"{self.name} has no {what} scene of the season {season.id} that touches the area ({box}).",
            "Check the season and the parcels' CRS, or name another catalogue.",
        )


def _raw_only(name: str) -> InputError:
    return InputError(
        "RAW_GRD",
        f"{name} has Sentinel-1 only as raw GRD without terrain correction: on slopes it lies beside the fields and "
        "changes with the orbit.",
        "Use planetary-computer, or a catalogue of your own terrain-corrected rasters.",
    )
