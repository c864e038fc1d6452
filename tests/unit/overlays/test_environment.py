from __future__ import annotations

from pathlib import Path

import pytest

from flowops.errors import InputError
from flowops.overlays.environment import Environment, Sources, load_environment
from flowops.project import WorkingTree
from flowops.secrets import Secret, open_text
from tests.support.builders import environment_from, sources_from


def refusal_of(text: str, *, base: str = "") -> str:
    with pytest.raises(InputError) as refusal:
        environment_from(text, base=base)
    return str(refusal.value)


def opened(environment: Environment) -> dict[str, str]:
    return {name: open_text(value) for name, value in environment.values.items()}


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}", "targets:\nflows: {}\n"])
def test_an_empty_environment_has_no_target(text: str) -> None:
    environment = environment_from(text)

    assert environment.name == "this"
    assert environment.targets == {}
    assert environment.values == {}
    assert not environment.protected
    assert environment.layers == ("environments/this.yaml",)


def test_a_child_beats_what_it_extends() -> None:
    environment = environment_from(
        "extends: base\nvariables: {b: 2}\nprotected: true",
        base="variables: {a: 1, b: 1}\nprotected: false",
    )

    assert environment.values == {"a": "1", "b": "2"}
    assert environment.protected
    assert environment.layers == ("environments/base.yaml", "environments/this.yaml")


def test_protection_is_inherited() -> None:
    assert environment_from("extends: base", base="protected: true").protected


def test_a_chain_of_three() -> None:
    files = {
        "environments/a.yaml": "extends: b\nvariables: {x: a}",
        "environments/b.yaml": "extends: c\nvariables: {x: b, y: b}",
        "environments/c.yaml": "variables: {x: c, y: c, z: c}",
    }

    environment = load_environment("a", sources_from(files))

    assert environment.values == {"x": "a", "y": "b", "z": "c"}
    assert environment.layers == tuple(reversed(files))


@pytest.mark.parametrize(
    ("extends", "circle"),
    [
        ({"a": "a"}, "a extends a"),
        ({"a": "b", "b": "a"}, "a extends b extends a"),
        ({"a": "b", "b": "c", "c": "a"}, "a extends b extends c extends a"),
        ({"a": "b", "b": "c", "c": "b"}, "b extends c extends b"),
    ],
)
def test_a_circle_is_refused(extends: dict[str, str], circle: str) -> None:
    files = {f"environments/{k}.yaml": f"\nextends: {v}" for k, v in extends.items()}

    with pytest.raises(InputError) as refusal:
        load_environment("a", sources_from(files))

    last = list(extends)[-1]
    assert str(refusal.value) == (
        f"environments/{last}.yaml:2:10: environments in a circle: {circle}"
    )


def test_an_unknown_environment_is_refused_with_a_near_miss() -> None:
    files = {"environments/staging.yaml": "", "environments/production.yaml": ""}

    with pytest.raises(InputError) as refusal:
        load_environment("stagin", sources_from(files))
    assert str(refusal.value) == (
        "there is no environment 'stagin' (did you mean 'staging'?)"
    )
    with pytest.raises(InputError, match="there are production, staging"):
        load_environment("x", sources_from(files))
    with pytest.raises(InputError, match=r"write environments/x\.yaml"):
        load_environment("x", sources_from({}))


@pytest.mark.parametrize("name", ["../secrets", "sub/this", "", ".", "this.yaml"])
def test_a_name_is_no_path(name: str) -> None:
    def read(path: str) -> bytes | None:
        return b""

    with pytest.raises(InputError, match="there is no environment"):
        load_environment(name, Sources("environments", ("this",), read, {}))


