"""`acreline policy ...`: what packs there are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Policy packs.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Policy packs."""


@app.command(name="list")
def list_packs(
    packs: Annotated[Path | None, typer.Option(help="Folder of the bank's own policy packs.")] = None,
) -> None:
    """Print the id, version and title of every pack."""
    from scoring.policy import load_pack, policy_ids

    for policy_id in policy_ids(packs):
        pack = load_pack(policy_id, packs_dir=packs)
        typer.echo(f"{pack.id}\t{pack.version}\t{pack.title.en}\t{pack.title.zh}")
