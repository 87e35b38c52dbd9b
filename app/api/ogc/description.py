"""Links, collections, and the OpenAPI 3.0 document that the standard asks for (the service's own is of 3.1)."""

from __future__ import annotations

from typing import Any, Final

from app.api.ogc.asking import MOST, USUAL
from app.db.views import Box

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GEOJSON: Final = "application/geo+json"
JSON: Final = "application/json"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
COLLECTION: Final = "parcels"
_SPEC: Final = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
CONFORMS_TO: Final = [f"{_SPEC}/{name}" for name in ("core", "geojson", "oas30")]
_TITLE: Final = "Parcels"
_ABOUT: Final = "Parcels within reach with crop, status, vigour, alert level and decided limit; null where not known."


def link(href: str, rel: str, kind: str, title: str) -> dict[str, str]:
    """A link as the standard writes it."""
    return {"href": href, "rel": rel, "type": kind, "title": title}


def landing(base: str) -> dict[str, Any]:
    """The landing page (7.2)."""
    return {
        "title": "Acreline",
        "description": _ABOUT,
        "links": [
            link(f"{base}/", "self", JSON, "This document"),
            link(f"{base}/api", "service-desc", OPENAPI, "Definition of the addresses"),
            link(f"{base}/conformance", "conformance", JSON, "Conformance classes"),
            link(f"{base}/collections", "data", JSON, "Collections"),
        ],
    }


def collections(base: str, box: Box | None) -> dict[str, Any]:
    """All collections: one (7.13)."""
    own = link(f"{base}/collections", "self", JSON, "This document")
    return {"links": [own], "collections": [collection(base, box)]}


def collection(base: str, box: Box | None) -> dict[str, Any]:
    """The collection of parcels (7.14); box: what the outlines span, None without any."""
    here = f"{base}/collections/{COLLECTION}"
    return {
        "id": COLLECTION,
        "title": _TITLE,
        "description": _ABOUT,
        "itemType": "feature",
        "crs": [CRS84],
        "extent": {
            **({} if box is None else {"spatial": {"bbox": [list(box)], "crs": CRS84}}),
            "temporal": {"interval": [[None, None]]},
        },
        "links": [
            link(here, "self", JSON, "This document"),
            link(f"{here}/items", "items", GEOJSON, _TITLE),
        ],
    }


def definition(base: str, version: str) -> dict[str, Any]:
    """The OpenAPI 3.0 document of these addresses."""
    items = f"/collections/{COLLECTION}/items"
    return {
        "openapi": "3.0.3",
        "info": {"title": "Acreline: OGC API - Features", "version": version, "description": _ABOUT},
        "servers": [{"url": base}],
        "security": [{"key": []}, {"password": []}],
        "paths": {
            "/": _get("Landing page", "landing", JSON),
            "/api": _get("This document", "definition", OPENAPI),
            "/conformance": _get("Conformance classes", "conformance", JSON),
            "/collections": _get("Collections", "collections", JSON),
            f"/collections/{COLLECTION}": _get("The collection of parcels", "collection", JSON),
            items: _get("Parcels", "items", GEOJSON, _QUERY),
            f"{items}/{{featureId}}": _get("One parcel", "item", GEOJSON, [_ID]),
        },
        "components": {
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "password": {"type": "http", "scheme": "basic", "description": "Any name; the key as password."},
            }
        },
    }


_NUMBERS: Final = {"type": "array", "items": {"type": "number"}}
_QUERY: Final[list[dict[str, Any]]] = [
    {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
        "style": "form",
        "explode": False,
    },
    {
        "name": "bbox",
        "in": "query",
        "schema": {"oneOf": [_NUMBERS | {"minItems": n, "maxItems": n} for n in (4, 6)]},
        "style": "form",
        "explode": False,
    },
    {"name": "datetime", "in": "query", "schema": {"type": "string"}, "style": "form", "explode": False},
    {
        "name": "after",
        "in": "query",
        "description": "Id behind which the page begins; links to the next page hold it.",
        "schema": {"type": "string"},
    },
]
_ID: Final[dict[str, Any]] = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
_PROBLEM: Final = {"description": "A refusal", "content": {"application/problem+json": {"schema": {"type": "object"}}}}


def _get(summary: str, name: str, kind: str, parameters: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    answer = {"description": summary, "content": {kind: {"schema": {"type": "object"}}}}
    said = {"summary": summary, "operationId": name, "responses": {"200": answer, "default": _PROBLEM}}
    return {"get": said | ({"parameters": parameters} if parameters else {})}
