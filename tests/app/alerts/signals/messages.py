"""CAP messages for tests: a hail warning over the first parcels of the made-up run."""

from __future__ import annotations

from typing import Final

AROUND: Final = "50.99,3.99 50.99,4.016 51.02,4.016 51.02,3.99 50.99,3.99"
_INFO: Final = """<info><language>{language}</language><category>Met</category><event>{event}</event>
<responseType>Monitor</responseType><urgency>Expected</urgency><severity>{severity}</severity>
<certainty>Likely</certainty><onset>2026-11-16T23:30:00+08:00</onset>{expires}
<headline>{event} over the plain</headline><area><areaDesc>The plain</areaDesc>{ground}</area></info>"""


def info(
    language: str = "en-US",
    event: str = "Hail",
    severity: str = "Severe",
    ground: str = f"<polygon>{AROUND}</polygon>",
    expires: str = "<expires>2026-11-17T20:00:00+08:00</expires>",
) -> str:
    return _INFO.format(language=language, event=event, severity=severity, ground=ground, expires=expires)


def message(
    identifier: str = "m1",
    *infos: str,
    kind: str = "Alert",
    status: str = "Actual",
    references: str = "",
    sent: str = "2026-11-16T22:00:00+08:00",
    before: str = "",
) -> bytes:
    said = f"<references>{references}</references>" if references else ""
    text = f"""<?xml version="1.0" encoding="UTF-8"?>{before}
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{identifier}</identifier>
<sender>met@example.org</sender>
<sent>{sent}</sent><status>{status}</status><msgType>{kind}</msgType><scope>Public</scope>{said}
{"".join(infos or (info(),))}</alert>"""
    return text.encode()


def reference(identifier: str) -> str:
    return f"met@example.org,{identifier},2026-11-16T22:00:00+08:00"
