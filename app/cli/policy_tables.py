"""Packs on the terminal: what was found in one, and what another would change."""

from __future__ import annotations

from typing import Final

from rich.console import Console

from scoring.pack_check import Checked

_STYLES: Final = {"error": "red", "gap": "yellow", "warning": "yellow", "note": "dim"}


def print_checked(console: Console, checked: Checked) -> None:
    """What the pack is, then one line for each finding: level, key, what is so, what to do."""
    pack = checked.pack
    if pack is not None:
        console.print(f"{pack.id} {pack.version}: {pack.title.en}", style="bold", highlight=False, markup=False)
        for name, value in (
            ("in force", f"{pack.valid_from} to {pack.valid_to or 'further notice'}"),
            ("approval", f"{pack.approval.state}, {pack.approval.by}"),
            ("content hash", pack.content_hash),
            ("hash to approve", pack.rules_hash),
        ):
            console.print(f"{name}: {value}", highlight=False, markup=False)
    for finding in checked.findings:
        line = f"{finding.level:<8}{finding.key}: {finding.message}. {finding.remedy}"
        console.print(line, style=_STYLES[finding.level], highlight=False, markup=False)
    counts = {level: len(checked.of(level)) for level in ("error", "gap", "warning")}
    said = ", ".join(f"{count} {level}{'' if count == 1 else 's'}" for level, count in counts.items())
    console.print(said + ("" if pack else ": the pack does not load"), highlight=False, markup=False)
