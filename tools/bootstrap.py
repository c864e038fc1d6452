"""Run the pinned uv, fetching it first when it is not there yet.

Debian's python3 comes with neither pip nor ensurepip, so the only thing this
script may lean on is the standard library. It has one way of working on every
machine: take one known wheel from the package index this machine is set up to
use, check its hash, unpack the one file we need. Looking for a uv, a pip or a
venv that may be there would give every machine its own way to fail.

    python3 tools/bootstrap.py pip install ...

runs `uv pip install ...`.
"""

from __future__ import annotations

import configparser
import hashlib
import html
import http.client
import io
import netrc
import os
import platform
import posixpath
import re
import stat
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Mapping
from pathlib import Path

VERSION = "0.13.9"

# The wheel of each platform and its sha256, as the package index states it.
WHEELS = {
    ("Linux", "x86_64"): (
        "manylinux_2_17_x86_64.manylinux2014_x86_64",
        "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    ),
    ("Linux", "aarch64"): (
        "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
        "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    ),
    ("Darwin", "x86_64"): (
        "macosx_10_12_x86_64",
        "c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5",
    ),
    ("Darwin", "arm64"): (
        "macosx_11_0_arm64",
        "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63",
    ),
}

PUBLIC_INDEX = "https://pypi.org/simple"
CACHE = Path(__file__).resolve().parent.parent / ".cache"
TIMEOUT_SECONDS = 60


class BootstrapError(Exception):
    """A reason, in words for the person who must act, why uv cannot be had."""


def main() -> None:
    """Become uv, with the arguments this script was given."""
    try:
        environment = with_pip_settings(os.environ)
        uv = installed_uv(environment)
    except BootstrapError as error:
        hint = "install uv yourself, then run: make UV=uv demo"
        sys.exit(f"bootstrap: {error}\nhint: {hint}")
    os.execve(uv, [str(uv), *sys.argv[1:]], environment)


def with_pip_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Say in uv's own variables what this machine has told pip.

    uv does not read pip's settings, and a company's mirror is most often found there.
    """
    settings = dict(environment)
    index = environment.get("UV_INDEX_URL") or pip_setting("index-url", environment)
    certificates = pip_setting("cert", environment)
    if index:
        settings.setdefault("UV_DEFAULT_INDEX", index)
    if certificates:
        settings.setdefault("SSL_CERT_FILE", certificates)
    settings.setdefault("UV_SYSTEM_CERTS", "true")
    settings.setdefault("UV_PYTHON_DOWNLOADS", "never")
    return settings


def pip_setting(name: str, environment: Mapping[str, str]) -> str | None:
    """Read one setting of pip: its variable, else the last file that has it."""
    variable = "PIP_" + name.replace("-", "_").upper()
    if environment.get(variable):
        return environment[variable]
    parser = configparser.RawConfigParser(strict=False)
    parser.read(pip_files(environment), encoding="utf-8")
    for section in ("install", "global"):
        if parser.has_option(section, name):
            return parser.get(section, name)
    return None


def pip_files(environment: Mapping[str, str]) -> list[Path]:
    """List where pip looks for its settings, the strongest last."""
    home = Path(environment.get("HOME") or Path.home())
    user = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    files = [
        Path("/etc/xdg/pip/pip.conf"),
        Path("/etc/pip.conf"),
        home / ".pip/pip.conf",
        home / "Library/Application Support/pip/pip.conf",
        user / "pip/pip.conf",
    ]
    if environment.get("PIP_CONFIG_FILE"):
        files.append(Path(environment["PIP_CONFIG_FILE"]))
    return files


def installed_uv(environment: Mapping[str, str]) -> Path:
    """Return the path of the pinned uv, which is there when this returns."""
    uv = CACHE / f"uv-{VERSION}"
    if not uv.exists():
        index = environment.get("UV_DEFAULT_INDEX") or PUBLIC_INDEX
        certificates = environment.get("SSL_CERT_FILE")
        if certificates:
            os.environ["SSL_CERT_FILE"] = certificates  # read by OpenSSL itself
        unpack(fetch_wheel(index), uv)
    return uv


def fetch_wheel(index: str) -> bytes:
    """Download this platform's wheel and refuse any other content."""
    tag, expected = wheel_of(platform.system(), platform.machine())
    page, opener = page_and_opener(index)
    listing = download(opener, page).decode("utf-8")
    wheel = download(
        opener, find_link(listing, page, f"uv-{VERSION}-py3-none-{tag}.whl")
    )
    actual = hashlib.sha256(wheel).hexdigest()
    if actual != expected:
        message = f"uv {VERSION} has sha256 {actual}, expected {expected}"
        raise BootstrapError(message)
    return wheel


def wheel_of(system: str, machine: str) -> tuple[str, str]:
    """Return the tag and the hash of the wheel for one platform."""
    try:
        return WHEELS[system, machine]
    except KeyError:
        message = f"no uv is pinned for {system} on {machine}"
        raise BootstrapError(message) from None


def page_and_opener(index: str) -> tuple[str, urllib.request.OpenerDirector]:
    """Return the page that lists uv, without credentials, and what opens it with them.

    The credentials go to the index's own address and to no other.
    """
    parts = urllib.parse.urlsplit(index)
    host = parts.netloc.rpartition("@")[2]
    page = parts._replace(netloc=host).geturl().rstrip("/") + "/uv/"
    manager = urllib.request.HTTPPasswordMgrWithPriorAuth()
    user, password = credentials(parts)
    if user:
        root = f"{parts.scheme}://{host}/"
        manager.add_password(None, root, user, password, is_authenticated=True)
    handler = urllib.request.HTTPBasicAuthHandler(manager)
    return page, urllib.request.build_opener(handler)


def credentials(parts: urllib.parse.SplitResult) -> tuple[str, str]:
    """Find who to be: as the address says, else as ~/.netrc says, else nobody."""
    if parts.username:
        unquote = urllib.parse.unquote
        return unquote(parts.username), unquote(parts.password or "")
    try:
        found = netrc.netrc().authenticators(parts.hostname or "")
    except (OSError, netrc.NetrcParseError):
        found = None
    return (found[0], found[2]) if found else ("", "")


def download(opener: urllib.request.OpenerDirector, address: str) -> bytes:
    """Read one address to its end."""
    try:
        with opener.open(address, timeout=TIMEOUT_SECONDS) as response:
            content: bytes = response.read()
    except (OSError, ValueError, http.client.HTTPException) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        # What follows a question mark may be a signature, which is not for logs.
        message = f"cannot read {address.partition('?')[0]}: {str(error).strip('<>')}"
        raise BootstrapError(message) from None
    return content


def find_link(listing: str, page: str, filename: str) -> str:
    """Find the address of one file in an index page, which may be relative to it."""
    for link in re.findall(r"""href\s*=\s*["']([^"'#]+)""", listing):
        address = urllib.parse.urljoin(page, html.unescape(link))
        if posixpath.basename(urllib.parse.urlsplit(address).path) == filename:
            return address
    message = f"{page} does not list {filename}"
    raise BootstrapError(message)


def unpack(wheel: bytes, uv: Path) -> None:
    """Write the one program in the wheel, whole or not at all."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        program = archive.read(f"uv-{VERSION}.data/scripts/uv")
    uv.parent.mkdir(parents=True, exist_ok=True)
    partial = uv.with_name(f"{uv.name}.{os.getpid()}")
    partial.write_bytes(program)
    partial.chmod(partial.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    partial.replace(uv)


if __name__ == "__main__":
    main()
