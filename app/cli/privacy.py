"""`acreline privacy ...`: consents, periods of keeping, erasure, and a person's right of access."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from app.cli.institution import ByOption, DatabaseOption, institution
from app.cli.parties import EXAMPLE_RULES, RulesOption, vault, warn_of_examples

if TYPE_CHECKING:
    from app.book.parties.erasure import Erased

app = typer.Typer(help="Consents, retention, erasure and access.", no_args_is_help=True)

_Party: TypeAlias = Annotated[int, typer.Argument(help="Number of the party; acreline parties list shows it.")]
_Reason: TypeAlias = Annotated[str, typer.Option(help="Why; name nobody in it.")]
_Day: TypeAlias = Annotated[str | None, typer.Option("--on", help="Day; today by default.", metavar="DATE")]


@app.callback()
def _group() -> None:
    """Consents, retention, erasure and access."""


@app.command()
def consent(
    party: _Party,
    purpose: Annotated[str, typer.Option(help="processing, bureau, location or contact.")],
    text_version: Annotated[str, typer.Option(help="Version of the text that was agreed to.")],
    language: Annotated[str, typer.Option(help="Of that text: en, zh.")],
    *,
    evidence: Annotated[
        Path | None, typer.Option(help="Signed document or recording; only its hash is kept.", metavar="FILE")
    ] = None,
    expires: Annotated[str | None, typer.Option(help="Last day.", metavar="DATE")] = None,
    on: _Day = None,
    database: DatabaseOption = None,
) -> None:
    """Write down that a party consents."""
    from app.book.parties.consents import Agreed, give
    from app.cli.run import day
    from app.db.engine import writing
    from geo.files import sha256_of

    now = datetime.now(UTC)
    agreed = Agreed(
        _purpose(purpose),
        text_version,
        language,
        None if evidence is None else sha256_of(_file(evidence)),
        None if expires is None else day(expires, "--expires"),
    )
    with institution(database) as engine, writing(engine) as connection:
        number = give(connection, party, agreed, _instant(on, now), now)
    typer.echo(f"Consent {number} of party {party}.")


@app.command()
def withdraw(
    consent_id: Annotated[int, typer.Argument(help="Number of the consent.", metavar="CONSENT")],
    *,
    on: _Day = None,
    database: DatabaseOption = None,
) -> None:
    """Take a consent back: facts fetched under it are not used from that day on."""
    from app.book.parties import consents as book
    from app.db.engine import writing

    now = datetime.now(UTC)
    with institution(database) as engine, writing(engine) as connection:
        book.withdraw(connection, consent_id, _instant(on, now), now)
    typer.echo(f"Consent {consent_id} is withdrawn.")


@app.command()
def consents(party: _Party, *, on: _Day = None, database: DatabaseOption = None) -> None:
    """Print a party's consents, and which of them stand on a day."""
    from app.book.parties.consents import stands
    from app.book.parties.party_views import consents_of

    with institution(database) as engine, engine.connect() as connection:
        found = consents_of(connection, party, stands(_day(on)))
    for each in found:
        ended = f"withdrawn {each.withdrawn_at:%Y-%m-%d}" if each.withdrawn_at else f"until {each.expires_on or '-'}"
        said = f"text {each.text_version} ({each.language})\tgiven {each.given_at:%Y-%m-%d}\t{ended}"
        typer.echo(f"Consent {each.id}\t{each.purpose}\t{said}\t{'stands' if each.stands else 'does not stand'}")
    if not found:
        typer.echo("No consents.")


@app.command()
def due(
    *,
    as_of: Annotated[str | None, typer.Option(help="Day; today by default.", metavar="DATE")] = None,
    rules: RulesOption = EXAMPLE_RULES,
    database: DatabaseOption = None,
) -> None:
    """Print the parties that may be erased: no period runs, nobody holds them, nothing is open."""
    from app.book.parties.retention import due as may_go
    from app.book.parties.retention import load_rules

    read = load_rules(rules)
    with institution(database) as engine, engine.connect() as connection:
        found = may_go(connection, read, _day(as_of))
    for party_id in found:
        typer.echo(f"Party {party_id}")
    typer.echo(f"May be erased: {len(found)}.")
    warn_of_examples(read.example)


@app.command()
def hold(party: _Party, by: ByOption, reason: _Reason, *, database: DatabaseOption = None) -> None:
    """Keep a party's data until they are released: a lawsuit, an audit."""
    from app.book.decisions.people import find_user, require_role
    from app.book.parties import retention
    from app.db.engine import writing
    from app.db.tables.kinds import UserRole

    with institution(database) as engine, writing(engine) as connection:
        require_role(find_user(connection, by), (UserRole.ADMIN, UserRole.RISK), "holds data")
        retention.hold(connection, party, by, reason, datetime.now(UTC))
    typer.echo(f"Party {party} is held.")


