"""What importing the package costs: nothing that is not needed yet."""

from __future__ import annotations

import subprocess
import sys

import pytest


def modules_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def imported_by(statement: str) -> str:
    done = subprocess.run(
        [sys.executable, "-I", "-X", "importtime", "-c", statement],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr


def test_importing_the_package_imports_no_http_library() -> None:
    listing = imported_by("import openwop")

    assert "openwop" in listing
    for heavy in ("httpx", "httpcore", "anyio", "cattrs", "pluggy", "asyncio"):
        assert f" {heavy}\n" not in listing


def test_importing_the_package_defines_no_generated_class() -> None:
    loaded = modules_after("import openwop")

    assert [name for name in loaded if name.startswith("openwop._generated")] == []


def test_errors_are_at_hand_without_models_or_events() -> None:
    loaded = modules_after("import openwop\nopenwop.NotFoundError")

    assert "httpx" not in loaded
    assert [name for name in loaded if name.startswith("openwop._generated")] == []


def test_making_a_client_defines_no_payload_class() -> None:
    loaded = modules_after("import openwop\nopenwop.Client('http://127.0.0.1:9')")

    domains = [name for name in loaded if name.startswith("openwop._generated.payloads.")]
    assert domains == []
    assert "httpx" in loaded


@pytest.mark.parametrize("name", ["Client", "AsyncClient", "RunHandle", "EventRouter", "hookimpl"])
def test_public_names_are_listed_and_found(name: str) -> None:
    import openwop

    assert name in openwop.__all__
    assert name in dir(openwop)
    assert getattr(openwop, name) is not None


def test_every_public_name_can_be_had() -> None:
    import openwop

    assert len(set(openwop.__all__)) == len(openwop.__all__)
    for name in openwop.__all__:
        assert getattr(openwop, name) is not None


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    import openwop

    with pytest.raises(AttributeError, match="Cleint"):
        openwop.Cleint  # noqa: B018
