"""Look at a truststore before a job is started that could read nothing in it.

A pod whose Secret or key is missing waits for ever. Java reads a PKCS #12 store without
its password, too, and finds no certificate in it; keytool of today makes such stores.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from flowops.errors import TargetError
from flowops.systems.event_processing.targets.kubernetes.cluster import SECRETS

if TYPE_CHECKING:
    from flowops.systems.event_processing.manifests.deployments import Manifest
    from flowops.systems.event_processing.targets.kubernetes.cluster import Cluster

_MAGIC = bytes.fromhex("feedfeed")  # the first four bytes of a JKS store
_MAGIC_IN_BASE64 = 8  # characters that hold them
_PASSWORD = "javax.net.ssl.trustStorePassword"
_MAKE = "make it with keytool -importcert -storetype JKS, and put it in the Secret"


def check_truststore(cluster: Cluster, truststore: str, deployment: Manifest) -> None:
    """Refuse a ``SECRET/KEY`` that the jobs of a deployment cannot use.

    Nothing is said of a store whose password the deployment gives. Raises
    ``TargetError``.
    """
    name, _, key = truststore.partition("/")
    if not name:
        return
    found = cluster.get(SECRETS, name)
    if found is None:
        raise TargetError(
            f"there is no Secret {name}, which `truststore` of the target names",
            hint=_MAKE,
        )
    data = found.get("data")
    text = data.get(key) if isinstance(data, dict) else None
    if not isinstance(text, str):
        raise TargetError(
            f"the Secret {name} has no {key}, which `truststore` of the target names",
            hint=_MAKE,
        )
    if not _is_jks(text) and not _gives_password(deployment):
        raise TargetError(
            f"{key} of the Secret {name} is no JKS store: Java would find no "
            "certificate in it without a password",
            hint=_MAKE,
        )


def _is_jks(text: str) -> bool:
    try:
        return base64.b64decode(text[:_MAGIC_IN_BASE64]).startswith(_MAGIC)
    except ValueError:
        return False


def _gives_password(deployment: Manifest) -> bool:
    spec = deployment.get("spec")
    found = spec.get("flinkConfiguration") if isinstance(spec, dict) else None
    values = found.values() if isinstance(found, dict) else ()
    return any(_PASSWORD in str(value) for value in values)
