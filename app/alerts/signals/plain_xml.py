"""XML from strangers: elements and text only, no document types, and so no entities."""

from __future__ import annotations

import re
from typing import Final
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from geo.errors import InputError

_MOST_BYTES: Final = 10 * 2**20
_MOST_DEEP: Final = 50
_KNOWN: Final = ("utf-8", "utf-16", "us-ascii", "iso-8859-1")
_DECLARED: Final = re.compile(rb"""\s*<\?xml[^>]*\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


def parse_plain(name: str, content: bytes) -> Element:
    """Root of a document, its names as "namespace name".

    Raises:
        InputError: it is not well formed, larger than 10 MiB, deeper than 50 elements, or has a document type.
    """
    if len(content) > _MOST_BYTES:
        raise InputError("SIGNAL_XML", f"{name} is larger than 10 MiB.", "A message is smaller: look at the file.")
    builder, depth = TreeBuilder(), 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MOST_DEEP:
            raise InputError("SIGNAL_XML", f"{name} is nested deeper than {_MOST_DEEP}.", "Look at the file.")
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def refuse(*_declared: object) -> None:
        raise InputError(
            "SIGNAL_XML", f"{name} declares a document type, which may hide what it says.", "Ask for it without one."
        )

    text = _decoded(name, content)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise InputError("SIGNAL_XML", f"{name} is not well-formed XML: {error}.", "Fetch it again.") from error
    return builder.close()


def _decoded(name: str, content: bytes) -> bytes | str:
    """Text of a document in an encoding that the parser does not know (GB 18030); others as they are."""
    declared = _DECLARED.match(content)
    encoding = "utf-8" if declared is None else declared.group(1).decode().lower()
    if encoding in _KNOWN:
        return content
    try:
        return content.decode(encoding)
    except (LookupError, UnicodeDecodeError) as error:
        raise InputError("SIGNAL_XML", f"{name} is not in {encoding}, as it says.", "Fetch it again.") from error
