"""`acreline limits ...`: work a limit out step by step, or explain one."""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from geo.errors import InputError

app = typer.Typer(help="Work out and explain credit limits.", no_args_is_help=True)


class Language(StrEnum):
    """Languages of explanations."""

    EN = "en"
    ZH = "zh"


@app.command()
def working(
    policy: Annotated[str, typer.Option(help="Policy pack, in-kcc-2018.")],
    facts: Annotated[Path, typer.Option(help="JSON file with crops, areas and term loans; see docs/policy.md.")],
    *,
    on: Annotated[
        str | None, typer.Option("--on", help="Day of the decision: refuses a policy not in force.", metavar="DATE")
    ] = None,
    packs: Annotated[Path | None, typer.Option(help="Folder of the bank's own policy packs.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the working as one JSON line.")] = False,
) -> None:
    """Print every step from facts to limit.

    Without --on the day is today, and a policy that is not in force is said to be so.
    """
    from app.cli.receipts import print_working
    from app.cli.run import day
    from scoring.policy import load_pack, require_in_force
    from scoring.worked_out import work_out

    pack = load_pack(policy, packs_dir=packs)
    decided_on = pack.local_day(datetime.now(UTC)) if on is None else day(on, "--on")
    if on is not None:
        require_in_force(pack, decided_on)
    result = work_out(_read_facts(facts), pack, decided_on)
    if as_json:
        typer.echo(json.dumps(result.to_dict(), ensure_ascii=False))
    else:
        print_working(Console(file=sys.stdout, soft_wrap=True), result)


@app.command()
def explain(
    subject: Annotated[str, typer.Argument(help="Parcel or farmer.")],
    run: Annotated[Path, typer.Option(help="Run folder.")],
    *,
    lang: Annotated[Language, typer.Option(help="Language of the lines.")] = Language.EN,
) -> None:
    """Print the receipt of a limit: lines whose effects add up to the amount."""
    from app.cli.receipts import print_receipts

    print_receipts(Console(file=sys.stdout, soft_wrap=True), run, subject, lang.value)


@app.command()
def replay(
    subjects: Annotated[list[str], typer.Argument(metavar="ID...", help="Parcels or farmers.")],
    run: Annotated[Path, typer.Option(help="Run folder.")],
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print each limit with its receipt as one JSON line.")
    ] = False,
) -> None:
    """Work past limits out again from what the run recorded: the same bytes, or the input that is gone."""
    from app.jobs.replay import replay_run
    from scoring.replay import limit_bytes

    for row in replay_run(run, subjects):
        said = limit_bytes(row)
        sha256 = hashlib.sha256(said).hexdigest()
        typer.echo(
            said if as_json else f"{row['subject_kind']} {row['subject_id']}: the same, {len(said)} bytes, {sha256}"
        )


def _read_facts(path: Path) -> dict[str, object]:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("FACTS_FILE", f"The facts {path} cannot be read.", "Name an existing JSON file.") from error
    except json.JSONDecodeError as error:
        raise InputError(
            "FACTS_JSON", f"{path} is not JSON: {error.msg} in line {error.lineno}.", "Mend the file."
        ) from error
    if not isinstance(facts, dict):
        raise InputError("FACTS_JSON", f"{path} holds no JSON object.", "See docs/policy.md for an example.")
    return facts
