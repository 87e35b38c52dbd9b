"""A stand-in for the service on loopback: tokens, Catalog API and Process API, as their documentation describes them.

It runs the evalscript it is sent, charges by the published rules, and refuses what the service refuses: unknown
clients, expired tokens, more than 2500 px, an account without units. Every request is kept for the test to look at.
"""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from playwright._impl._driver import compute_driver_executable
from rasterio.io import MemoryFile
from rasterio.transform import from_bounds
from rasterio.warp import transform_bounds
from shapely.geometry import box, mapping

from tiles.sources.sentinel_hub.deployments import Deployment

CLIENT_ID, CLIENT_SECRET = "sh-4711-client", "correct horse battery staple"
BANDS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")
CLASSES = 64  # an image is a chessboard of 8 x 8 fields, each of one value
_MOST_PX = 2500
_TOKEN_PATH = "/auth/realms/main/protocol/openid-connect/token"  # noqa: S105 - a path
_FOLLOWS = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
_CRS = re.compile(r"^http://www\.opengis\.net/def/crs/EPSG/0/(32[67]\d\d)$")


@dataclass(frozen=True, slots=True)
class Shown:
    """A product of the service's archive.

    Its digital numbers, as stored, are `number` + the band's place x 100 + the field, and 1000 more since baseline
    04.00; its classes are 4 (vegetation) but 8 (cloud) in the first `cloudy` fields. Its last `empty` fields hold
    nothing.
    """

    sensed: str = "2020-05-01T10:56:31Z"
    baseline: str = "0214"
    mgrs: str = "31UES"
    made: str = "20200501T134545"
    footprint: tuple[float, float, float, float] = (4.0, 50.0, 5.0, 51.0)
    cloud: float = 12.5
    number: int = 2000
    cloudy: int = 0
    empty: int = 0
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        start = datetime.fromisoformat(self.sensed).strftime("%Y%m%dT%H%M%S")
        return f"S2B_MSIL2A_{start}_N{self.baseline}_R094_T{self.mgrs}_{self.made}"

    def feature(self) -> dict[str, Any]:
        properties = {"datetime": self.sensed, "platform": "sentinel-2b", "instruments": ["msi"], "gsd": 10}
        return {
            "stac_version": "1.0.0",
            "id": self.id,
            "type": "Feature",
            "geometry": mapping(box(*self.footprint)),
            "bbox": list(self.footprint),
            "properties": {
                **properties,
                "constellation": "sentinel-2",
                "eo:cloud_cover": self.cloud,
                **self.properties,
            },
            "assets": {"data": {"href": "s3://sentinel-s2-l2a/tiles/", "type": "inode/directory"}},
            "collection": "sentinel-2-l2a",
            "links": [],
        }

    def sample(self, field_number: int, harmonise: bool) -> dict[str, float] | None:
        if field_number >= CLASSES - self.empty:
            return None
        shift = 1000 if int(self.baseline[:2]) >= 4 else 0
        stored = {name: self.number + 100 * place + field_number + shift for place, name in enumerate(BANDS)}
        numbers = {name: max(value - shift, 0) if harmonise else value for name, value in stored.items()}
        return {**numbers, "SCL": 8 if field_number < self.cloudy else 4, "dataMask": 1}


