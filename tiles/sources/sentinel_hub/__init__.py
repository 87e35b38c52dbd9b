"""Scenes from the Process API of Sentinel Hub, on either of its deployments, as local COGs with STAC items.

Only whole processing tiles are asked for: neither an outline of a parcel nor a box around parcels leaves the house.
"""

from tiles.sources.sentinel_hub.connection import Connection
from tiles.sources.sentinel_hub.cost import Cost, cost_of
from tiles.sources.sentinel_hub.deployments import Credentials, Deployment, deployment_named
from tiles.sources.sentinel_hub.fetching import Outcome, fetch
from tiles.sources.sentinel_hub.planning import Acquisition, FetchPlan, plan_fetch

__all__ = [
    "Acquisition",
    "Connection",
    "Cost",
    "Credentials",
    "Deployment",
    "FetchPlan",
    "Outcome",
    "cost_of",
    "deployment_named",
    "fetch",
    "plan_fetch",
]
