"""The output as a whole: reviewable, the same every time, and what stands in the repository."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

import openwop
from openwop.wire import AsyncOpenResponse, OpenResponse, Request
from openwop_codegen import cli
from openwop_codegen.config import load_config
from openwop_codegen.generate import differences, generate

GOLDEN = Path(__file__).parent / "golden"
HINT = "review the difference, then run openwop-codegen generate --config "


@pytest.mark.parametrize("name", sorted(path.name for path in GOLDEN.iterdir()))
def test_a_document_generates_what_was_reviewed(name: str) -> None:
    config = load_config(GOLDEN / name / "codegen.toml")

    lines = differences(config, generate(config).files)

    assert [] == lines, f"{HINT}{GOLDEN / name / 'codegen.toml'}"


def test_what_is_committed_is_what_the_descriptions_say(spec: Path) -> None:
    config = load_config(spec / "codegen.toml")

    lines = differences(config, generate(config, strict=True).files)

    assert [] == lines, f"{HINT}spec/openwop/codegen.toml"


def test_the_order_of_a_document_decides_no_name_and_no_type(tmp_path: Path) -> None:
    def shuffled(value: Any, seed: int) -> Any:
        if isinstance(value, dict):
            keys = sorted(value)
            random.Random(seed).shuffle(keys)
            return {key: shuffled(value[key], seed) for key in keys}
        return [shuffled(item, seed) for item in value] if isinstance(value, list) else value

    source = GOLDEN / "library"
    config = load_config(source / "codegen.toml")
    from openwop_codegen.loader import Loader

    document = Loader(source).document(source / "openapi.yaml")
    results = []
    for seed in range(3):
        folder = tmp_path / str(seed)
        folder.mkdir()
        path = folder / "openapi.yaml"
        path.write_text(json.dumps(shuffled(document, seed)), encoding="utf-8")
        files = generate(attrs.evolve(config, root=folder, documents={"": path})).files
        names = {
            name: sorted({line.strip() for line in text.splitlines() if line.startswith("class ")})
            for name, text in files.items()
        }
        results.append(names)

    assert results[0] == results[1] == results[2]


def test_two_generations_are_the_same_to_the_byte(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "openwop_codegen.cli", "generate", "--config"]
    outputs: list[dict[str, bytes]] = []
    for seed in ("0", "1"):
        target = tmp_path / seed
        done = subprocess.run(
            [*command, str(GOLDEN / "library" / "codegen.toml"), "--output", str(target)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=False,
        )
        assert 0 == done.returncode, done.stderr
        outputs.append(
            {
                path.relative_to(target).as_posix(): path.read_bytes()
                for path in target.rglob("*.py")
            }
        )

    assert outputs[0] == outputs[1]


@pytest.mark.slow
def test_the_generated_source_is_clean_under_the_strict_type_checker() -> None:
    mypy = pytest.importorskip("mypy.api")

    out, err, code = run_mypy(mypy)

    assert 0 == code, out + err


def run_mypy(mypy: Any) -> tuple[str, str, int]:
    """Type-check the reviewed output."""
    folder = GOLDEN / "library" / "expected"
    before = os.environ.get("MYPYPATH")
    os.environ["MYPYPATH"] = str(folder)
    try:
        result: tuple[str, str, int] = mypy.run(
            ["--strict", "--config-file=", "--no-incremental", "-p", "library_client"]
        )
    finally:
        os.environ.pop("MYPYPATH")
        if before is not None:
            os.environ["MYPYPATH"] = before
    return result


# A made-up operation ------------------------------------------------------------------------------


class Body:
    """The bytes of an answer, for both colours."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __iter__(self) -> Iterator[bytes]:
        return iter([self.data])

    async def __aiter__(self) -> Any:
        yield self.data

    def close(self) -> None:
        """Nothing is open."""

    async def aclose(self) -> None:
        """Nothing is open."""


class Answering:
    """Answers discovery as a host of both majors, and everything else with a gadget."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def answer(self, request: Request) -> tuple[dict[str, str], bytes]:
        self.requests.append(request)
        headers = {"Content-Type": "application/json", "OpenWOP-Version": "2.0"}
        if request.url.endswith("/.well-known/openwop"):
            body: Any = {"protocolVersions": ["1.11", "2.0"], "preferredVersion": "1.11"}
        else:
            body = {"gadgetId": "g/1", "mood": "new", "serial": 7}
        return headers, json.dumps(body).encode()


class Blocking(Answering):
    def send(self, request: Request) -> OpenResponse:
        headers, body = self.answer(request)
        return OpenResponse(200, headers, Body(body))

    def close(self) -> None:
        """Nothing is open."""


class Waiting(Answering):
    async def send(self, request: Request) -> AsyncOpenResponse:
        headers, body = self.answer(request)
        return AsyncOpenResponse(200, headers, Body(body))

    async def aclose(self) -> None:
        """Nothing is open."""


GADGET = """
/v1/gadgets/{gadgetId}:
  get:
    operationId: getGadget
    tags: [gadgets]
    summary: Read one gadget.
    description: A gadget is made up for this test.
    x-openwop-section: §99.9
    x-openwop-gate: gadgets
    x-openwop-scope: gadgets:read
    parameters:
      - name: gadgetId
        in: path
        required: true
        description: The gadget's id.
        schema: { type: string }
      - { name: deep, in: query, description: Look inside too., schema: { type: boolean } }
    responses:
      "200":
        description: The gadget.
        content: { application/json: { schema: { $ref: "#/Gadget" } } }
      "404": { $ref: "../../common/responses.yaml#/NotFound" }
    x-openwop-codes: { "404": [not_found] }
