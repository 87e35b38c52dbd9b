"""What a watch came to, calendars and their gaps, on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from app.jobs.watch.summary import WatchSummary
from scoring.growth.calendars.gaps import CalendarGap
from scoring.growth.calendars.regional import RegionCalendar

_DONE: Final = {
    "recorded": "Watch {id} is recorded.",
    "stands": "Nothing to do: watch {id} stands.",
    "replay": "Watch {id} is a replay: its day is past on record. Nothing was recorded.",
    "dry run": "Dry run: nothing is written. It would be watch {id}.",
}
_SHOWN: Final = 10
_GAPS: Final = 5


def print_watch(console: Console, summary: WatchSummary, most: int = _SHOWN) -> None:
    """Counts, what was written, the first alerts, and how a replay compares."""
    said = summary.said
    console.print(_DONE[summary.done].format(id=said["watch_id"]), style="bold", highlight=False)
    if said["simulated"]:
        console.print("[bold yellow]Simulated data: nothing here was observed.[/]")
    for name, value in _lines(summary):
        console.print(f"{name:<34}{value}", highlight=False)
    print_gaps(console, [CalendarGap(**gap) for gap in said["gaps"][:_GAPS]], said["parcels"], said["season_id"])
    _print_replay(console, summary.as_dict()["replay"])
    _print_first(console, said["first"][:most])
    _print_chips(console, said["chips"])
    if summary.done != "dry run":
        console.print(f"{summary.seconds:.1f} s. Files: {summary.folder}", highlight=False)


def print_calendars(console: Console, found: Sequence[RegionCalendar]) -> None:
    """One line for each calendar."""
    table = Table(box=None, pad_edge=False)
    for name in ("Id", "Version", "Country", "Region", "Title", "Crops"):
        table.add_column(name, no_wrap=name != "Crops")
    for each in found:
        said = calendar_dict(each)
        table.add_row(each.id, each.version, each.country, each.region, each.title.en, ", ".join(said["crops"]))
    console.print(table)


def calendar_dict(calendar: RegionCalendar) -> dict[str, Any]:
    """A calendar as JSON: what it is for, not its windows."""
    dates = {name: getattr(calendar, name) for name in ("valid_from", "valid_to")}
    return {
        "id": calendar.id,
        "version": calendar.version,
        "country": calendar.country,
        "region": calendar.region,
        "names": list(calendar.names),
        **{name: None if day is None else day.isoformat() for name, day in dates.items()},
        "crops": list(dict.fromkeys(row.crop for row in calendar.crops)),
        "unchecked_citations": sum(citation.checked != "read" for citation in calendar.citations),
    }


def print_gaps(console: Console, gaps: Sequence[CalendarGap], parcels: int, season_id: str) -> None:
    """Crops without a calendar, the largest area first."""
    if not gaps:
        console.print(f"Calendars: one for every crop of {parcels:,} parcels in {season_id}.", highlight=False)
        return
    table = Table(title="Judged without a calendar", title_justify="left", box=None, pad_edge=False)
    for name in ("Region", "Crop", "Why"):
        table.add_column(name)
    for name in ("Parcels", "ha"):
        table.add_column(name, justify="right")
    for gap in gaps:
        table.add_row(gap.region or "-", gap.crop or "-", gap.why, f"{gap.parcels:,}", f"{gap.area_ha:,.1f}")
    console.print(table)


def _lines(summary: WatchSummary) -> list[tuple[str, str]]:
    said = summary.said
    found, crops, rules = said["open"], said["crops"], said["rules"]
    unknown = said["parcels"] - crops["declared"] - crops["decided"]
    lines = [
        ("Day", said["as_of"]),
        ("Season", said["season_id"]),
        ("Rules", f"{rules['id']} {rules['version']}"),
        ("Calendars", ", ".join(each["id"] for each in said["calendars"]) or "-"),
        ("Clear looks known, the last of", f"{said['looks']:,}, {said['last_look'] or '-'}"),
        ("Parcels judged", f"{said['judged']:,} of {said['parcels']:,}"),
        ("Crops declared, decided, unknown", f"{crops['declared']:,}, {crops['decided']:,}, {unknown:,}"),
        ("Open alerts", _listed(found["levels"])),
        ("  their scope", _listed(found["scopes"]) if found["alerts"] else "-"),
        ("Changes since the season began", _listed(said["changes"])),
    ]
    if said["known_at"]["by"] == "sensed":
        lines.insert(5, ("Looks count as known", f"{said['known_at']['days_after']} days after they were taken"))
    if said["without_outline"]:
        lines.insert(6, ("Parcels without an outline, left out", f"{said['without_outline']:,}"))
    return lines if summary.new is None else [*lines, ("Recorded now", _listed(summary.new))]


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def _print_first(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        console.print("No alert is open.", highlight=False)
        return
    table = Table(title="First alerts", title_justify="left", box=None, pad_edge=False)
    for name in ("Parcel", "Level", "Cause", "Scope", "Event", "Since"):
        table.add_column(name, overflow="fold")
    table.add_column("p", justify="right")
    for row in rows:
        probability = "-" if row["probability"] is None else f"{row['probability']:.2f}"
        said = (row[name] or "-" for name in ("subject_id", "level", "cause", "scope", "event_on", "since"))
        table.add_row(*said, probability)
    console.print(table)


def _print_replay(console: Console, replay: Mapping[str, Any] | None) -> None:
    """Same or different, and what differs."""
    if replay is None:
        return
    beside = f"the record ({replay['later']}, {replay['later_day']})"
    if not replay["different"]:
        console.print(f"The same as {beside}: {replay['same']:,} changes.", highlight=False)
        return
    console.print(
        f"Different from {beside}: {replay['different']:,} changes that only one side has, {replay['same']:,} alike.",
        style="yellow",
        highlight=False,
    )
    for one in replay["differences"][:_SHOWN]:
        console.print(
            f"  only in the {one['side']}: {one['parcel_id']} {one['cause']} {one['kind']} {one['day']} {one['level']}",
            highlight=False,
        )


def _print_chips(console: Console, chips: Mapping[str, int]) -> None:
    if chips["left_out"]:
        console.print(
            f"Pictures of the first {chips['alerts']:,} alerts; {chips['left_out']:,} more got none (--most-chips).",
            highlight=False,
        )
    if chips["without_cube"]:
        console.print(
            f"{chips['without_cube']:,} pictures could not be made: the run folder lacks the cubes (work/cube).",
            style="yellow",
            highlight=False,
        )