@dataclass(slots=True)
class StandIn:
    """A running stand-in and what it has seen."""

    deployment: Deployment
    archive: list[Shown] = field(default_factory=list)
    units_left: float = 10_000.0
    seconds_valid: float = 3600.0
    page: int = 100
    report_units: bool = True
    token_failures: deque[Response] = field(default_factory=deque)
    failures: deque[Response | None] = field(default_factory=deque)
    tokens: dict[str, float] = field(default_factory=dict)
    issued: list[str] = field(default_factory=list)
    searches: list[dict[str, Any]] = field(default_factory=list)
    processes: list[dict[str, Any]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    delivered: int = 0
    spent: float = 0.0
    delay_s: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def revoke(self) -> None:
        """Let all tokens expire before their time."""
        self.tokens.clear()


def error(status: int, reason: str, code: str, message: str, **more: Any) -> Response:
    body = {"status": status, "reason": reason, "message": message, "code": code, **more}
    return JSONResponse({"error": body}, status_code=status)


def rate_limited(wait_ms: int) -> Response:
    answer = error(429, "Too Many Requests", "RATE_LIMIT_EXCEEDED", "You have exceeded your rate limit")
    answer.headers["Retry-After"] = str(wait_ms)
    return answer


def no_units() -> Response:
    message = "Insufficient processing units or requests available in your account."
    return error(403, "Forbidden", "ACCESS_INSUFFICIENT_PROCESSING_UNITS", message)


def _bad(parameter: str, violation: str) -> Response:
    return error(
        400,
        "Bad Request",
        "COMMON_BAD_PAYLOAD",
        violation,
        errors=[{"parameter": parameter, "violation": violation}],
    )


def _unauthorised() -> Response:
    return error(
        401, "Unauthorized", "COMMON_UNAUTHORIZED", "You are not authorized! Please provide valid credentials."
    )


@contextmanager
def stand_in(base: Deployment) -> Iterator[StandIn]:
    """A stand-in for a deployment, until the block ends."""
    app = FastAPI()
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    service = StandIn(base)
    _add_routes(app, service)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    service.deployment = replace(base, base_url=url, token_url=url + _TOKEN_PATH)
    try:
        yield service
    finally:
        server.should_exit = True
        thread.join(10)


def _add_routes(app: FastAPI, service: StandIn) -> None:
    @app.post(_TOKEN_PATH)
    async def token(request: Request) -> Response:
        form = parse_qs((await request.body()).decode())
        return _token(service, {name: values[0] for name, values in form.items()})

    @app.post("/api/v1/catalog/1.0.0/search")
    def search(request: Request, body: dict[str, Any]) -> Response:
        refused = _check_token(service, request)
        return refused or _search(service, body)

    @app.post("/api/v1/process")
    def process(request: Request, body: dict[str, Any]) -> Response:
        with service.lock:
            service.processes.append(body)
            service.times.append(time.monotonic())
            failure = service.failures.popleft() if service.failures else None
        time.sleep(service.delay_s)
        return _check_token(service, request) or failure or _process(service, body, request.headers.get("accept"))


def _token(service: StandIn, form: Mapping[str, str]) -> Response:
    if service.token_failures:
        return service.token_failures.popleft()
    if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        said = {"error": "invalid_client", "error_description": "Invalid client or Invalid client credentials"}
        return JSONResponse(said, status_code=401)
    if form.get("grant_type") != "client_credentials":
        return JSONResponse({"error": "unsupported_grant_type"}, status_code=400)
    value = f"token-{len(service.issued)}-of-this-session"
    service.issued.append(value)
    service.tokens[value] = time.time() + service.seconds_valid
    return JSONResponse({"access_token": value, "expires_in": service.seconds_valid, "token_type": "Bearer"})


def _check_token(service: StandIn, request: Request) -> Response | None:
    value = request.headers.get("authorization", "").removeprefix("Bearer ")
    return None if service.tokens.get(value, 0) > time.time() else _unauthorised()


def _search(service: StandIn, body: dict[str, Any]) -> Response:
    service.searches.append(body)
    west, south, east, north = body["bbox"]
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return _bad("bbox", "The bounding box is not valid.")
    if not 1 <= body.get("limit", 10) <= 100 or body["collections"] != ["sentinel-2-l2a"]:
        return _bad("limit", "Limit must be between 1 and 100.")
    start, end = body["datetime"].split("/")
    if not (_FOLLOWS.match(start) and _FOLLOWS.match(end)):
        return _bad("datetime", "Datetime is not RFC 3339.")
    area = box(west, south, east, north)
    found = [
        shown.feature()
        for shown in sorted(service.archive, key=lambda shown: shown.sensed, reverse=True)
        if start <= shown.sensed <= end and box(*shown.footprint).intersects(area)
    ]
    first, size = body.get("next", 0), min(body.get("limit", 10), service.page)
    part = found[first : first + size]
    context = {"limit": size, "returned": len(part)}
    if first + size < len(found):
        context["next"] = first + size
    return JSONResponse({"type": "FeatureCollection", "features": part, "links": [], "context": context})


def _process(service: StandIn, body: dict[str, Any], accept: str | None) -> Response:
    output, data = body["output"], body["input"]["data"][0]
    for side in ("width", "height"):
        if not 1 <= output[side] <= _MOST_PX:
            return _bad(f"output->{side}", f"`{side}` must be between 1 and 2500, but was {output[side]}.")
    crs = _CRS.match(body["input"]["bounds"]["properties"]["crs"])
    if crs is None or data["type"] != "sentinel-2-l2a" or len(output["responses"]) != 1:
        return _bad("input", "Not a request that this stand-in knows.")
    if output["responses"][0] != {"identifier": "default", "format": {"type": "image/tiff"}} or accept != "image/tiff":
        return _bad("output->responses", "Only one TIFF is known here.")
    script = body["evalscript"]
    if not script.startswith("//VERSION=3"):
        return _bad("evalscript", "The script is not of version 3.")
    samples = _mosaic(service, body, int(crs[1]))
    setup, values = _evaluate(script, samples)
    units = _price(output, setup)
    with service.lock:
        if service.units_left < units:
            return no_units()
        service.units_left -= units
        service.spent += units
        service.delivered += 1
    headers = {"x-processingunits-spent": f"{units:.6f}"} if service.report_units else {}
    return Response(_tiff(body, int(crs[1]), setup, values), media_type="image/tiff", headers=headers)


def _mosaic(service: StandIn, body: dict[str, Any], epsg: int) -> list[dict[str, float]]:
    """One sample per field of the chessboard: the newest product with data wins (mostRecent)."""
    data, bounds = body["input"]["data"][0], body["input"]["bounds"]["bbox"]
    span, most = data["dataFilter"]["timeRange"], data["dataFilter"].get("maxCloudCoverage", 100)
    area = box(*transform_bounds(f"EPSG:{epsg}", "EPSG:4326", *bounds))
    taking_part = [
        shown
        for shown in sorted(service.archive, key=lambda shown: (shown.sensed, shown.made), reverse=True)
        if span["from"] <= shown.sensed <= span["to"] and shown.cloud <= most and box(*shown.footprint).intersects(area)
    ]
    harmonise = data["processing"].get("harmonizeValues", True)
    nothing = dict.fromkeys((*BANDS, "SCL", "dataMask"), 0.0)
    return [
        next((got for shown in taking_part if (got := shown.sample(number, harmonise)) is not None), nothing)
        for number in range(CLASSES)
    ]


def _evaluate(script: str, samples: list[dict[str, float]]) -> tuple[dict[str, Any], np.ndarray[Any, Any]]:
    """Run the script as the service does: setup once, evaluatePixel for each sample with the bands it asked for."""
    code = f"""{script}
const given = setup();
const asked = given.input[0].bands;
const part = (sample) => Object.fromEntries(asked.map((band) => [band, sample[band]]));
const samples = {json.dumps(samples)};
console.log(JSON.stringify({{ setup: given, values: samples.map((sample) => evaluatePixel(part(sample))) }}));
"""
    answer = json.loads(run_script(code))
    return answer["setup"], np.array(answer["values"], dtype=np.float64)


@cache
def run_script(code: str) -> str:
    """What JavaScript prints, run by the Node that comes with Playwright."""
    node, _ = compute_driver_executable()
    return subprocess.run([str(node), "-"], input=code, capture_output=True, text=True, check=True, timeout=60).stdout


def _price(output: Mapping[str, Any], setup: Mapping[str, Any]) -> float:
    bands = [band for band in setup["input"][0]["bands"] if band != "dataMask"]
    depth = 2 if setup["output"]["sampleType"] == "FLOAT32" else 1
    return max(output["width"] * output["height"] / 512**2, 0.01) * len(bands) / 3 * depth


def _tiff(body: dict[str, Any], epsg: int, setup: Mapping[str, Any], values: np.ndarray[Any, Any]) -> bytes:
    height, width = body["output"]["height"], body["output"]["width"]
    rows, columns = np.arange(height) * 8 // height, np.arange(width) * 8 // width
    fields = rows[:, np.newaxis] * 8 + columns
    kind = {"UINT16": np.uint16, "UINT8": np.uint8}[setup["output"]["sampleType"]]
    profile = {
        "driver": "GTiff",
        "count": setup["output"]["bands"],
        "dtype": kind,
        "height": height,
        "width": width,
        "crs": f"EPSG:{epsg}",
        "transform": from_bounds(*body["input"]["bounds"]["bbox"], width, height),
        "compress": "deflate",
    }
    with MemoryFile() as memory:
        with memory.open(**profile) as file:
            for number in range(profile["count"]):
                file.write(np.round(values[:, number]).astype(kind)[fields], number + 1)
        return bytes(memory.read())


def expected(shown: Shown, band: str) -> np.ndarray[Any, Any]:
    """Harmonised numbers of the fields, (8, 8): what should lie on disk, 0 where the product holds nothing."""
    samples = [shown.sample(number, harmonise=True) for number in range(CLASSES)]
    least = 0 if band == "SCL" else 1
    return np.array([0 if each is None else max(each[band], least) for each in samples]).reshape(8, 8)
