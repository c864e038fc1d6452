"""A truststore that a job could not use is refused before anything is written."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest

from flowops.errors import TargetError
from flowops.secrets import Text
from flowops.systems.protocol import Mark
from tests.support.clusters import MemoryCluster
from tests.support.real import lacking, make_certificate
from tests.support.streams import IBM, flow_bundle, opened

MARK = Mark("shop", "run-1", "sha256:1")
KEY = "truststore.jks"
JKS = b"\xfe\xed\xfe\xed\x00\x00\x00\x02"
PASSWORD = (
    "flinkConfiguration:\n  env.java.opts.taskmanager: "
    "-Djavax.net.ssl.trustStorePassword=changeit\n"
)


def stage(cluster: MemoryCluster, root: Path, **more: Text) -> None:
    values = {**IBM, "truststore": f"store/{KEY}", **more}
    bundle = flow_bundle(values=values)
    target = opened(lambda: cluster, root, values)
    target.reserve([bundle], MARK)
    target.stage(bundle)


def hold(cluster: MemoryCluster, data: dict[str, object]) -> None:
    held = {"metadata": {"name": "store"}, "data": data}
    cluster.objects["secrets", "store"] = held


def written(store: bytes) -> str:
    return base64.b64encode(store).decode()


def test_a_jks_store_is_taken(cluster: MemoryCluster, tmp_path: Path) -> None:
    hold(cluster, {KEY: written(JKS)})
    stage(cluster, tmp_path)
    assert len(cluster.names("secrets")) == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "there is no Secret store, which `truststore`"),
        ({}, "the Secret store has no truststore.jks"),
        ({"other.jks": written(JKS)}, "the Secret store has no truststore.jks"),
        ({KEY: 7}, "the Secret store has no truststore.jks"),
        ({KEY: written(b"0\x82\x04\x9a\x02\x01")}, "is no JKS store"),
        ({KEY: "x"}, "is no JKS store"),
        ({KEY: ""}, "is no JKS store"),
    ],
)
def test_what_holds_no_store_is_refused(
    cluster: MemoryCluster,
    tmp_path: Path,
    data: dict[str, object] | None,
    words: str,
) -> None:
    if data is not None:
        hold(cluster, data)
    before = dict(cluster.objects)
    with pytest.raises(TargetError, match=words) as caught:
        stage(cluster, tmp_path)
    assert "-storetype JKS" in caught.value.hint
    assert cluster.objects == before


def test_a_store_whose_password_is_given_may_be_any(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    hold(cluster, {KEY: written(b"0\x82\x04\x9a\x02\x01")})
    stage(cluster, tmp_path, spec=PASSWORD)
    assert len(cluster.names("secrets")) == 2


def test_the_one_that_keytool_makes_is_told_from_one_of_jks(
    cluster: MemoryCluster, tmp_path: Path
) -> None:
    if not shutil.which("keytool"):
        lacking("there is no Java on this machine")
    certificate, _ = make_certificate(tmp_path)
    for kind in ("JKS", "PKCS12"):
        store = tmp_path / kind
        words = [
            *("keytool", "-importcert", "-noprompt", "-storetype", kind),
            *("-alias", "kafka", "-file", str(certificate)),
            *("-keystore", str(store), "-storepass", "changeit"),
        ]
        subprocess.run(words, check=True, capture_output=True, timeout=60)
        hold(cluster, {KEY: written(store.read_bytes())})
        if kind == "JKS":
            stage(cluster, tmp_path)
            continue
        with pytest.raises(TargetError, match="is no JKS store"):
            stage(cluster, tmp_path)
