"""Users and authorities on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table

from app.book.decisions.people import Person
from app.cli.money import major_text
from scoring.lending.authority import Authority


def print_people(console: Console, people: Sequence[Person], given: Sequence[Authority], now: datetime) -> None:
    """Users as a table and authorities as lines; says of each authority whether it holds now."""
    table = Table(title="Users", title_justify="left")
    for name in ("No.", "Login", "Name", "Role", "Unit", "Active"):
        table.add_column(name)
    for person in people:
        active = "yes" if person.active else "no"
        table.add_row(str(person.id), person.login, person.display_name, person.role, person.unit, active)
    console.print(table)
    logins = {person.id: person.login for person in people}
    console.print("Authorities")
    for each in given:
        whose = "the program" if each.user_id is None else logins[each.user_id]
        console.print(f"{each.id}  {whose}: {_said(each, now)}", highlight=False, markup=False, soft_wrap=True)
    if not given:
        console.print("none")


def _said(each: Authority, now: datetime) -> str:
    until = "" if each.valid_to is None else f" to {each.valid_to:%Y-%m-%d %H:%M}"
    parts = (
        f"up to {major_text(each.up_to_minor, each.currency)}",
        each.product or "all products",
        each.policy_id or "all policies",
        *(("overrides",) if each.may_override else ()),
        f"from {each.valid_from:%Y-%m-%d %H:%M}{until} UTC",
        "holds" if each.holds(now) else "does not hold now",
    )
    return ", ".join(parts)
