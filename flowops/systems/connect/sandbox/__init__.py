"""A sandbox: an Amazon Connect instance on loopback that answers the real API.

It is driven by botocore's own service model, keeps its state in SQLite, and holds
flows to the rules of the console. Plain boto3 with ``endpoint_url`` works against it.
"""

from __future__ import annotations

from flowops.systems.connect.sandbox.behaviours import BEHAVIOURS, Behaviour
from flowops.systems.connect.sandbox.faults import Fault
from flowops.systems.connect.sandbox.inventory import SandboxInventory
from flowops.systems.connect.sandbox.refusals import SandboxDefectError
from flowops.systems.connect.sandbox.sandbox import Call, Sandbox
from flowops.systems.connect.sandbox.server import SandboxServer
from flowops.systems.connect.sandbox.throttle import Throttle

__all__ = [
    "BEHAVIOURS",
    "Behaviour",
    "Call",
    "Fault",
    "Sandbox",
    "SandboxDefectError",
    "SandboxInventory",
    "SandboxServer",
    "Throttle",
]
