"""Shapefiles out of zips, and nothing else out of them."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from geo.errors import InputError

_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_NEEDED: Final = (".shp", ".shx", ".dbf")
#: Companions that some programs write; they are left where they are.
_IGNORED: Final = frozenset({".sbn", ".sbx", ".qix", ".qpj", ".qmd", ".xml", ".fbn", ".fbx", ".ain", ".aih", ".txt"})
_MOST_MEMBERS: Final = 64
_MOST_BYTES: Final = 256 * 2**20
#: Tables of blanks shrink a hundredfold; what shrinks more is made to.
_MOST_RATIO: Final = 200
_SMALL_BYTES: Final = 2**20
#: Texts beside it: the reference system and the code page.
_MOST_TEXT_BYTES: Final = 64 * 1024
_CHUNK: Final = 2**20


def unzip_shapefile(archive: Path, folder: Path) -> Path:
    """Extract the parts of the one Shapefile of a zip under names of our own; the .shp.

    Sizes are bounded before anything is extracted, and again while it is, since a zip may lie about them.

    Raises:
        InputError: the file is no zip, is encrypted, too large or too many-membered, names paths outside, links or
            further archives, or does not hold exactly one Shapefile.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [each for each in opened.infolist() if not each.is_dir()]
            _check_members(members)
            return _extracted(opened, _parts(members), folder)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, RuntimeError, ValueError) as error:
        raise InputError("IMPORT_ZIP", "The zip is damaged.", "Zip the Shapefile again.") from error


def _check_members(members: Sequence[zipfile.ZipInfo]) -> None:
    if len(members) > _MOST_MEMBERS:
        raise _refused(f"The zip holds {len(members)} files; {_MOST_MEMBERS} are the most")
    total, packed = sum(each.file_size for each in members), sum(each.compress_size for each in members)
    if total > _MOST_BYTES or (total > _SMALL_BYTES and total > _MOST_RATIO * max(packed, 1)):
        raise InputError(
            "IMPORT_TOO_HEAVY", f"The zip would grow to {total / 2**20:,.0f} MiB.", "Split the file into smaller ones."
        )
    for member in members:
        _check_member(member)


def _check_member(member: zipfile.ZipInfo) -> None:
    path = PurePosixPath(member.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in member.filename or ":" in member.filename:
        raise _refused("The zip names a path outside itself")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise _refused("The zip holds a link or device")
    if member.flag_bits & 1:
        raise _refused("The zip is encrypted")
    if path.suffix.lower() not in {*_PARTS, *_IGNORED}:
        raise _refused(f"The zip holds a file that belongs to no Shapefile ({path.suffix.lower()[:16] or 'no suffix'})")


def _parts(members: Sequence[zipfile.ZipInfo]) -> Mapping[str, zipfile.ZipInfo]:
    shapes = [each for each in members if PurePosixPath(each.filename).suffix.lower() == ".shp"]
    if len(shapes) != 1:
        raise _refused(f"The zip holds {len(shapes)} Shapefiles")
    stem = PurePosixPath(shapes[0].filename).with_suffix("")
    found: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        path = PurePosixPath(member.filename)
        if path.with_suffix("") == stem and path.suffix.lower() in _PARTS:
            if path.suffix.lower() in found:
                raise _refused("The zip holds a part of the Shapefile twice")
            found[path.suffix.lower()] = member
    missing = [part for part in _NEEDED if part not in found]
    if missing:
        raise _refused(f"The zip lacks the Shapefile's {missing[0]}")
    return found


def _extracted(opened: zipfile.ZipFile, parts: Mapping[str, zipfile.ZipInfo], folder: Path) -> Path:
    for suffix, member in parts.items():
        most = member.file_size if suffix in _NEEDED else min(member.file_size, _MOST_TEXT_BYTES)
        with opened.open(member) as source, (folder / f"upload{suffix}").open("wb") as target:
            written = 0
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                if written > most:
                    raise _refused("A part of the Shapefile is larger than it says, or than it may be")
                target.write(chunk)
    return folder / "upload.shp"


def _refused(said: str) -> InputError:
    return InputError("IMPORT_ZIP", f"{said}.", "Zip the parts of one Shapefile, and nothing else.")