def test_a_parent_that_is_missing_is_named_where_it_is_asked_for() -> None:
    assert refusal_of("variables: {}\nextends: bace") == (
        "environments/this.yaml:2:10: there is no environment 'bace' "
        "(did you mean 'base'?)"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[a]", "1:1: an environment must be a mapping"),
        (
            "variabels: {}",
            "1:1: an environment has no key 'variabels' (did you mean 'va",
        ),
        ("x: null", "an environment has no key 'x' (there are extends, flows, prot"),
        ("extends: [base]", "1:10: extends must be a text"),
        ("extends:", "1:9: extends must be a text"),
        ("protected: yes", "1:12: protected must be true or false"),
        ("protected: on", "protected must be true or false"),
        ("protected: 1", "protected must be true or false"),
        ("protected: 'true'", "protected must be true or false"),
        ("protected: [true]", "protected must be true or false"),
        ("protected: {always: true}", "protected must be true or false"),
        ("variables: [a]", "1:12: variables must be a mapping"),
        ("variables: a", "variables must be a mapping"),
        ("variables: {a: [1]}", "the variable a must be a text"),
        ("variables: {a: {b: 1}}", "the variable a must be a text"),
        ("secrets: {a: hunter2}", "the secret a must name one source"),
        ("secrets: {a: {}}", "the secret a must name one source"),
        ("secrets: {a: [env, A]}", "the secret a must name one source"),
        ("secrets: {a: {env: A, file: b}}", "the secret a must name one source"),
        ("secrets: {a: {value: hunter2}}", "the secret a has no key 'value'"),
        ("secrets: {a: {envi: A}}", "no key 'envi' (did you mean 'env'?)"),
        ("secrets: {a: {env: [A]}}", "env must be a text"),
        ("secrets: {a: {env: {b: c}}}", "env must be a text"),
        ("variables: {a: 1}\nsecrets: {a: {env: A}}", "2:11: 'a' is a variable and a"),
        ("targets: {connect: sandbox}", "the target connect must be a mapping with a"),
        ("targets: {connect: {}}", "1:11: the target connect needs a kind"),
        ("targets: {connect: {kind: ''}}", "the target connect needs a kind"),
        ("targets: {connect: {kind: [a]}}", "kind must be a text"),
        (
            "targets: {connect: {kind: a, url: '{{ x }}'}}",
            "1:30: the template uses 'x'",
        ),
        ("targets: [connect]", "targets must be a mapping"),
        ("flows: [a]", "flows must be a mapping"),
    ],
)
def test_what_an_environment_may_not_say(text: str, words: str) -> None:
    refusal = refusal_of(text)

    assert words in refusal
    assert refusal.startswith("environments/this.yaml:")
    assert "hunter2" not in refusal


def test_a_mistake_of_a_parent_is_reported_in_its_file() -> None:
    assert refusal_of("extends: base", base="\nprotected: yes") == (
        "environments/base.yaml:2:12: protected must be true or false"
    )


def test_values_are_kept_as_typed() -> None:
    environment = environment_from(
        "variables: {a: 1e3, b: 0777, c: yes, d: true, e: 1.50, f: '', g: 1_000}"
    )

    assert environment.values == {
        "a": "1e3",
        "b": "0777",
        "c": "yes",
        "d": "true",
        "e": "1.50",
        "f": "",
        "g": "1_000",
    }


def test_a_null_takes_away_what_is_inherited() -> None:
    base = """
variables: {a: 1, b: 1}
secrets: {s: {env: S}, t: {env: T}}
targets: {connect: {kind: sandbox, url: u}, event_processing: {kind: directory}}
protected: true
"""
    child = """
extends: base
variables: {a: null}
secrets: {s: null}
targets: {connect: {url: null}, event_processing: null}
protected: null
"""

    environment = environment_from(child, base=base)

    assert list(environment.values) == ["b", "t"]
    assert list(environment.targets) == ["connect"]
    assert environment.targets["connect"].values == {}
    assert not environment.protected


@pytest.mark.parametrize("key", ["variables", "secrets", "targets", "flows"])
def test_a_null_takes_away_all_of_a_kind(key: str) -> None:
    base = (
        "{variables: {a: 1}, secrets: {s: {env: S}}, targets: {x: {kind: y}}, flows: }"
    )

    environment = environment_from(f"extends: base\n{key}: null", base=base)

    assert (len(environment.values), len(environment.targets)) == {
        "variables": (1, 1),
        "secrets": (1, 1),
        "targets": (2, 0),
        "flows": (2, 1),
    }[key]


def test_a_secret_can_come_from_another_source_than_the_parents() -> None:
    environment = environment_from(
        "extends: base\nsecrets: {s: {env: OTHER, file: null}}",
        base="secrets: {s: {file: secrets/s}}",
        variables={"OTHER": "other"},
    )

    assert opened(environment) == {"s": "other"}


def test_a_secret_is_read_from_a_variable() -> None:
    environment = environment_from(
        "secrets: {kafka_password: {env: PASSWORD}}", variables={"PASSWORD": "hunter2"}
    )

    assert str(environment.values["kafka_password"]) == "<kafka_password_redacted>"
    assert opened(environment) == {"kafka_password": "hunter2"}
    assert environment.missing_secrets == ()
    assert "hunter2" not in repr(environment)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"hunter2", "hunter2"),
        (b"hunter2\n", "hunter2"),
        (b"hunter2\r\n", "hunter2"),
        (b"\xef\xbb\xbfhunter2\n", "hunter2"),
        (b" hunter2 \n", " hunter2 "),
        (b"-----BEGIN\nx\n-----END\n", "-----BEGIN\nx\n-----END"),
        ("pässwörd".encode(), "pässwörd"),
    ],
)
def test_a_secret_is_read_from_a_file(content: bytes, value: str) -> None:
    files: dict[str, str | bytes] = {
        "environments/this.yaml": "secrets: {s: {file: secrets/s}}",
        "secrets/s": content,
    }

    environment = load_environment("this", sources_from(files))

    assert opened(environment) == {"s": value}
    assert isinstance(environment.values["s"], Secret)


