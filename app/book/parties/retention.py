"""How long data of a party are kept, and who holds them longer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final

from pydantic import Field, field_validator
from sqlalchemy import Connection, Select, insert, select, update

from app.book.parties.relations import Standing, owing_parties, standing_of, tied_parties
from app.db.rows import Row, chunked
from app.db.tables import Erasure, Party, Retention
from app.db.tables.kinds import RetentionCategory
from geo.errors import InputError
from scoring.mapping_files import load_mapping
from scoring.pack_values import Strict

EXAMPLE: Final = "retention-example"
_EXAMPLE: Final = "example: "
#: Rows of retention are about a party as a whole.
SUBJECT: Final = "party"
#: What the book keeps of a party; images lie in files.
OF_PARTY: Final = (
    RetentionCategory.PERSONAL,
    RetentionCategory.CREDIT_FILE,
    RetentionCategory.LOCATION,
    RetentionCategory.BUREAU_REPORT,
)


class Rule(Strict):
    """Years that one category is kept after the relation ends, and what says so."""

    category: RetentionCategory
    years: Annotated[int, Field(ge=0, le=100)]
    basis: Annotated[str, Field(min_length=1)]


class RetentionRules(Strict):
    """Dated rules by category.

    Attributes:
        id: names the file.
        example: the periods are examples; nothing is erased by them.
        since: first day on which they hold.
        rules: one for each category.
    """

    id: Annotated[str, Field(min_length=1)]
    example: bool
    since: date = Field(alias="from")
    rules: tuple[Rule, ...] = Field(alias="rule")

    @field_validator("rules")
    @classmethod
    def _check_rules(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        given = [rule.category for rule in rules]
        missing = [category for category in OF_PARTY if category not in given]
        if missing:
            raise ValueError(f"a rule for {missing[0].value!r} is missing")
        if len(set(given)) < len(given):
            raise ValueError("a category has two rules")
        return rules

    def basis_of(self, rule: Rule) -> str:
        """What a row says it rests on."""
        return f"{_EXAMPLE}{rule.basis}" if self.example else rule.basis


@dataclass(frozen=True, slots=True)
class Kept:
    """Until when data of one category of a party are kept.

    Attributes:
        party_id: the party.
        category: of its data.
        keep_until: last day.
        basis: what says so.
        legal_hold: whether somebody holds them longer.
    """

    party_id: int
    category: RetentionCategory
    keep_until: date
    basis: str
    legal_hold: bool


def load_rules(named: str = EXAMPLE) -> RetentionRules:
    """Rules of a TOML file, or those that ship as an example; InputError where the file is wrong."""
    return load_mapping(RetentionRules, named, "app.book.parties", "docs/book.md")


def require_own(rules: RetentionRules) -> None:
    """Refuse examples, by which nothing is erased."""
    if rules.example:
        raise InputError(
            "RETENTION_EXAMPLE",
            f"The periods of {rules.id} are examples: nothing is erased by them.",
            "Give the bank's own with --rules FILE; docs/book.md says how.",
        )


def retain(connection: Connection, party_ids: Iterable[int], rules: RetentionRules, day: date, now: datetime) -> None:
    """Write the rows of new parties, counted from their first day."""
    rows: list[Row] = [
        _row(party_id, rule.category, rules.basis_of(rule), years_after(day, rule.years), now)
        for party_id in party_ids
        for rule in rules.rules
    ]
    for chunk in chunked(rows):
        connection.execute(insert(Retention), chunk)


def kept_of(connection: Connection, party_id: int, rules: RetentionRules, standing: Standing) -> list[Kept]:
    """What is kept of a party and until when.

    The rules count from the end of the last facility or account, or from the day on which the party became known. A
    longer period on record stands, except one that came from examples.
    """
    since = standing.ended_on or _known_on(connection, party_id)
    kept = [Kept(party_id, r.category, years_after(since, r.years), rules.basis_of(r), False) for r in rules.rules]
    recorded = [Kept(party_id, *row) for row in connection.execute(_rows_of(party_id))]
    return kept + [each for each in recorded if each.legal_hold or not each.basis.startswith(_EXAMPLE)]


def due(connection: Connection, rules: RetentionRules, as_of: date) -> list[int]:
    """Parties of which everything may be erased: no period runs, nobody holds them, nothing is open.

    Those that never had credit are told apart from the others at once; these are read one by one.
    """
    longest = max(rule.years for rule in rules.rules)
    passed_over = {*_running(connection, as_of), *connection.scalars(owing_parties())}
    tied = set(connection.scalars(tied_parties()))
    parties = connection.execute(
        select(Party.id, Party.recorded_at).where(Party.id.not_in(select(Erasure.party_id))).order_by(Party.id)
    )
    candidates = [
        row.id for row in parties if row.id not in passed_over and years_after(row.recorded_at.date(), longest) < as_of
    ]
    return [each for each in candidates if each not in tied or _is_over(standing_of(connection, each), longest, as_of)]


def hold(connection: Connection, party_id: int, login: str, reason: str, now: datetime) -> None:
    """Hold a party's data until somebody releases them."""
    require_party(connection, party_id)
    basis = f"legal hold by {login}: {_given(reason)}"
    row = _row(party_id, RetentionCategory.PERSONAL, basis, now.date(), now)
    connection.execute(insert(Retention), [{**row, "legal_hold": True}])


