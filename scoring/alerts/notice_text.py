"""What a notice says of one event of an alert, in English and Chinese. It names no person and accuses nobody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from scoring.alerts.levels import Level
from scoring.wording import Text

LEVELS: Final[Mapping[str, Text]] = {
    Level.INFO.key: Text(en="Info", zh="提示"),
    Level.WATCH.key: Text(en="Watch", zh="关注"),
    Level.WARNING.key: Text(en="Warning", zh="预警"),
    Level.ACTION.key: Text(en="Action", zh="处置"),
}
EVENTS: Final[Mapping[str, Text]] = {
    "opened": Text(en="new", zh="新增"),
    "raised": Text(en="raised", zh="级别上调"),
    "lowered": Text(en="lowered", zh="级别下调"),
    "ended": Text(en="no longer seen", zh="不再观测到"),
    "withdrawn": Text(en="taken back", zh="已撤回"),
    "reopened": Text(en="seen again", zh="再次出现"),
}
_SCOPES: Final[Mapping[str, Text]] = {
    "own": Text(en=", this parcel alone", zh="，仅本地块"),
    "regional": Text(en=", neighbours too", zh="，邻近地块同样"),
}
_NO_SCOPE: Final = Text(en=" ", zh=" ")


def headline(cause: Text, level: str, event: str, parcel_id: str, day: date, scope: str | None = None) -> Text:
    """One line about an event.

    Args:
        cause: title of the alert's cause, as its rules name it.
        level: key of the level after the event.
        event: "opened", "raised", "lowered", "ended", "withdrawn" or "reopened".
        parcel_id: the parcel.
        day: as of which day.
        scope: "own" or "regional"; anything else says nothing of neighbours.
    """
    names, events, beside = LEVELS[level], EVENTS[event], _SCOPES.get(scope or "", _NO_SCOPE)
    return Text(
        en=f"{names.en} ({events.en}): {cause.en}, parcel {parcel_id}, {day.isoformat()}{beside.en.rstrip()}",
        zh=f"{names.zh}（{events.zh}）：{cause.zh}，地块 {parcel_id}，{day.isoformat()}{beside.zh.rstrip()}",
    )
