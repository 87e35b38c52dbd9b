"""One text names a source: a file, a folder, a naming rule, a known catalogue or an address."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from geo.errors import InputError
from tiles.access import use_planetary_computer_key
from tiles.sources.base import Levels, RadarSource, Source
from tiles.sources.folder import RasterFolder
from tiles.sources.local import LocalCatalog, local_path
from tiles.sources.naming import is_rule
from tiles.sources.presets import PRESETS
from tiles.sources.safe import SafeFolder
from tiles.sources.safe.files import looks_like_safe
from tiles.sources.stac_api import StacApi

#: Files that make a folder a catalogue, the first that is there.
_CATALOGUES: Final = ("catalog.json", "collection.json")


def say_nothing(_done: int, _total: int) -> None:
    """Ignore how far a conversion is."""


@dataclass(frozen=True, slots=True)
class Access:
    """What opening a source may need beside its name.

    Attributes:
        cache: folder for products that are converted once.
        stac_token: sent to a STAC API as a bearer token; to its own server only.
        planetary_computer_key: subscription key of Planetary Computer.
        tell: told how many products of how many are converted.
        levels: "leave-out" passes over L1C scenes, which otherwise refuse a source.
    """

    cache: Path
    stac_token: str | None = field(default=None, repr=False)
    planetary_computer_key: str | None = field(default=None, repr=False)
    tell: Callable[[int, int], None] = field(default=say_nothing, repr=False, compare=False)
    levels: Levels = "refuse"


def usual_cache() -> Path:
    """Folder of the user's own cache, where no other is set."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "acreline"


def open_source(text: str, access: Access) -> Source:
    """The source that a text names; nothing is read yet but the names of a folder's files.

    Args:
        text: a catalogue's JSON file or the folder with its catalog.json; a .SAFE folder, its .zip or a folder of them;
            a folder of rasters that are named as Sentinel-2 files are; a path with fields in braces
            ("scenes/{date}/{band}.tif"); the key of a preset; the address of a STAC API.
        access: cache and secrets.

    Raises:
        InputError: the text names nothing that there is.
    """
    if text in PRESETS or urlsplit(text).scheme in ("http", "https"):
        if access.planetary_computer_key is not None:
            use_planetary_computer_key(access.planetary_computer_key)
        return StacApi(text, access.stac_token)
    if is_rule(text):
        return RasterFolder(text, access.levels)
    path = local_path(text)
    if not path.exists():
        raise InputError("NO_CATALOG", f"There is no file {path}.", _nearest(text))
    return _in_folder(path, access) if path.is_dir() else _in_file(path, access)


def radar_source(source: Source, name: str) -> RadarSource:
    """The same source as one of radar; InputError where its kind holds none."""
    if isinstance(source, LocalCatalog | StacApi):
        return source
    raise InputError("NO_SENTINEL1", f"{name} holds no Sentinel-1 scene.", "Name a source that does.")


def name_of(text: str) -> str:
    """Name of a source as records keep it: a preset's key, a server's name, or a file's; no path, no secret."""
    if text in PRESETS:
        return text
    if urlsplit(text).scheme in ("http", "https"):
        return StacApi(text).name
    return Path(text.rstrip("/")).name


def _in_file(path: Path, access: Access) -> Source:
    return _products(path, access) if looks_like_safe(path) else LocalCatalog(path, access.levels)


def _in_folder(path: Path, access: Access) -> Source:
    if looks_like_safe(path):
        return _products(path, access)
    catalogue = next((path / name for name in _CATALOGUES if (path / name).is_file()), None)
    if catalogue is not None:
        return LocalCatalog(catalogue, access.levels)
    if any(map(looks_like_safe, path.iterdir())):
        return _products(path, access)
    return RasterFolder(str(path), access.levels)


def _products(path: Path, access: Access) -> SafeFolder:
    return SafeFolder(path, access.cache, access.tell, access.levels)


def _nearest(text: str) -> str:
    near = difflib.get_close_matches(text, PRESETS, n=1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else "Check --catalog."