def release(connection: Connection, party_id: int, login: str, reason: str) -> int:
    """End all holds of a party; how many there were. The row says who ended it and why."""
    require_party(connection, party_id)
    held = (
        Retention.subject_table == SUBJECT,
        Retention.subject_key == str(party_id),
        Retention.legal_hold,
    )
    said = f"; released by {login}: {_given(reason)}"
    done = connection.execute(update(Retention).where(*held).values(legal_hold=False, basis=Retention.basis + said))
    return done.rowcount


def require_party(connection: Connection, party_id: int) -> None:
    """InputError where there is no such party."""
    if connection.scalar(select(Party.id).where(Party.id == party_id)) is None:
        raise InputError("PARTY_UNKNOWN", f"There is no party {party_id}.", "acreline parties list shows them.")


def years_after(day: date, years: int) -> date:
    """The same day so many years later; the first of March where that year has no 29 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _running(connection: Connection, as_of: date) -> set[int]:
    """Parties that somebody holds, or of which a period on record runs."""
    running = (Retention.keep_until >= as_of) & ~Retention.basis.startswith(_EXAMPLE)
    wanted = select(Retention.subject_key).where(
        Retention.subject_table == SUBJECT, Retention.erased_at.is_(None), running | Retention.legal_hold
    )
    return set(map(int, connection.scalars(wanted.distinct())))


def _is_over(standing: Standing, longest: int, as_of: date) -> bool:
    ended = standing.ended_on
    return not standing.open and (ended is None or years_after(ended, longest) < as_of)


def _known_on(connection: Connection, party_id: int) -> date:
    return connection.scalars(select(Party.recorded_at).where(Party.id == party_id)).one().date()


def _rows_of(party_id: int) -> Select[RetentionCategory, date, str, bool]:
    return (
        select(Retention.category, Retention.keep_until, Retention.basis, Retention.legal_hold)
        .where(
            Retention.subject_table == SUBJECT,
            Retention.subject_key == str(party_id),
            Retention.erased_at.is_(None),
        )
        .order_by(Retention.id)
    )


def _row(party_id: int, category: RetentionCategory, basis: str, keep_until: date, now: datetime) -> Row:
    return {
        "subject_table": SUBJECT,
        "subject_key": str(party_id),
        "category": category,
        "basis": basis,
        "keep_until": keep_until,
        "legal_hold": False,
        "recorded_at": now,
    }


def _given(reason: str) -> str:
    if not reason.strip():
        raise InputError("REASON_MISSING", "No reason is given.", "Say why with --reason; name nobody in it.")
    return reason.strip()
