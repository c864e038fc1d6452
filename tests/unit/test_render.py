from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest

from flowops.errors import InputError, TargetError
from flowops.model import Address
from flowops.plan.making import Plan, PlannedChange
from flowops.render import bundle_bytes, render_plan
from flowops.secrets import Secret
from flowops.systems.protocol import Archive, BoundFlow, Bundle
from tests.support.builders import flow_with

ADDRESS = Address("event_processing", "flow", "Orders / all")
BUNDLE = Bundle(
    ADDRESS,
    "flow.json",
    {
        "flow.json": "ü",
        "config.yaml": Secret("password: hunter2", "password: <password_redacted>"),
    },
    archives=(
        Archive("import.zip", {"f.json": "flow.json", "c.yaml": "config.yaml"}),
        Archive("open.zip", {"f.json": "flow.json"}),
    ),
)


def plan_of(*bundles: Bundle | None) -> Plan:
    flow = flow_with(ADDRESS.name)
    changes = tuple(
        PlannedChange(ADDRESS, "flows/a.json", "create", BoundFlow(flow), bundle)
        for bundle in bundles
    )
    return Plan("this", {}, (), changes, (), "sha256:0", {})


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_secrets_stay_sealed() -> None:
    files = bundle_bytes(BUNDLE, with_secrets=False)

    assert files["flow.json"] == ("ü".encode(), False)
    assert files["config.yaml"] == (b"password: <password_redacted>", False)
    assert not files["import.zip"][1]
    assert members(files["import.zip"][0]) == {
        "f.json": "ü".encode(),
        "c.yaml": b"password: <password_redacted>",
    }
    assert not any(b"hunter2" in data for data, _ in files.values())


def test_opened_secrets_are_private() -> None:
    files = bundle_bytes(BUNDLE, with_secrets=True)

    assert files["config.yaml"] == (b"password: hunter2", True)
    assert members(files["import.zip"][0])["c.yaml"] == b"password: hunter2"
    assert {name for name, (_, private) in files.items() if private} == {
        "config.yaml",
        "import.zip",
    }


@pytest.mark.parametrize("with_secrets", [True, False])
def test_files_are_written_below_their_flow(tmp_path: Path, with_secrets: bool) -> None:
    written = [*render_plan(plan_of(BUNDLE), tmp_path, with_secrets=with_secrets)]

    folder = tmp_path / "event_processing/flow/Orders %2F all"
    assert written == [
        folder / name for name in ("config.yaml", "flow.json", "import.zip", "open.zip")
    ]
    private = 0o600 if with_secrets else 0o644
    modes = {path.name: mode_of(path) for path in written}
    assert modes == {
        "config.yaml": private,
        "flow.json": 0o644,
        "import.zip": private,
        "open.zip": 0o644,
    }
    assert sorted(p for p in tmp_path.rglob("*") if p.is_file()) == written


def test_what_was_private_does_not_open_what_comes_after(tmp_path: Path) -> None:
    for with_secrets in (True, False):
        paths = [*render_plan(plan_of(BUNDLE), tmp_path, with_secrets=with_secrets)]

    assert not any(b"hunter2" in path.read_bytes() for path in paths)


def test_a_blocked_flow_is_not_rendered(tmp_path: Path) -> None:
    assert [*render_plan(plan_of(None), tmp_path, with_secrets=False)] == []
    assert [*tmp_path.iterdir()] == []


def test_a_secret_without_a_value_stops_the_rendering(tmp_path: Path) -> None:
    def absent() -> str:
        raise InputError("the secret has no value")

    bundle = Bundle(ADDRESS, "a", {"a": Secret(absent, "<a>")})

    with pytest.raises(InputError, match="has no value"):
        list(render_plan(plan_of(bundle), tmp_path, with_secrets=True))
    assert [*tmp_path.iterdir()] == []
    (path,) = render_plan(plan_of(bundle), tmp_path, with_secrets=False)
    assert path.read_text() == "<a>"


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "event_processing").touch()

    with pytest.raises(TargetError, match="cannot write"):
        list(render_plan(plan_of(BUNDLE), tmp_path, with_secrets=False))
