"""Scenes from a static STAC catalogue on disk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pystac
from pystac.errors import STACError, STACTypeError
from pystac.stac_io import DefaultStacIO

from geo.errors import AcrelineError, DataError, InputError
from geo.grid import Bounds
from geo.season import Season
from tiles.sources.base import CATALOGUE_PROPERTY, Levels, RadarKind, choose, choose_radar
from tiles.sources.checksums import require_size


@dataclass(frozen=True, slots=True)
class LocalCatalog:
    """A catalogue or collection on disk; implements `Source` and `RadarSource` of `tiles.sources.base`.

    The catalogue's own files lie on disk; the rasters that its items name may also be at https:// or s3://.

    Attributes:
        path: the catalogue's JSON file.
        levels: "leave-out" passes over L1C scenes, which otherwise refuse the whole catalogue.
    """

    path: Path
    levels: Levels = "refuse"

    def search(self, bounds_lonlat: Bounds, season: Season) -> list[pystac.Item]:
        """Sentinel-2 L2A scenes of a season that touch a box; see `Source.search`.

        Sizes of local files are compared with those that the items state; checksums are compared where files are read
        as a whole anyway (`tiles.sources.checksums.checked_sha256`).

        Raises:
            InputError: the file is missing, not STAC or points to the network; no scene fits; a band is missing.
            DataError: a file that an item names is missing or of another size.
        """
        name, items = self._read()
        chosen = choose(items, bounds_lonlat, season, self.path.name, self.levels)
        return [_ready(item, name) for item in chosen]

    def search_radar(
        self, bounds_lonlat: Bounds, season: Season, declared: RadarKind | None = None
    ) -> list[pystac.Item]:
        """Sentinel-1 scenes of a season that touch a box; see `RadarSource.search_radar`.

        Raises:
            InputError: as `search`, or a scene is not terrain-corrected.
            DataError: as `search`.
        """
        name, items = self._read()
        return [_ready(item, name) for item in choose_radar(items, bounds_lonlat, season, self.path.name, declared)]

    def _read(self) -> tuple[str, list[pystac.Item]]:
        """The catalogue's id and all items, following child and item links."""
        try:
            root = _LocalStacIO().read_stac_object(str(self.path.resolve()))
            if not isinstance(root, pystac.Catalog):
                raise _not_stac(str(self.path), f"it is a STAC {type(root).__name__}, not a catalogue or collection")
            return root.id, _once_each(root.get_items(recursive=True))
        except (STACError, STACTypeError, KeyError, TypeError, ValueError, AttributeError) as error:
            cause = error.__cause__
            raise (
                cause if isinstance(cause, AcrelineError) else _not_stac(str(self.path), _first_line(error))
            ) from error


class _LocalStacIO(DefaultStacIO):
    """Reads JSON from disk only, and says which file is at fault."""

    def read_json(self, source: Any, *_args: Any, **_kwargs: Any) -> dict[str, Any]:
        path = local_path(str(source))
        try:
            read = self.json_loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise InputError(
                "NO_CATALOG", f"There is no file {path}.", "Check --catalog and the links in it."
            ) from error
        except OSError as error:
            raise InputError("NO_CATALOG", f"{path} cannot be read: {error.strerror}.", "Check --catalog.") from error
        except ValueError as error:
            raise _not_stac(str(path), f"it is not JSON: {_first_line(error)}") from error
        if not isinstance(read, dict):
            raise _not_stac(str(path), "it is not a JSON object")
        return read


def local_path(href: str) -> Path:
    """Path that a local href (a path or file: URL) names; InputError for one that needs the network."""
    parts = urlsplit(href)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return Path(unquote(parts.path))
    if "://" in href or href.startswith("/vsi"):
        raise InputError(
            "REMOTE_HREF",
            f"{href} is not a local file.",
            "Copy the scenes to disk and name a catalogue whose links are local.",
        )
    return Path(href)


def _once_each(items: Iterable[pystac.Item]) -> list[pystac.Item]:
    """Items without repeated links to the same file; InputError where two files claim one id."""
    found: dict[str, pystac.Item] = {}
    for item in items:
        first = found.setdefault(item.id, item)
        if first.get_self_href() != item.get_self_href():
            raise InputError(
                "SCENE_TWICE",
                f"Two files describe scene {item.id}: {first.get_self_href()} and {item.get_self_href()}.",
                "Take one of them out of the catalogue.",
            )
    return list(found.values())


def _ready(item: pystac.Item, catalogue: str) -> pystac.Item:
    """The item with plain paths of files that exist, and the name of the catalogue it came from."""
    item.properties.setdefault(CATALOGUE_PROPERTY, catalogue)
    for key, asset in item.assets.items():
        if _is_remote(asset.href):
            continue
        asset.href = str(local_path(asset.href))
        try:
            require_size(asset)
        except OSError as error:
            raise DataError(
                "MISSING_ASSET",
                f"Band {key} of scene {item.id} is missing: there is no file {asset.href}.",
                "Fetch it again, or take the scene out of the catalogue.",
            ) from error
    return item


def _is_remote(href: str) -> bool:
    return urlsplit(href).scheme in ("http", "https", "s3")


def _not_stac(name: str, why: str) -> InputError:
    return InputError(
        "NOT_STAC", f"{name} is not a STAC catalogue: {why}.", "Name the catalog.json of a STAC catalogue."
    )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
