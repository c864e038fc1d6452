from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from flowops.documents.files import (
    MAXIMUM_BYTES,
    PRIVATE,
    files_below,
    is_file,
    is_folder,
    is_inside,
    read_bytes,
    write_whole,
)
from flowops.errors import InputError, TargetError


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def refusal_of(path: Path) -> str:
    with pytest.raises(InputError) as refusal:
        read_bytes(path, "shown.json")
    return str(refusal.value)


def test_bytes_are_read_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"\x00\xff\r\n")

    assert read_bytes(path, "a") == b"\x00\xff\r\n"


def test_a_missing_file_is_refused_under_the_name_that_is_shown(tmp_path: Path) -> None:
    assert refusal_of(tmp_path / "a") == (
        "shown.json:1:1: cannot read the file: no such file or directory"
    )


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    assert refusal_of(tmp_path) == "shown.json:1:1: this is not a file"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert "this is not a file" in refusal_of(tmp_path / "pipe")


def test_a_device_is_not_a_file() -> None:
    assert "this is not a file" in refusal_of(Path("/dev/zero"))


def test_a_circle_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "a")

    assert "cannot read the file" in refusal_of(tmp_path / "a")


def test_the_largest_file_is_read_and_one_byte_more_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with path.open("wb") as stream:
        stream.truncate(MAXIMUM_BYTES)
    assert len(read_bytes(path, "a")) == MAXIMUM_BYTES

    with path.open("ab") as stream:
        stream.write(b"\0")
    assert "larger than 32 MiB" in refusal_of(path)


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "new/folder/a"

    write_whole(path, b"one")
    write_whole(path, b"two")

    assert path.read_bytes() == b"two"
    assert mode_of(path) == 0o644
    assert [p.name for p in path.parent.iterdir()] == ["a"]


def test_a_private_file_is_never_open_to_others(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    path.chmod(0o666)

    write_whole(path, b"secret", PRIVATE)

    assert mode_of(path) == 0o600


def test_a_link_is_replaced_and_what_it_leads_to_is_kept(tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(b"kept")
    (tmp_path / "a").symlink_to(tmp_path / "kept")

    write_whole(tmp_path / "a", b"new")

    assert (tmp_path / "kept").read_bytes() == b"kept"
    assert not (tmp_path / "a").is_symlink()


@pytest.mark.parametrize("taken", ["a", "a/b"])
def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path, taken: str) -> None:
    (tmp_path / "a").mkdir() if taken == "a" else (tmp_path / "a").write_bytes(b"")

    with pytest.raises(TargetError, match="cannot write"):
        write_whole(tmp_path / taken, b"new")

    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_an_interrupted_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(handle: int) -> None:
        raise KeyboardInterrupt

    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", interrupt)

    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "a", b"new")

    assert [p.name for p in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


def test_files_are_found_in_order_without_half_written_ones(tmp_path: Path) -> None:
    for name in ("b/z", "b/a", "a", ".flowops-x", "c/.flowops-y"):
        write_whole(tmp_path / name, b"")

    found = [p.relative_to(tmp_path).as_posix() for p in files_below(tmp_path)]

    assert found == ["a", "b/a", "b/z"]
    assert list(files_below(tmp_path / "none")) == []


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    place = tmp_path / "pipe"
    os.mkfifo(place)
    (tmp_path / "link").symlink_to(place)

    for path in (place, tmp_path / "link"):
        with pytest.raises(TargetError, match="this is not a file"):
            write_whole(path, b"new")

    assert stat.S_ISFIFO(place.stat().st_mode)
    assert (tmp_path / "link").is_symlink()


def test_nothing_is_at_a_path_that_is_too_long(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 5000)

    assert not is_file(path)
    assert not is_folder(path)
    assert is_folder(tmp_path)


def test_a_path_is_inside_where_its_links_lead(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "out").symlink_to(tmp_path)
    (folder / "circle").symlink_to("circle")
    assert is_inside(folder, folder / "a" / "b")
    assert is_inside(folder, folder / ("a" * 5000))
    assert not is_inside(folder, folder)
    assert not is_inside(folder, folder / "out" / "a")
    assert not is_inside(folder, folder / ".." / "a")
    assert not is_inside(folder, folder / "circle")
    assert not is_inside(folder, folder / "a\0b")