Gadget:
  type: object
  description: Something made up.
  required: [gadgetId, mood]
  properties:
    gadgetId: { type: string, description: Its id. }
    mood: { type: string, enum: [fine, tired], x-openwop-open-enum: true, description: How it is. }
    serial: { type: integer, description: Its number. }
  additionalProperties: false
"""


@pytest.fixture
def gadgets(spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return the package that a copy of the descriptions with one more operation generates."""
    copy = tmp_path / "spec" / "openwop"
    shutil.copytree(spec, copy)
    for major, path in (("v1", "/v1/gadgets/{gadgetId}"), ("v2", "/gadgets/{gadgetId}")):
        text = GADGET.replace("/v1/gadgets", path.partition("/{")[0])
        (copy / major / "paths" / "gadgets.yaml").write_text(text, encoding="utf-8")
        pointer = path.replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
        root = copy / major / "openapi.yaml"
        added = f'  {path}:\n    $ref: "paths/gadgets.yaml#/{pointer}"\n'
        root.write_text(
            root.read_text(encoding="utf-8").replace("\npaths:\n", f"\npaths:\n{added}", 1),
            encoding="utf-8",
        )
    settings = (copy / "codegen.toml").read_text(encoding="utf-8")
    settings = settings.replace('package = "openwop._generated"', 'package = "made_up"')
    settings = settings.replace("[names]", '[names]\ngetGadget = "gadgets.get"')
    (copy / "codegen.toml").write_text(settings, encoding="utf-8")
    assert 0 == cli.main(
        ["generate", "--config", str(copy / "codegen.toml"), "--output", str(tmp_path / "made_up")]
    )
    monkeypatch.syspath_prepend(tmp_path)
    import made_up.resources.gadgets as module  # type: ignore[import-not-found]

    yield module
    for name in [name for name in sys.modules if name.partition(".")[0] == "made_up"]:
        del sys.modules[name]


@pytest.mark.parametrize(("major", "path"), [(1, "/v1/gadgets/g%2F1"), (2, "/gadgets/g%2F1")])
def test_a_made_up_operation_works_without_a_hand_edit(gadgets: Any, major: int, path: str) -> None:
    transport = Blocking()
    with openwop.Client(
        "http://host.test", api_key="k" * 20, transport=transport, protocol=major
    ) as client:
        gadget = gadgets.Gadgets(client).get("g/1", deep=True)

    assert ("g/1", "new", 7) == (gadget.gadget_id, gadget.mood, gadget.serial)
    assert f"http://host.test{path}?deep=true" == transport.requests[-1].url


def test_a_made_up_operation_works_on_the_asynchronous_twin(gadgets: Any) -> None:
    import anyio

    transport = Waiting()

    async def main() -> Any:
        async with openwop.AsyncClient(
            "http://host.test", api_key="k" * 20, transport=transport, protocol=2
        ) as client:
            return await gadgets.AsyncGadgets(client).get("g/1")

    assert "g/1" == anyio.run(main).gadget_id


def test_a_made_up_operation_is_documented(gadgets: Any) -> None:
    doc = gadgets.Gadgets.get.__doc__

    for words in (
        "Read one gadget.",
        "A gadget is made up for this test.",
        "gadget_id: The gadget's id.",
        "NotFoundError: 404, `not_found`.",
        "Major 2: `GET /gadgets/{gadgetId}`, §99.9, capability `gadgets`, scope `gadgets:read`.",
    ):
        assert words in doc


# The command line ---------------------------------------------------------------------------------


def test_a_check_fails_on_a_difference_and_shows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "codegen.toml"
    shutil.copytree(GOLDEN / "library", tmp_path, dirs_exist_ok=True)
    command = ["generate", "--config", str(config), "--check"]
    assert 0 == cli.main(command)
    touched = tmp_path / "expected" / "library_client" / "models" / "books.py"
    touched.write_text(touched.read_text().replace("A book.", "A brook."))

    assert 1 == cli.main(command)

    assert '-    r"""A brook.' in capsys.readouterr().err


def test_a_file_that_an_earlier_generation_left_is_found_and_removed(tmp_path: Path) -> None:
    shutil.copytree(GOLDEN / "library", tmp_path, dirs_exist_ok=True)
    command = ["generate", "--config", str(tmp_path / "codegen.toml")]
    left = tmp_path / "expected" / "library_client" / "models" / "gone.py"
    left.write_text("")

    assert 1 == cli.main([*command, "--check"])
    assert 0 == cli.main(command)
    assert not left.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "codegen.toml: names no documents"),
        ('documents.a = "gone.yaml"\npackage = "p"', "gone.yaml: cannot be read"),
        ('documents.a = "bad.yaml"\npackage = "p"', "bad.yaml: is no YAML"),
        ('documents.a = "broken.yaml"\npackage = "p"', "broken.yaml#/paths/~1a: refers to #/nope"),
        ('documents.a = "ok.yaml"\npackage = "p"\ntypo = 1', "codegen.toml: has no setting typo"),
        ("documents = 3 =", "codegen.toml: cannot be read"),
    ],
)
def test_a_mistake_is_told_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    (tmp_path / "codegen.toml").write_text(text, encoding="utf-8")
    (tmp_path / "bad.yaml").write_text("a: [", encoding="utf-8")
    (tmp_path / "ok.yaml").write_text("openapi: 3.1.0", encoding="utf-8")
    (tmp_path / "broken.yaml").write_text('paths: {/a: {$ref: "#/nope"}}', encoding="utf-8")

    assert 2 == cli.main(["generate", "--config", str(tmp_path / "codegen.toml")])

    assert message in capsys.readouterr().err
