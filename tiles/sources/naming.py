"""Naming rules: what the names of files say of the scenes that they belong to."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Final

from geo.errors import InputError
from tiles.sources.base import ASSETS, OTHER_KEYS

#: How Sentinel-2's own files are named, in any folder below.
USUAL_NAMES: Final = "(L2A_)?T{tile}_{date}_{band}(_{resolution}m)?"
EXAMPLE: Final = "T31UFS_20190715T105031_B02_10m.tif"

_FIELDS: Final = {
    "date": r"\d{4}-?\d{2}-?\d{2}(?:T\d{6})?",
    "band": r"[A-Za-z][A-Za-z0-9]*",
    "tile": r"T?\d{2}[A-Za-z]{3}",
    "level": r"(?:MSI)?L?(?:2A|1C)",
    "baseline": r"N?\d{2}\.?\d{2}",
    "resolution": r"\d+",
}
_FIELD = re.compile(r"\{([^{}]*)\}")
_SUFFIX: Final = r"\.(?:tiff?|jp2)"
_HOW: Final = (
    "Use {date} and {band}, and where names tell them {tile}, {level}, {baseline} and {resolution}; * is any text."
)
_DIGITS_OF_A_DAY: Final = 8
_BAND_OF: Final = {name.lower(): band for band, name in OTHER_KEYS.items()} | {band.lower(): band for band in ASSETS}
_SHORT_BAND = re.compile(r"^B(\d)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Named:
    """What one file's name says.

    Attributes:
        path: the file.
        when: instant or day of acquisition, UTC.
        has_time: whether it is an instant.
        band: one of `ASSETS`.
        tile: of the military grid, "31UFS"; empty where not said.
        level: "L2A" or "L1C"; empty where not said.
        baseline: "04.00"; empty where not said.
        resolution_m: metres; 0 where not said.
    """

    path: Path
    when: datetime
    has_time: bool
    band: str
    tile: str = ""
    level: str = ""
    baseline: str = ""
    resolution_m: int = 0


def is_rule(text: str) -> bool:
    """Whether a text is a naming rule: it has a field in braces."""
    return _FIELD.search(text) is not None


def named_files(text: str) -> tuple[Path, list[Named]]:
    """The folder of a naming rule, and the files in it that are named so, sorted.

    Args:
        text: path with fields in braces ("scenes/{date}/{tile}_{band}.tif"), or a folder whose files are named as
            Sentinel-2's own, at any depth.

    Raises:
        InputError: the rule cannot be used, there is no such folder, or no file in it is named so.
    """
    root, matches = _with_rule(text) if is_rule(text) else (Path(text), _usual())
    if not root.is_dir():
        raise InputError("NO_CATALOG", f"There is no folder {root}.", "Check --catalog.")
    found = [
        named
        for path in sorted(root.rglob("*"))
        if (match := matches(path.relative_to(root).as_posix())) is not None
        if (named := _named(path, match)) is not None
    ]
    if not found:
        wanted = text if is_rule(text) else EXAMPLE
        raise InputError(
            "NO_RASTERS",
            f"No file in {root} is named like {wanted}.",
            "Give a naming rule for --catalog: FOLDER/{date}/{band}.tif.",
        )
    return root, found


def _usual() -> Callable[[str], re.Match[str] | None]:
    expression = re.compile(_FIELD.sub(_group, USUAL_NAMES) + _SUFFIX)
    return lambda name: expression.fullmatch(PurePosixPath(name).name)


def _with_rule(text: str) -> tuple[Path, Callable[[str], re.Match[str] | None]]:
    """The folder before the first field, and the test of names below it."""
    names = _FIELD.findall(text)
    unknown = next((name for name in names if name not in _FIELDS), None)
    if unknown is not None:
        raise InputError("NAMING_RULE", f"The naming rule {text} has an unknown field {{{unknown}}}.", _HOW)
    lacking = next((name for name in ("date", "band") if name not in names), None)
    if lacking is not None:
        raise InputError("NAMING_RULE", f"The naming rule {text} has no field {{{lacking}}}.", _HOW)
    parts = PurePosixPath(text).parts
    first = next(index for index, part in enumerate(parts) if is_rule(part) or "*" in part)
    return Path(*parts[:first]), re.compile(_expression("/".join(parts[first:]))).fullmatch


def _expression(rule: str) -> str:
    """Regular expression of a rule; a field that comes again must say the same again."""
    made, seen, end = [], set(), 0
    for match in _FIELD.finditer(rule):
        made.append(_literal(rule[end : match.start()]))
        made.append(f"(?P={match[1]})" if match[1] in seen else _group(match))
        seen.add(match[1])
        end = match.end()
    return "".join(made) + _literal(rule[end:])


def _literal(text: str) -> str:
    return "[^/]*".join(re.escape(part) for part in text.split("*"))


def _group(match: re.Match[str]) -> str:
    return f"(?P<{match[1]}>{_FIELDS[match[1]]})"


def _named(path: Path, match: re.Match[str]) -> Named | None:
    """What a name says; None for bands that are not used (aerosol, water vapour, 60 m)."""
    said = match.groupdict(default="")
    band = _BAND_OF.get(_SHORT_BAND.sub(r"B0\1", said["band"]).lower())
    if band is None:
        return None
    digits = said["date"].replace("-", "")
    return Named(
        path.resolve(),
        _instant(path, digits),
        len(digits) > _DIGITS_OF_A_DAY,
        band,
        said.get("tile", "").upper().removeprefix("T"),
        f"L{said['level'][-2:]}" if said.get("level") else "",
        _baseline(said.get("baseline", "")),
        int(said.get("resolution") or 0),
    )


def _instant(path: Path, digits: str) -> datetime:
    form = "%Y%m%dT%H%M%S" if len(digits) > _DIGITS_OF_A_DAY else "%Y%m%d"
    try:
        return datetime.strptime(digits, form).replace(tzinfo=UTC)
    except ValueError as error:
        raise InputError("RASTER_DATE", f"{digits} in the name of {path} is no date.", "Rename the file.") from error


def _baseline(text: str) -> str:
    digits = text.removeprefix("N").replace(".", "")
    return f"{digits[:2]}.{digits[2:]}" if digits else ""