@pytest.mark.parametrize("source", ["{env: S}", "{file: secrets/s}"])
@pytest.mark.parametrize("value", [None, "", "\n"])
def test_a_secret_without_a_value_is_missing_until_it_is_opened(
    source: str, value: str | None
) -> None:
    files = {"environments/this.yaml": f"\nsecrets: {{s: {source}}}"}
    if value is not None and "file" in source:
        files["secrets/s"] = value
    variables = {"S": ""} if value is not None else {}

    environment = load_environment("this", sources_from(files, variables))

    where = source.strip("{}").replace(":", "")
    (missing,) = environment.missing_secrets
    assert (missing.name, missing.source, str(missing.location)) == (
        "s",
        where,
        "environments/this.yaml:2:11",
    )
    assert str(environment.values["s"]) == "<s_redacted>"
    with pytest.raises(InputError) as refusal:
        open_text(environment.values["s"])
    assert str(refusal.value) == (
        "environments/this.yaml:2:11: the secret s has no value: "
        f"{where} is not set (set it where this command runs)"
    )


@pytest.mark.parametrize("source", ["{env: S}", "{file: secrets/s}"])
def test_a_secret_that_is_no_text_is_refused_without_its_value(source: str) -> None:
    files: dict[str, str | bytes] = {
        "environments/this.yaml": f"secrets: {{s: {source}}}",
        "secrets/s": b"hunter2\xff",
    }

    with pytest.raises(InputError, match="the secret s is not text") as refusal:
        load_environment("this", sources_from(files, {"S": "hunter2\udcff"}))

    assert "hunter2" not in str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    "path", ["../outside", "/etc/hostname", "secrets/../../outside", "secrets/link"]
)
def test_a_secret_from_outside_the_project_is_refused(
    path: str, tmp_path: Path
) -> None:
    root = tmp_path / "project"
    (root / "environments").mkdir(parents=True)
    (root / "secrets").mkdir()
    (tmp_path / "outside").write_text("hunter2")
    (root / "secrets/link").symlink_to(tmp_path / "outside")
    text = f"secrets: {{s: {{file: '{path}'}}}}"
    (root / "environments/this.yaml").write_text(text)
    sources = Sources("environments", ("this",), WorkingTree(root).read, {})

    with pytest.raises(InputError) as refusal:
        load_environment("this", sources)

    assert f"{path} lies outside the project" in str(refusal.value)
    assert str(refusal.value).startswith("environments/this.yaml:1:11: the secret s")
    assert "hunter2" not in str(refusal.value)


def test_a_secret_from_outside_is_refused_where_it_is_missing_too(
    tmp_path: Path,
) -> None:
    (tmp_path / "environments").mkdir()
    text = "secrets: {s: {file: ../nothing}}"
    (tmp_path / "environments/this.yaml").write_text(text)
    sources = Sources("environments", ("this",), WorkingTree(tmp_path).read, {})

    with pytest.raises(InputError, match="outside the project"):
        load_environment("this", sources)


def test_targets_are_filled_with_values() -> None:
    environment = environment_from(
        """
targets:
  connect: {kind: "{{ kind }}", url: "https://{{ host }}", token: "{{ token }}"}
variables: {kind: sandbox, host: h}
secrets: {token: {env: TOKEN}}
""",
        variables={"TOKEN": "hunter2"},
    )

    target = environment.targets["connect"]
    assert (target.system, target.kind) == ("connect", "sandbox")
    assert str(target.location) == "environments/this.yaml:3:3"
    assert {k: str(v) for k, v in target.values.items()} == {
        "url": "https://h",
        "token": "<token_redacted>",
    }
    assert open_text(target.values["token"]) == "hunter2"


def test_an_environment_of_the_other_ending_is_named() -> None:
    files = {"environments/qa.yml": ""}
    with pytest.raises(InputError) as caught:
        load_environment("qa", sources_from(files))
    assert caught.value.hint == "rename environments/qa.yml to qa.yaml"
    files = {"environments/this.yaml": "extends: base", "environments/base.yml": ""}
    with pytest.raises(
        InputError, match=r"rename environments/base\.yml to base\.yaml"
    ):
        load_environment("this", sources_from(files))


def test_a_name_that_looks_the_same_is_told_apart() -> None:
    files = {"environments/Cafe\u0301.yaml": ""}
    with pytest.raises(InputError, match="looks the same, but its accents are comp"):
        load_environment("Caf\u00e9", sources_from(files))


def test_a_file_that_is_no_yaml_is_refused_with_its_place() -> None:
    assert refusal_of("a: [\n").startswith("environments/this.yaml:2:1: this is not YA")
    assert "stands twice" in refusal_of("flows: {}\nflows: {}")