@app.command()
def release(party: _Party, by: ByOption, reason: _Reason, *, database: DatabaseOption = None) -> None:
    """End the holds of a party."""
    from app.book.decisions.people import find_user, require_role
    from app.book.parties import retention
    from app.db.engine import writing
    from app.db.tables.kinds import UserRole

    with institution(database) as engine, writing(engine) as connection:
        require_role(find_user(connection, by), (UserRole.ADMIN, UserRole.RISK), "releases data")
        count = retention.release(connection, party, by, reason)
    typer.echo(f"Party {party}: holds ended: {count}.")


@app.command()
def erase(
    party: _Party,
    by: ByOption,
    reason: _Reason,
    *,
    rules: RulesOption = EXAMPLE_RULES,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
) -> None:
    """Erase a party's personal data; what the bank did stays without a name, and the chain still holds."""
    from app.book.decisions.people import find_user, require_role
    from app.book.parties import erasure
    from app.book.parties.retention import load_rules, require_own
    from app.db.engine import scrub, writing
    from app.db.tables.kinds import UserRole

    read = load_rules(rules)
    if not dry_run:
        require_own(read)
    with institution(database) as engine, writing(engine) as connection:
        undone = connection.begin_nested()
        who = find_user(connection, by)
        require_role(who, (UserRole.ADMIN,), "erases data")
        done = erasure.erase(connection, party, by_id=who.id, reason=reason, rules=read, now=datetime.now(UTC))
        if dry_run:
            undone.rollback()
    if not dry_run:
        with institution(database) as engine:
            scrub(engine, erasure.EMPTIED)
        _drop_files(done.files)
    _print_erased(done, dry_run=dry_run, as_json=as_json)
    warn_of_examples(read.example)


@app.command()
def export(
    party: _Party,
    by: ByOption,
    reason: _Reason,
    *,
    out: Annotated[Path | None, typer.Option(help="File to write; standard output by default.")] = None,
    database: DatabaseOption = None,
) -> None:
    """Print every row about a party as JSON, the identity number in the clear; this is recorded."""
    from app.book.decisions.people import find_user
    from app.book.parties.access import everything_about, note_view
    from app.db.engine import writing
    from app.jobs.risk import write_text

    with institution(database) as engine, writing(engine) as connection:
        note_view(connection, party, find_user(connection, by).id, "export", reason, datetime.now(UTC))
        found = everything_about(connection, party, vault())
    said = json.dumps(found, ensure_ascii=False, indent=1, default=str)
    if out is None:
        typer.echo(said)
    else:
        write_text(out, said)
        typer.echo(f"{sum(map(len, found.values()))} rows of {len(found)} tables: {out}")


def _drop_files(hashes: tuple[str, ...]) -> None:
    """Take the files of papers and receipts away; without their folder they are named, to be taken away by hand."""
    from app.artefacts.contents import ContentStore
    from app.settings import load_settings

    folder = load_settings().files_dir
    for digest in hashes:
        if folder is None:
            typer.echo(f"Not dropped, since ACRELINE_FILES_DIR is not set: file {digest}.", err=True)
        else:
            ContentStore(folder).drop(digest)


def _print_erased(done: Erased, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "party": done.party_id,
                    "dry_run": dry_run,
                    "rows": dict(done.counts),
                    "runs": done.runs,
                    "batches": done.batches,
                    "photos": done.photos,
                    "files": done.files,
                }
            )
        )
        return
    typer.echo(f"Party {done.party_id} {'would be' if dry_run else 'is'} erased:")
    for table, count in done.counts.items():
        typer.echo(f"  {table}\t{count}")
    for what, names in (("run", done.runs), ("batch", done.batches)):
        for name in names:
            typer.echo(f"The folder of {what} {name} still names the farmer: it is the bank's file.")
    for digest in done.photos:
        typer.echo(f"A photo of a visit may show the farmer: {digest}. It is the bank's file.")


def _purpose(text: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - its module is heavy
    from app.db.tables.kinds import ConsentPurpose
    from geo.errors import InputError

    try:
        return ConsentPurpose(text)
    except ValueError as error:
        raise InputError(
            "CONSENT_PURPOSE", f"There is no purpose {text!r}.", f"There are: {', '.join(ConsentPurpose)}."
        ) from error


def _file(path: Path) -> Path:
    from geo.errors import InputError

    if not path.is_file():
        raise InputError("CONSENT_EVIDENCE", f"There is no file {path}.", "Name the signed document.")
    return path


def _day(text: str | None) -> date:
    from app.cli.run import day

    return datetime.now(UTC).date() if text is None else day(text, "the day")


def _instant(text: str | None, now: datetime) -> datetime:
    """The present, or the beginning of a day."""
    return now if text is None else datetime.combine(_day(text), time(), UTC)
