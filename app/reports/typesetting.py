"""Typesetting with typst: data in, PDF out, offline and the same bytes every time.

The PDF is PDF/A-2a and PDF/UA-1: it can be archived and read aloud, and neither standard lets a character pass that no
font can show, so a letter never comes out with boxes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import typst

from geo.errors import InputError

#: Comes with typst itself.
_LATIN: Final = "Libertinus Serif"
#: Families with simplified Chinese, the first that is there counts.
_CHINESE: Final = (
    *("Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "Noto Sans CJK SC", "Noto Sans SC"),
    *("Source Han Sans SC", "Songti SC", "SimSun"),
)
_REMEDY: Final = "Install fonts-noto-cjk (Debian, Ubuntu: apt-get install fonts-noto-cjk), or give --fonts DIR."
_REMEDY_OF_TEXT: Final = "Take that character out, or install a font that shows it, or give --fonts DIR."


def typeset(template: str, data: Mapping[str, Any], day: date, fonts: Path | None = None) -> bytes:
    """PDF of a template with its data.

    Args:
        template: name of a template beside this module, "letter".
        data: what the template says, under its name; texts are set as they are. `language` is "en" or "zh"; the fonts
            are added.
        day: day of the document.
        fonts: folder with further fonts.

    Raises:
        InputError: no font for the language or for a character of a text (names the remedy), or no such folder.
    """
    known = _fonts(fonts)
    said = {**data, "fonts": _families(known, data["language"])}
    compiler = typst.Compiler(_source(template), font_paths=known, sys_inputs={template: json.dumps(said)})
    try:
        pages = compiler.compile(
            format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=datetime.combine(day, time(), tzinfo=UTC)
        )
    except typst.TypstError as error:
        # the only faults that data can cause: characters without a glyph, or of no public meaning
        raise InputError("LETTER_TEXT", f"The letter cannot be set: {error.message}.", _REMEDY_OF_TEXT) from error
    return b"".join(pages) if isinstance(pages, list) else bytes(pages or b"")


def _families(known: typst.Fonts, language: str) -> list[str | dict[str, str]]:
    there = set(known.families())
    chinese = next((family for family in _CHINESE if family in there), None)
    if language == "zh" and chinese is None:
        raise InputError("NO_FONT", "No font for Chinese was found.", _REMEDY)
    # Latin letters and figures come from the first family; marks that both scripts use follow the language
    latin: str | dict[str, str] = {"name": _LATIN, "covers": "latin-in-cjk"} if language == "zh" else _LATIN
    return [latin] if chinese is None else [latin, chinese]


@cache
def _fonts(folder: Path | None) -> typst.Fonts:
    if folder is not None and not folder.is_dir():
        raise InputError("FONTS_FOLDER", f"There is no folder {folder}.", "Name a folder with fonts.")
    further: Sequence[Path] = [] if folder is None else [folder]
    return typst.Fonts(font_paths=list(further))


def _source(template: str) -> bytes:
    return resources.files("app.reports").joinpath(f"{template}.typ").read_bytes()
