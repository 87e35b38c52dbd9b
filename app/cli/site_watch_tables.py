"""What a watch of sites came to, and one site, on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from app.cli.model_tables import print_rows
from app.jobs.sitewatch.summary import SiteLine, SiteWatchSummary
from app.sites.showing import ShownSite
from app.sites.stopping import close_hint
from app.sites.stops import KnownStop, stop_facts

_DONE: Final = {
    "recorded": "Watch {id} is recorded.",
    "stands": "Nothing to do: watch {id} stands.",
    "replay": "Watch {id} is a replay: its day is past on record. No alert and no standing was changed.",
    "dry run": "Dry run: nothing is recorded. It would be watch {id}.",
}
_SHOWN: Final = 20
_SIMULATED: Final = "Simulated data: nothing here was observed."
_HECTARE_M2: Final = 10_000.0


def print_sites_watch(console: Console, summary: SiteWatchSummary) -> None:
    """Sites by standing, new lines of alerts, and how a replay compares."""
    console.print(_DONE[summary.done].format(id=summary.watch_id), style="bold", highlight=False)
    if summary.simulated:
        console.print(_SIMULATED, style="bold yellow")
    table = Table(box=None, pad_edge=False)
    for name in ("Site", "Standing", "Built", "Low-high", "Planned", "Seen", "Next milestone"):
        table.add_column(name, justify="right" if name in ("Built", "Low-high", "Planned") else "left", overflow="fold")
    for site in summary.sites:
        table.add_row(*_cells(site))
    console.print(table, highlight=False, markup=False)
    for site in summary.sites:
        if site.failure is not None:
            console.print(f"{site.site_id}: {site.failure.message}", style="yellow", highlight=False, markup=False)
    _print_lines(console, summary)
    _print_replay(console, summary)
    _print_stopped(console, summary)
    scenes = f"{summary.scenes:,} scenes, rules {summary.rules}, {summary.seconds:.1f} s."
    where = "" if summary.done == "dry run" else f" Files: {summary.folder}"
    console.print(f"{scenes}{where}", highlight=False, markup=False)


def print_site(console: Console, found: ShownSite, by_day: date | None = None) -> None:
    """Plan, standing, milestones, curve, measures and alerts of one site, as of the newest watch up to a day."""
    print_rows(console, _facts(found))
    _print_table(
        console,
        "Milestones",
        ("Milestone", "Planned", "Draws", "Reached"),
        [(one["kind"], str(one["due"]), f"{one['draws']:.0%}", _between(one)) for one in found.milestones()],
    )
    if found.standing is None:
        when = "yet" if by_day is None else f"by {by_day}"
        console.print(f"Not watched {when}: `acreline sites watch` looks at it.", highlight=False)
        return
    if found.standing["simulated"]:
        console.print(_SIMULATED, style="bold yellow")
    detail: Mapping[str, Any] = found.standing["detail"]
    curve = detail.get("curve", [])
    _print_table(
        console,
        f"Progress by look, the last {min(len(curve), _SHOWN)} of {len(curve)}",
        ("Look", "Low", "Built", "High"),
        [(day, *(_share(part) for part in parts)) for day, *parts in curve[-_SHOWN:]],
    )
    _print_table(
        console,
        "Latest look of each measure",
        ("Measure", "Look", "Value", "Low", "High", "Clear"),
        [_measure(name, said) for name, said in sorted(detail.get("measures", {}).items())],
    )
    _print_table(
        console,
        "Open alerts",
        ("Alert", "Cause", "Level", "Opened", "Changed"),
        [
            (str(one["id"]), one["cause"], str(one["level"]), str(one["opened_on"]), str(one["changed_on"]))
            for one in found.alerts
        ],
    )


def _cells(site: SiteLine) -> tuple[str, ...]:
    between = "-" if site.low is None or site.high is None else f"{site.low:.0%}-{site.high:.0%}"
    coming = "-" if site.next_kind is None else f"{site.next_kind} {site.next_due}"
    label = f"{site.site_id} ({site.name})" if site.name else site.site_id
    return (
        label, site.standing, _share(site.share), between, _share(site.planned), str(site.seen_on or "-"), coming,
    )  # fmt: skip


def _print_lines(console: Console, summary: SiteWatchSummary) -> None:
    if summary.new is None:
        return
    if not summary.lines:
        console.print("No alert changed.", highlight=False)
        return
    rows = [(str(one.alert), one.site_id, one.cause, one.kind, one.level, str(one.day)) for one in summary.lines]
    _print_table(console, "Alerts, what is new", ("Alert", "Site", "Cause", "Change", "Level", "Day"), rows[:_SHOWN])
    if len(rows) > _SHOWN:
        console.print(f"{len(rows) - _SHOWN:,} more; --json prints all.", highlight=False)


def _print_replay(console: Console, summary: SiteWatchSummary) -> None:
    replay = summary.replay
    if replay is None:
        return
    beside = f"the record ({replay.later}, {replay.later_day})"
    if not replay.differences:
        console.print(f"The same as {beside}: {replay.same:,} changes.", highlight=False)
        return
    said = (
        f"Different from {beside}: {len(replay.differences):,} changes that only one side has, {replay.same:,} alike."
    )
    console.print(said, style="yellow", highlight=False)
    for one in replay.differences[:_SHOWN]:
        console.print(
            f"  only in the {one.side}: {one.parcel_id} {one.cause} {one.kind} {one.day} {one.level}",
            highlight=False,
            markup=False,
        )


def _print_stopped(console: Console, summary: SiteWatchSummary) -> None:
    for one in summary.stopped[:_SHOWN]:
        told = f"{one.site_id} was stopped on {one.stopped_on}. {close_hint(one.alerts)}"
        console.print(told, style="yellow", highlight=False, markup=False)
    if len(summary.stopped) > _SHOWN:
        left = len(summary.stopped) - _SHOWN
        console.print(f"{left:,} more stopped sites with open alerts; --json prints all.", highlight=False)


def _facts(found: ShownSite) -> list[tuple[str, str]]:
    plan, standing = found.site.plan, found.standing
    rows = [
        ("Site", f"{plan.site_id} ({plan.name})" if plan.name else plan.site_id),
        ("Type", str(plan.kind)),
        ("Capacity", "-" if plan.capacity_mw is None else f"{plan.capacity_mw:,g} MW"),
        *_panels(found),
        ("Ground", _ground(found)),
        ("Facility", plan.facility or "-"),
        ("Permits", ", ".join(plan.permits) or "-"),
    ]
    rows += [("Not watched", _span(each)) for each in found.stops]
    return rows if standing is None else rows + _standing(standing)


def _panels(found: ShownSite) -> list[tuple[str, str]]:
    """Country, and of a solar plant how panels are held and what the ground of the plan may hold."""
    rows = [("Country", found.site.plan.country or "-")]
    held = found.site.ground_capacity
    if held is not None:
        rows = [("Mounting", held["mounting"] or "-"), *rows, ("Capacity of the ground", _range(held))]
    return rows


def _range(held: Mapping[str, Any]) -> str:
    """A range of capacity, what it rests on, and where the planned capacity lies outside it."""
    told = f"{held['low']:,.1f} to {held['high']:,.1f} MW ({held['basis']}"
    beside = held.get("planned")
    outside = f"; the planned capacity lies {beside} it" if beside in ("below", "above") else ""
    return f"{told}{'; ' + held['source'] if held.get('source') else ''}){outside}"


def _span(stop: KnownStop) -> str:
    if stop.resumed_at is None:
        return f"since {stop_facts(stop)}"
    return f"{stop_facts(stop)}; taken up again {stop.resumed_at.date()} by {stop.resumed_by}"


def _ground(found: ShownSite) -> str:
    plan = found.site.plan
    built = f", {plan.built_ha:,.1f} ha to be built on" if plan.built_ha is not None else ""
    points = f", {len(plan.points):,} points" if plan.points else ""
    return f"{found.site.area_ha:,.1f} ha{built}{points}"


def _standing(standing: Mapping[str, Any]) -> list[tuple[str, str]]:
    detail: Mapping[str, Any] = standing["detail"]
    share = "-"
    if standing["share"] is not None:
        share = f"{standing['share']:.0%} ({standing['low']:.0%} to {standing['high']:.0%})"
    rows = [
        ("Watch", f"{standing['watch_id']} as of {standing['as_of']}, rules {standing['rules_id']}"),
        ("Standing", str(standing["standing"])),
        ("Seen on", str(standing["seen_on"] or "-")),
        ("Built", share),
        ("Planned by then", _share(standing["planned"])),
    ]
    if detail.get("failure"):
        rows.append(("Why no share", detail["failure"]["message"]))
    if detail.get("capacity"):
        rows.append(("Capacity that it may hold", _range(detail["capacity"])))
    if detail.get("water"):
        rows.append(("Water", _water(detail["water"])))
    if detail.get("over_permit"):
        least, seems = detail["over_permit"]
        rows.append(("Pads beyond the plan", f"{least} at least, {seems} as it seems"))
    return rows


def _water(water: Mapping[str, Any]) -> str:
    area = f"{water['area_m2'] / _HECTARE_M2:,.1f} ha on {water['day']}"
    return area if water["level_m"] is None else f"{area}, level {water['level_m']:,.1f} m"


def _measure(name: str, said: Mapping[str, Any]) -> tuple[str, ...]:
    digits = 0 if name.endswith("_m2") else 1
    values = (f"{said[part]:,.{digits}f}" for part in ("value", "low", "high"))
    return name, said["day"], *values, _share(said["clear"])


def _between(one: Mapping[str, Any]) -> str:
    if one["by"] is None:
        return "-"
    return f"by {one['by']}" if one["after"] is None else f"after {one['after']}, by {one['by']}"


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _print_table(console: Console, title: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if not rows:
        return
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table, highlight=False, markup=False)
