"""A cluster in memory for most tests, a real API server where it is built."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml
from kubernetes.config import kube_config

from tests.kubernetes.on_a_node import Deployed, build_runner, deployed
from tests.support.api_server import ApiServer, serve, until
from tests.support.clusters import MemoryCluster, stable
from tests.support.operator import Operator, operate

RUNNING_FLOWS = Path(__file__).resolve().parents[2] / "docs" / "running-flows.md"


@pytest.fixture
def cluster() -> MemoryCluster:
    return MemoryCluster()


@pytest.fixture(scope="session")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with serve(tmp_path_factory.mktemp("kubernetes")) as server:
        yield server


@pytest.fixture(scope="session")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """The real operator, and a server of its own."""
    with operate(tmp_path_factory.mktemp("operator")) as found:
        yield found


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_runner(tmp_path_factory.mktemp("runner"))


@pytest.fixture
def start_node(
    operator: Operator,
    namespace: str,
    runner: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[[str], Deployed]]:
    """Give what starts a node for a flow; the kubeconfig leads to its cluster."""
    path = operator.server.kubeconfig(namespace)
    monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    with ExitStack() as stack:

        def start(name: str) -> Deployed:
            made = deployed(operator, namespace, name, tmp_path, runner)
            return stack.enter_context(made)

        yield start


@pytest.fixture
def server(one_server: ApiServer) -> Iterator[ApiServer]:
    """The server of this session, its operator in a good mood."""
    one_server.behaviour = stable
    yield one_server
    one_server.behaviour = stable


@pytest.fixture
def namespace(server: ApiServer, request: pytest.FixtureRequest) -> str:
    """A namespace of the test's own, in which somebody may promote."""
    count = server.ask("GET", "/api/v1/namespaces")["items"]
    name = server.make_namespace(f"flows-{len(count)}")
    text = RUNNING_FLOWS.read_text("utf-8")
    (block,) = [b for b in text.split("```yaml\n")[1:] if b.startswith("# The Role")]
    for manifest in yaml.safe_load_all(block.partition("```")[0]):
        manifest["metadata"]["namespace"] = name
        server.create(manifest, name)
    until(lambda: server.allows(name, "create", "secrets"), "the server to heed it")
    return name
