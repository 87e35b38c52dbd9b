"""Whether a pack can be worked with: faults, gaps in its tables, and what a person should know before a run."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, TypeAlias

from pydantic import ValidationError

from scoring.money import Mode, in_words
from scoring.pack_faults import Finding, Level, faults
from scoring.pack_schema import KccRules, Pack, Rounding

#: (crop, district, season): what a book asks a price for; None where it does not say.
Asked: TypeAlias = tuple[str, str | None, str | None]

#: A pack that ends sooner wants a successor.
_NOTICE: Final = timedelta(days=90)

_NOTHING: Final[Mapping[Asked, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Checked:
    """A checked pack.

    Attributes:
        name: file or id.
        pack: None where the text is none.
        findings: errors, gaps, warnings and notes, in this order.
    """

    name: str
    pack: Pack | None
    findings: tuple[Finding, ...] = field(default=())

    def of(self, level: Level) -> tuple[Finding, ...]:
        """Findings of one level."""
        return tuple(finding for finding in self.findings if finding.level == level)

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        known = None if self.pack is None else _identity(self.pack)
        return {"name": self.name, "pack": known, "findings": [asdict(finding) for finding in self.findings]}


def check_pack(text: str, name: str, day: date, asked: Mapping[Asked, int] = _NOTHING) -> Checked:
    """Everything there is to say of a pack.

    Args:
        text: the whole file.
        name: of the file, for messages.
        day: on which decisions are to rest on it.
        asked: parcels by what a book asks a price for; without a book the table is held against itself.

    Returns:
        The findings; `pack` is None where there is an error.
    """
    try:
        pack = Pack.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        return Checked(name, None, (Finding("error", name, f"not valid TOML: {error}", "Mend the line named."),))
    except ValidationError as error:
        return Checked(name, None, faults(error))
    found = [*_price_gaps(pack, asked), *_approval(pack), *_dates(pack, day), *_citations(pack), *_roundings(pack)]
    found += [*_authorities(pack, day), *_calendar(pack)]
    order = ("error", "gap", "warning", "note")
    return Checked(name, pack, tuple(sorted(found, key=lambda finding: order.index(finding.level))))


def rounding_steps(pack: Pack) -> dict[str, Rounding]:
    """Every rounding of a pack after area x price, by name, in the order in which they are taken."""
    return pack.rules.rounding.steps if isinstance(pack.rules, KccRules) else {"limit": pack.rules.rounding}


def _identity(pack: Pack) -> dict[str, object]:
    return {
        "id": pack.id,
        "version": pack.version,
        "content_hash": pack.content_hash,
        "rules_hash": pack.rules_hash,
        "approval": pack.approval.model_dump(mode="json"),
        "valid_from": str(pack.valid_from),
        "valid_to": None if pack.valid_to is None else str(pack.valid_to),
        "rounding": {name: step.model_dump(mode="json") for name, step in rounding_steps(pack).items()},
    }


def _price_gaps(pack: Pack, asked: Mapping[Asked, int]) -> Iterator[Finding]:
    prices = pack.prices
    everywhere = [
        (crop, district, season)
        for crop in sorted(prices.crops)
        for district in (None, *prices.districts)
        for season in (None, *prices.seasons)
    ]
    for gap in prices.gaps(asked or everywhere):
        count = f" ({asked[gap]} parcels)" if asked else ""
        yield _gap(gap, count, pack)


def _gap(gap: Asked, count: str, pack: Pack) -> Finding:
    if gap[2] is None and pack.prices.has_seasons(*gap[:2]):
        said = f"no price for {_place(gap)} where the season is not known{count}: NO_PRICE_SEASON_UNKNOWN"
        return Finding("gap", "prices.rows", said, "Leave it to a visit, or add a row without season.")
    unwanted = gap[0] in pack.prices.not_financed
    said = f"no price for {_place(gap)}{count}: NO_PRICE" + (", as not_financed says" if unwanted else "")
    return Finding("gap", "prices.rows", said, "Leave it, or add a row." if unwanted else "Add a row.")


def _place(gap: Asked) -> str:
    crop, district, season = gap
    where = f" in {district}" if district else " where no district is named"
    return f"{crop}{where}" + (f", {season}" if season else "")


def _approval(pack: Pack) -> Iterator[Finding]:
    if pack.approval.state == "example":
        remedy = f'Set state = "approved", by, on and content_hash = "{pack.rules_hash}" once it is.'
        yield Finding("warning", "approval.state", "an example, approved by nobody: for trying out", remedy)
    if pack.prices.example:
        yield Finding("warning", "prices.example", "the prices are an example", "Put the bank's own table in.")
    for name, part in (("lender", pack.lender), ("objection", pack.objection)):
        if part is None:
            remedy = f"Add the table [{name}], unless no letters are written under this pack."
            yield Finding("note", name, "not stated: letters to farmers need it", remedy)
        elif part.example:
            yield Finding("warning", f"{name}.example", "the text is an example", "Put the bank's own text in.")


def _dates(pack: Pack, day: date) -> Iterator[Finding]:
    if not pack.in_force(day):
        key = "valid_from" if day < pack.valid_from else "valid_to"
        span = f"{pack.valid_from} to {pack.valid_to or 'further notice'}"
        yield Finding("warning", key, f"not in force on {day}: it holds from {span}", "Take the pack of that day.")
    elif pack.valid_to is not None and pack.valid_to - day < _NOTICE:
        yield Finding("warning", "valid_to", f"ends on {pack.valid_to}", "Have a successor approved before.")
    for note in pack.notes:
        if not note.holds(day):
            said = f"{note.code} does not hold on {day}"
            yield Finding("note", "notes", said, "It is kept for decisions of its own time.")


def _citations(pack: Pack) -> Iterator[Finding]:
    times = Counter(pack.cited)
    for citation in pack.citations:
        key = f"citations.{citation.id}"
        if citation.checked != "read":
            said = "its own text was not read"
            yield Finding("warning", f"{key}.checked", said, 'Read the source, then set checked = "read".')
        if not times[citation.id]:
            yield Finding("note", key, "nothing cites it", "Cite it or remove it.")


def _roundings(pack: Pack) -> Iterator[Finding]:
    before: tuple[str, Rounding] | None = None
    for name, step in rounding_steps(pack).items():
        key = f"rules.rounding.{name}"
        yield Finding(
            "note", key, f"to {in_words(step.to)} {pack.currency.code}, {step.mode}", "A line of the receipt."
        )
        if step.mode is Mode.UP:
            yield Finding("warning", key, "rounds up: more than the steps give", 'Take "half_up" or "down".')
        if before is not None and step.to % before[1].to:
            said = f"{in_words(step.to)} is no multiple of {before[0]} ({in_words(before[1].to)})"
            yield Finding("warning", key, said, "Take a multiple, or state why not in a citation.")
        before = (name, step)


def _authorities(pack: Pack, day: date) -> Iterator[Finding]:
    persons = [part for part in pack.authorities if not part.automatic and part.holds(day)]
    if not persons:
        said = "names no authority of a person for the day"
        yield Finding("note", "authorities", said, "Name them, or keep them in the bank's own list.")
    elif all(part.most is not None for part in persons):
        most = max(part.most for part in persons if part.most is not None)
        said = f"nobody may approve more than {in_words(most)} {pack.currency.code}"
        yield Finding("note", "authorities", said, "Leave it, or name who may.")


def _calendar(pack: Pack) -> Iterator[Finding]:
    if pack.calendar is None:
        yield Finding("warning", "calendar", "no calendar: days are those of UTC", "Name the time zone of the bank.")
