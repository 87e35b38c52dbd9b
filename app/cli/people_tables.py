"""Users and authorities on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table

from app.book.people import Person
from app.cli.money import major_text
from scoring.lending.authority import Authority


def print_people(console: Console, people: Sequence[Person], given: Sequence[Authority], now: datetime) -> None:
    """Both tables; says of each authority whether it holds now."""
    table = Table(title="Users", title_justify="left")
    for name in ("No.", "Login", "Name", "Role", "Unit", "Active"):
        table.add_column(name)
    for person in people:
        active = "yes" if person.active else "no"
        table.add_row(str(person.id), person.login, person.display_name, person.role, person.unit, active)
    console.print(table)
    logins = {person.id: person.login for person in people}
    console.print(_authorities(logins, given, now))


def _authorities(logins: dict[int, str], given: Sequence[Authority], now: datetime) -> Table:
    table = Table(title="Authorities", title_justify="left")
    for name in ("No.", "Whose", "Up to", "Product", "Policy", "Override", "From (UTC)", "Until (UTC)", "Holds"):
        table.add_column(name)
    for each in given:
        table.add_row(
            str(each.id),
            "the program" if each.user_id is None else logins[each.user_id],
            major_text(each.up_to_minor, each.currency),
            each.product or "all",
            each.policy_id or "all",
            "yes" if each.may_override else "no",
            f"{each.valid_from:%Y-%m-%d %H:%M}",
            "" if each.valid_to is None else f"{each.valid_to:%Y-%m-%d %H:%M}",
            "yes" if each.holds(now) else "no",
        )
    return table
