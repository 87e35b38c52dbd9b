"""`acreline growth show`: what a watch says of one parcel."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console

from app.alerts.words import SCOPES, Language, in_language, said
from scoring.alerts.notice_text import LEVELS
from scoring.wording import Text

if TYPE_CHECKING:
    from app.jobs.watch.showing import ShownParcel

_T: Final[Mapping[str, Text]] = {
    "parcel": Text(en="Parcel {}, as of {} ({})", zh="地块{}，截至{}（{}）"),
    "simulated": Text(en="Simulated data: nothing here was observed.", zh="模拟数据：并非实际观测。"),
    "last_look": Text(en="Last clear look", zh="最近一次晴空观测"),
    "ndvi": Text(en="NDVI of ten days from {}", zh="NDVI（{}起的一旬）"),
    "neighbours": Text(en="Neighbours of the crop", zh="同作物邻近地块"),
    "of_neighbours": Text(en="median {}, spread {}, {} seen", zh="中位数{}，离散度{}，观测到{}块"),
    "few": Text(en="{} seen in these ten days: too few", zh="本旬仅观测到{}块，数量不足"),
    "z": Text(en="Standard scores from them", zh="与邻近地块的标准分"),
    "vci": Text(en="VCI against its own past", zh="植被状况指数（对比历年）"),
    "no_past": Text(en="not known: fewer than three earlier years", zh="不详：历史不足三年"),
    "cycle": Text(en="Growth cycle", zh="生长周期"),
    "no_cycle": Text(en="none seen yet", zh="尚未观测到"),
    "sos": Text(en="  start", zh="  起始"),
    "pos": Text(en="  peak", zh="  峰值"),
    "eos": Text(en="  end", zh="  结束"),
    "between": Text(en="{}, between {} and {}", zh="{}，介于{}与{}之间"),
    "after": Text(en="{}, not before {}", zh="{}，不早于{}"),
    "ahead": Text(en="not yet; not before {}", zh="尚未到来；不早于{}"),
    "hidden": Text(en="hidden by the first look", zh="早于首次观测"),
    "ndvi_peak": Text(en="  highest NDVI", zh="  NDVI峰值"),
    "length_days": Text(en="  length, days", zh="  长度（天）"),
    "integral": Text(en="  NDVI days above base", zh="  基线以上NDVI积分（天）"),
    "unjudged": Text(en="No rule could judge it.", zh="尚无规则能够评判该地块。"),
    "no_alert": Text(en="No alert is open.", zh="无未结预警。"),
    "alert": Text(en="{}: {}, {}, since {}", zh="{}：{}，{}，自{}"),
    "caution": Text(
        en="Each mark lies between its days with some nine in ten: docs/growth.md.",
        zh="各日期约九成落在所示区间内：docs/growth.md。",
    ),
}
_WIDTH: Final = 34
_MARKS: Final = ("sos", "pos", "eos")
_SIZES: Final = {"ndvi_peak": 2, "length_days": 0, "integral": 1}


def show(
    watch: Annotated[Path, typer.Option(help="Folder of a watch: RUN/watches/ID.", metavar="FOLDER")],
    parcel: Annotated[str, typer.Option(help="The parcel.", metavar="ID")],
    *,
    rules_dir: Annotated[Path | None, typer.Option(help="Folder of the bank's own alert rules.", metavar="DIR")] = None,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the words.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
) -> None:
    """Print how a parcel stands as of a watch: against neighbours and its past, its growth cycle, its open alerts."""
    from app.jobs.watch.showing import show_parcel
    from scoring.alerts.rules import load_rules

    shown = show_parcel(watch, parcel)
    if as_json:
        typer.echo(json.dumps(shown.as_dict(), ensure_ascii=False))
        return
    titles = {}
    if shown.alerts:
        causes = load_rules(shown.summary["rules"]["id"], rules_dir).causes
        titles = {key: Text(en=cause.title.en, zh=cause.title.zh) for key, cause in causes.items()}
    _print(Console(file=sys.stdout, soft_wrap=True), shown, titles, lang)


def _print(console: Console, shown: ShownParcel, titles: Mapping[str, Text], lang: Language) -> None:
    row = shown.condition
    head = _word("parcel", lang).format(row["parcel_id"], row["as_of"], shown.summary["season_id"])
    console.print(head, style="bold", highlight=False, markup=False)
    if shown.summary["simulated"]:
        console.print(_word("simulated", lang), style="bold yellow")
    for name, value in [*_standing(row, lang), *_cycle(row, lang)]:
        console.print(f"{name}{' ' * max(1, _WIDTH - _cells(name))}{value}", highlight=False)
    if not shown.judged:
        console.print(_word("unjudged", lang))
    for alert in shown.alerts:
        level, scope = in_language(LEVELS[alert["level"]], lang), said(SCOPES, alert["scope"], lang)
        cause = said(titles, alert["cause"], lang)
        console.print(_word("alert", lang).format(level, cause, scope, alert["opened_on"]), highlight=False)
    if not shown.alerts:
        console.print(_word("no_alert", lang))


def _standing(row: Mapping[str, Any], lang: Language) -> list[tuple[str, str]]:
    lines = [(_word("last_look", lang), _said(row["last_look"]))]
    if row["ndvi"] is None:
        return lines
    seen = row["neighbours_seen"]
    few = _word("few", lang).format(seen)
    around = (f"{row[name]:.2f}" for name in ("neighbours_median", "neighbours_spread") if row["z"] is not None)
    beside = few if row["z"] is None else _word("of_neighbours", lang).format(*around, seen)
    past = _word("no_past", lang) if row["vci"] is None else f"{row['vci']:.0f}"
    return [
        *lines,
        (_word("ndvi", lang).format(row["ten_days_from"]), f"{row['ndvi']:.2f}"),
        (_word("neighbours", lang), beside),
        (_word("z", lang), "-" if row["z"] is None else f"{row['z']:+.1f}"),
        (_word("vci", lang), past),
    ]


def _cycle(row: Mapping[str, Any], lang: Language) -> list[tuple[str, str]]:
    if row["cycle"] is None:
        return [(_word("cycle", lang), _word("no_cycle", lang))]
    marks = [(_word(mark, lang), _mark(row, mark, lang)) for mark in _MARKS]
    sizes = [(_word(name, lang), _said(row[name], digits)) for name, digits in _SIZES.items()]
    return [(_word("cycle", lang), _said(row["cycle"])), *marks, *sizes, ("", _word("caution", lang))]


def _mark(row: Mapping[str, Any], mark: str, lang: Language) -> str:
    day, low, high = (row[f"{mark}{side}"] for side in ("", "_low", "_high"))
    if day is None:
        return _word("hidden", lang) if low is None else _word("ahead", lang).format(low)
    return _word("after", lang).format(day, low) if high is None else _word("between", lang).format(day, low, high)


def _said(value: Any, digits: int = 0) -> str:
    if value is None:
        return "-"
    return f"{value:.{digits}f}" if isinstance(value, float) else str(value)


def _cells(text: str) -> int:
    """Width on a terminal: Chinese characters take two cells."""
    from rich.cells import cell_len

    return cell_len(text)


def _word(name: str, lang: Language) -> str:
    return in_language(_T[name], lang)
