"""Countries by their code of ISO 3166-1 alpha-2."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType


@cache
def country_names() -> Mapping[str, str]:
    """Usual English names by code, such as {"IN": "India"}; both are names and say nothing of borders."""
    text = resources.files("geo").joinpath("data/countries.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(text)["names"])


def code_meant(text: str) -> str | None:
    """Code of the country whose English name somebody wrote, whatever the case ("india": IN); None for no name."""
    wanted = text.strip().casefold()
    return next((code for code, name in country_names().items() if name.casefold() == wanted), None)
