"""A project in a folder of its own, a sandbox as its target, and the command line."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.client import BaseClient
from botocore.config import Config

from flowops.cli import main
from flowops.documents.source import decode
from flowops.documents.yaml_edit import set_yaml_value
from flowops.documents.yaml_text import parse_yaml, plain
from flowops.systems.connect.sandbox import Sandbox, SandboxInventory, SandboxServer
from tests.support.repositories import Repository, new_repository

EXAMPLE = Path(__file__).resolve().parents[2]
STAGING = "environments/staging.yaml"


@dataclass(frozen=True, slots=True)
class Result:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    def transcript(self, *words: str) -> str:
        """Write everything a person would have seen, for a golden file."""
        shown = " ".join(word if " " not in word else f"'{word}'" for word in words)
        return (
            f"$ flowops {shown}\n"
            f"--- stdout\n{self.out}--- stderr\n{self.err}--- exit code {self.code}\n"
        )


@dataclass(frozen=True, slots=True)
class SandboxProject:
    """A project whose environment ``staging`` is a sandbox in this process."""

    root: Path
    sandbox: Sandbox
    client: Any

    def run(self, *words: str) -> Result:
        """Run a command; a promote is made from a commit of what there is."""
        if words[0] in ("promote", "rollback"):
            self.commit()
        return run(*words, "--project", str(self.root))

    def commit(self) -> None:
        if not (self.root / ".git").exists():
            new_repository(self.root)
        Repository(self.root).commit()

    def json(self, *words: str) -> dict[str, Any]:
        document = json.loads(self.run(*words, "--format", "json").out)
        assert isinstance(document, dict)
        return document

    def edit_environment(self, value: str, *keys: str, name: str = STAGING) -> None:
        path = self.root / name
        path.write_text(set_yaml_value(path.read_text("utf-8"), keys, value), "utf-8")

    def flow_id(self, name: str) -> str:
        summaries = self.client.list_contact_flows(InstanceId=self.sandbox.instance_id)
        found = summaries["ContactFlowSummaryList"]
        return next(str(s["Id"]) for s in found if s["Name"] == name)

    def live(self, name: str, suffix: str = "") -> dict[str, Any]:
        """Return what the API describes for a flow."""
        answer = self.client.describe_contact_flow(
            InstanceId=self.sandbox.instance_id,
            ContactFlowId=f"{self.flow_id(name)}{suffix}",
        )
        found = answer["ContactFlow"]
        assert isinstance(found, dict)
        return found

    def content(self, name: str, suffix: str = "") -> dict[str, Any]:
        content = json.loads(self.live(name, suffix)["Content"])
        assert isinstance(content, dict)
        return content


def run(*words: str) -> Result:
    """Run the command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(words)
    return Result(code, out.getvalue(), err.getvalue())


def copy_example(root: Path) -> Path:
    """Copy the example project that lies at the top of the repository."""
    root.mkdir(parents=True)
    shutil.copy2(EXAMPLE / "flowops.yaml", root)
    for folder in ("flows", "environments"):
        shutil.copytree(EXAMPLE / folder, root / folder)
    return root


def connect_client(sandbox: Sandbox, url: str) -> BaseClient:
    """Return plain boto3 against a sandbox."""
    return boto3.session.Session().client(
        "connect",
        region_name=sandbox.region,
        endpoint_url=url,
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )


@contextmanager
def serve(root: Path, held: Mapping[str, object]) -> Iterator[SandboxProject]:
    """Serve a sandbox and make it the target ``connect`` of ``staging``."""
    with ExitStack() as stack:
        sandbox = Sandbox(SandboxInventory.parse(held))
        stack.callback(sandbox.close)
        server = stack.enter_context(SandboxServer(sandbox))
        client = connect_client(sandbox, server.url)
        stack.callback(client.close)
        project = SandboxProject(root, sandbox, client)
        project.edit_environment(server.url, "targets", "connect", "url")
        arn = sandbox.instance_arn
        project.edit_environment(arn, "targets", "connect", "instance")
        yield project


def held_by_staging() -> Mapping[str, object]:
    """Return what the example's staging instance holds."""
    name = "environments/sandbox/staging.yaml"
    value = plain(parse_yaml(decode(name, (EXAMPLE / name).read_bytes())))
    assert isinstance(value, dict)
    return value
