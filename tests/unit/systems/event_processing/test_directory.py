"""A folder as a target: what is written, moved, taken away and refused."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from flowops.errors import InputError, TargetError
from flowops.model import Location
from flowops.secrets import Secret, Text
from flowops.systems import event_processing
from flowops.systems.protocol import (
    BoundFlow,
    Bundle,
    FlowState,
    Mark,
    Target,
    TargetSettings,
)
from tests.unit.systems.event_processing.builders import (
    CREDENTIALS,
    document,
    filtered,
    node,
    read,
    render,
    sink,
    source,
)

PLACE = Location("environments/production.yaml", 4, 3)
STAGED = {"flow.sql", "flow.json", "config.yaml", "Weather.zip"}
MADE = STAGED | {"flowops.json"}
RUN = "run-1"
MARK = Mark("weather", RUN, "sha256:1")
PUBLISHED = "published"


def bundle_of(statement: str = "TRUE", *, name: str = "Weather") -> Bundle:
    first = source(credentials=CREDENTIALS, securityProtocol="SASL_SSL")
    return render(read(document(first, filtered(statement), sink(), name=name)))


def without_sql() -> Bundle:
    return render(read(document(source(), node("x", "api"), sink())))


def opened(root: Path, path: Text = "deploy/production", **more: Text) -> Target:
    settings = TargetSettings(
        *("event_processing", "directory", {"path": path, **more}, PLACE, root),
        "production",
    )
    return event_processing.open_target(settings)


def promote(target: Target, bundle: Bundle) -> None:
    target.reserve([bundle], MARK)
    target.stage(bundle)
    target.publish(bundle, MARK)


def listed(root: Path) -> set[str]:
    return {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}


def test_identity_is_the_path_as_written(tmp_path: Path) -> None:
    identity = opened(tmp_path, "deploy/./x").identity
    assert (identity.system, identity.kind, identity.id) == (
        "event_processing",
        "directory",
        "deploy/./x",
    )
    assert not (tmp_path / "deploy").exists()


def test_a_promote_writes_visible_text_only(tmp_path: Path) -> None:
    bundle = bundle_of()
    promote(opened(tmp_path), bundle)
    folder = tmp_path / "deploy/production/Weather"
    assert listed(folder) == MADE
    for name, text in bundle.files.items():
        assert (folder / name).read_text("utf-8") == str(text)
    with zipfile.ZipFile(folder / "Weather.zip") as archive:
        assert archive.namelist() == ["flow.json", "config.yaml"]
        for name in archive.namelist():
            assert archive.read(name) == (folder / name).read_bytes()
    assert b"marker" not in b"".join(p.read_bytes() for p in folder.iterdir())


def test_staging_is_hidden_and_beside(tmp_path: Path) -> None:
    target = opened(tmp_path)
    target.stage(bundle_of())
    assert listed(tmp_path) == {
        f"deploy/production/.flowops-Weather/{n}" for n in STAGED
    }
    assert target.read({bundle_of().address: PUBLISHED}) == {}
    target.publish(bundle_of(), MARK)
    assert listed(tmp_path) == {f"deploy/production/Weather/{n}" for n in MADE}
    assert not list(tmp_path.rglob(".flowops-*"))


def test_a_path_that_is_too_long_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="file name too long"):
        opened(tmp_path, "x" * 5000).verify()


def test_import_is_true_or_false(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"`import` of the target is '1\.5'"):
        opened(tmp_path, **{"import": "1.5"})
    opened(tmp_path, **{"import": "True"})


def test_staging_again_starts_anew(tmp_path: Path) -> None:
    target = opened(tmp_path)
    target.stage(bundle_of())
    target.stage(without_sql())
    target.publish(without_sql(), MARK)
    assert listed(tmp_path / "deploy/production/Weather") == MADE - {"flow.sql"}


def test_what_is_no_longer_made_goes_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    target = opened(tmp_path)
    promote(target, bundle_of())
    folder = tmp_path / "deploy/production/Weather"
    (folder / "kustomization.yaml").write_text("kind: Kustomization\n", "utf-8")
    promote(target, without_sql())
    assert listed(folder) == (MADE - {"flow.sql"}) | {"kustomization.yaml"}
    state = target.read({bundle_of().address: PUBLISHED})[bundle_of().address]
    assert state.files.keys() == {"config.yaml", "flow.json"}


def test_a_state_is_read_back(tmp_path: Path) -> None:
    target, bundle = opened(tmp_path), bundle_of()
    promote(target, bundle)
    state = target.read({bundle.address: PUBLISHED})[bundle.address]
    assert {k: str(v) for k, v in state.files.items()} == {
        k: str(v) for k, v in bundle.files.items()
    }
    assert state.attributes == bundle.attributes
    found, wanted = map(event_processing.describe, (state, bundle.state()))
    assert found == wanted


def test_publishing_what_was_not_staged_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="was not staged"):
        opened(tmp_path).publish(bundle_of(), MARK)


def test_a_new_flow_is_taken_away_again(tmp_path: Path) -> None:
    target = opened(tmp_path)
    promote(target, bundle_of())
    assert target.restore(bundle_of().address, None, RUN)
    assert not (tmp_path / "deploy/production/Weather").exists()
    assert not target.restore(bundle_of().address, None, RUN)


def test_what_was_staged_only_is_taken_away(tmp_path: Path) -> None:
    target = opened(tmp_path)
    promote(target, bundle_of())
    before = target.read({bundle_of().address: PUBLISHED})[bundle_of().address]
    target.stage(bundle_of("FALSE"))
    assert target.restore(before.address, before, RUN)
    assert not target.restore(before.address, before, RUN)
    after = target.read({before.address: PUBLISHED})[before.address]
    assert after == before


def test_an_older_flow_is_put_back_with_its_zip(tmp_path: Path) -> None:
    target = opened(tmp_path)
    promote(target, without_sql())
    folder = tmp_path / "deploy/production/Weather"
    bytes_before = {p.name: p.read_bytes() for p in folder.iterdir()}
    before = target.read({bundle_of().address: PUBLISHED})[bundle_of().address]
    promote(target, bundle_of())
    assert target.restore(before.address, before, RUN)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == bytes_before


def test_a_secret_typed_in_by_hand_is_sealed(tmp_path: Path) -> None:
    target, bundle = opened(tmp_path), bundle_of()
    promote(target, bundle)
    folder = tmp_path / "deploy/production/Weather"
    for path in folder.glob("*.*"):
        if path.suffix != ".zip":
            text = path.read_text("utf-8")
            for kind in ("username", "password"):
                shown, typed = f'"<{kind}_redacted>', f'"marker-{kind}'
                text = text.replace(shown, typed)
            path.write_text(text, "utf-8")
    state = target.read({bundle.address: PUBLISHED})[bundle.address]
    assert all(isinstance(text, Secret) for text in state.files.values())
    assert "marker" not in repr(state)
    assert "marker" not in "".join(map(str, state.files.values()))
    found = event_processing.describe(state)
    assert found == event_processing.describe(bundle.state())


@pytest.mark.parametrize("name", ["flow.json", "config.yaml"])
def test_a_damaged_file_can_be_read_but_not_described(
    tmp_path: Path, name: str
) -> None:
    target, bundle = opened(tmp_path), bundle_of()
    promote(target, bundle)
    damaged = '{"a": "https://marker:marker@x" b: ['
    (tmp_path / "deploy/production/Weather" / name).write_text(damaged, "utf-8")
    state = target.read({bundle.address: PUBLISHED})[bundle.address]
    assert "marker" not in repr(state)
    with pytest.raises(InputError) as caught:
        event_processing.describe(state)
    assert caught.value.location is not None
    assert caught.value.location.path.endswith(name)


def test_a_flows_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    promote(opened(tmp_path), bundle_of(name="../../x/.. y"))
    assert all(p.startswith("deploy/production/%2E.%2F") for p in listed(tmp_path))


@pytest.mark.parametrize(
    "path", ["..", "../out", "a/../../out", "a/../b", "/tmp/out", ".", "", "  "]
)
def test_a_path_that_leaves_the_project_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(InputError) as caught:
        opened(tmp_path, path)
    assert caught.value.location == PLACE
    assert caught.value.hint


def test_a_link_out_of_the_project_is_refused(tmp_path: Path) -> None:
    root, outside = tmp_path / "project", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (root / "deploy").symlink_to(outside)
    with pytest.raises(InputError, match="leaves the project"):
        opened(root, "deploy/production")
    assert listed(outside) == set()


def test_a_link_made_later_is_refused_too(tmp_path: Path) -> None:
    root, outside = tmp_path / "project", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    target, bundle = opened(root, "deploy"), bundle_of()
    (root / "deploy").mkdir()
    (root / "deploy" / "Weather").symlink_to(outside)
    target.stage(bundle)
    with pytest.raises(InputError, match="leaves the project"):
        target.publish(bundle, MARK)
    with pytest.raises(InputError, match="leaves the project"):
        target.read({bundle.address: PUBLISHED})
    assert listed(outside) == set()


def test_a_file_that_is_a_link_out_is_not_read(tmp_path: Path) -> None:
    root = tmp_path / "project"
    secret = tmp_path / "secret.txt"
    secret.write_text("marker", "utf-8")
    target, bundle = opened(root, "deploy"), bundle_of()
    promote(target, bundle)
    (root / "deploy/Weather/flow.sql").unlink()
    (root / "deploy/Weather/flow.sql").symlink_to(secret)
    with pytest.raises(InputError, match="leaves the project"):
        target.read({bundle.address: PUBLISHED})


def test_a_link_inside_the_project_is_fine(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "deploy").symlink_to(tmp_path / "real")
    promote(opened(tmp_path, "deploy/x"), bundle_of())
    assert listed(tmp_path / "real") == {f"x/Weather/{n}" for n in MADE}


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        ("flnk", {"path": "x"}, "no target of kind 'flnk'"),
        ("directory", {"pth": "x"}, "no key 'pth'"),
        ("directory", {}, "needs a `path`"),
        ("directory", {"path": Secret("x", "y")}, "needs a `path`"),
    ],
)
def test_settings_that_cannot_be_used(
    tmp_path: Path, kind: str, values: dict[str, Text], words: str
) -> None:
    settings = TargetSettings(
        "event_processing", kind, values, PLACE, tmp_path, "production"
    )
    with pytest.raises(InputError) as caught:
        event_processing.open_target(settings)
    assert words in caught.value.message
    assert caught.value.location == PLACE
    assert caught.value.hint


def test_a_file_in_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "deploy").write_text("", "utf-8")
    target = opened(tmp_path, "deploy")
    with pytest.raises(TargetError, match="is no folder"):
        target.verify()
    with pytest.raises(TargetError, match="cannot write"):
        target.stage(bundle_of())


def test_a_folder_has_nothing_to_refer_to(tmp_path: Path) -> None:
    target = opened(tmp_path)
    target.verify()
    assert target.inventory({"queue"}).kinds == frozenset()
    assert target.reserve([bundle_of()], MARK) == ()


def test_a_state_without_its_json_has_no_zip(tmp_path: Path) -> None:
    target, address = opened(tmp_path), bundle_of().address
    before = FlowState(address, {"flow.sql": "SELECT 1;"})
    promote(target, bundle_of())
    assert target.restore(address, before, RUN)
    folder = tmp_path / "deploy/production/Weather"
    assert listed(folder) == {"flow.sql", "flowops.json"}


def test_a_mark_tells_whose_a_flow_is(tmp_path: Path) -> None:
    target = opened(tmp_path)
    assert list(target.managed("weather")) == []
    promote(target, bundle_of())
    promote(target, bundle_of(name="a/b"))
    found = {address.name for address in target.managed("weather")}
    assert found == {"Weather", "a/b"}
    assert list(target.managed("another")) == []
    (tmp_path / "deploy/production/Weather/flowops.json").write_text("[", "utf-8")
    assert [address.name for address in target.managed("weather")] == ["a/b"]


def test_a_flow_of_another_run_is_not_taken_away(tmp_path: Path) -> None:
    target, address = opened(tmp_path), bundle_of().address
    promote(target, bundle_of())
    assert not target.restore(address, None, "run-2")
    target.stage(bundle_of("FALSE"))
    assert target.restore(address, None, "run-2")
    assert listed(tmp_path) == {f"deploy/production/Weather/{n}" for n in MADE}


def test_a_removed_flow_is_gone_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    target, address = opened(tmp_path), bundle_of().address
    promote(target, bundle_of())
    folder = tmp_path / "deploy/production/Weather"
    (folder / "note.txt").write_text("mine", "utf-8")
    target.remove(address)
    assert listed(folder) == {"note.txt"}
    assert target.drafts([address]) == {}
    assert list(target.referrers(address)) == []


IN_GIT: dict[str, Text] = {"manifests": "ibm", "storage": "flink-state"}


def for_git(name: str = "Weather", more: Mapping[str, Text] | None = None) -> Bundle:
    flow = read(document(source(), sink(), name=name))
    target = {**IN_GIT, **(more or {})}
    return event_processing.render(
        BoundFlow(flow, settings=flow.settings, target=target)
    )


def test_manifests_lie_beside_the_flow_and_above_all(tmp_path: Path) -> None:
    target = opened(tmp_path, **IN_GIT)
    promote(target, for_git())
    promote(target, for_git("a/b"))
    folder = tmp_path / "deploy/production"
    made = (MADE | {"deployment.yaml", "kustomization.yaml"}) - {"Weather.zip"}
    assert listed(folder / "Weather") == made | {"Weather.zip"}
    assert (folder / "kustomization.yaml").read_text("utf-8") == (
        "# Made by FlowOps; a promote writes it anew.\n"
        "apiVersion: kustomize.config.k8s.io/v1beta1\n"
        "kind: Kustomization\n"
        "resources:\n- Weather\n- a%2Fb\n"
    )
    target.remove(for_git("a/b").address)
    assert "a%2Fb" not in (folder / "kustomization.yaml").read_text("utf-8")
    target.remove(for_git().address)
    assert listed(tmp_path) == set()


def test_promoting_manifests_again_changes_no_byte(tmp_path: Path) -> None:
    target = opened(tmp_path, **IN_GIT)
    promote(target, for_git())
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    promote(opened(tmp_path, **IN_GIT), for_git())
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*")} == before


def test_manifests_are_read_back_and_put_back(tmp_path: Path) -> None:
    target, bundle = opened(tmp_path, **IN_GIT), for_git()
    promote(target, bundle)
    before = target.read({bundle.address: PUBLISHED})[bundle.address]
    assert {k: str(v) for k, v in before.files.items()} == {
        k: str(v) for k, v in bundle.files.items()
    }
    more: dict[str, Text] = {"parallelism": "2", "secret-store": "vault"}
    promote(target, for_git(more=more))
    folder = tmp_path / "deploy/production/Weather"
    assert (folder / "externalsecret.yaml").is_file()
    assert target.restore(bundle.address, before, RUN)
    assert not (folder / "externalsecret.yaml").exists()
    assert target.read({bundle.address: PUBLISHED})[bundle.address] == before


def test_manifests_that_are_no_longer_wanted_go(tmp_path: Path) -> None:
    apache: dict[str, Text] = {
        "manifests": "apache",
        "image": "flink:1",
        "flink-version": "v1_20",
    }
    promote(opened(tmp_path, **apache), for_git(more=apache))
    folder = tmp_path / "deploy/production/Weather"
    assert {"statements.sql", "deployment.yaml"} <= listed(folder)
    promote(opened(tmp_path), bundle_of())
    assert listed(folder) == MADE
    assert listed(folder.parent) == {f"Weather/{name}" for name in MADE}


def test_a_manifest_that_a_person_wrote_is_not_overwritten(tmp_path: Path) -> None:
    target = opened(tmp_path, **IN_GIT)
    folder = tmp_path / "deploy/production/Weather"
    folder.mkdir(parents=True)
    (folder / "kustomization.yaml").write_text("kind: Mine\n", "utf-8")
    with pytest.raises(TargetError, match="FlowOps did not make it"):
        target.stage(for_git())
    assert listed(tmp_path) == {"deploy/production/Weather/kustomization.yaml"}


def test_a_kustomization_above_that_a_person_wrote_stays(tmp_path: Path) -> None:
    above = tmp_path / "deploy/production/kustomization.yaml"
    above.parent.mkdir(parents=True)
    above.write_text("kind: Mine\n", "utf-8")
    promote(opened(tmp_path, **IN_GIT), for_git())
    assert above.read_text("utf-8") == "kind: Mine\n"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"manifests": "imb"}, "there is no manifests 'imb'"),
        ({"manifests": "apache"}, "manifests: apache needs `image`"),
        ({"spec.job.parallelism": "2"}, "no key 'spec.job.parallelism'"),
    ],
)
def test_manifests_that_cannot_be_made(
    tmp_path: Path, values: dict[str, Text], words: str
) -> None:
    with pytest.raises(InputError) as caught:
        opened(tmp_path, **values)
    assert words in caught.value.message
    assert caught.value.location == PLACE
    assert caught.value.hint
