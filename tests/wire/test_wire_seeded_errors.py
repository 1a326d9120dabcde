"""An error in a description does not go unnoticed: each of these fails a check.

Each seed is one wrong fact in a copy of spec/. The client is generated from the copy, and is then
held to the table of this folder, or the copy to the published schemas. Without a seed both pass.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from openwop_codegen.config import load_config
from openwop_codegen.generate import generate, write

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
# Each seed runs a copy of the sources, which says nothing about the coverage of the sources.
UNMEASURED = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
# What the two majors type differently, by their references (v1-to-v2.md); the models hold either.
KNOWN_DIFFERENCES = {
    *(("Capabilities", "conversationPrimitive"), ("Capabilities", "discovery")),
    *(("Capabilities", "envelopeStrictness"), ("Capabilities", "observability")),
    *(("Capabilities", "schemaVersions"), ("Capabilities", "supportedEnvelopes")),
    ("RunSnapshot", "engineVersion"),
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (ROOT / "spec").is_dir(), reason="the descriptions are not here"),
]


@attrs.frozen
class Seed:
    """One wrong fact.

    Attributes:
        name: What is wrong.
        operation: The operation that is tried; empty where the published shapes must notice.
        file: The file of the copy.
        after: The text behind which it stands; empty for the beginning of the file.
        right: What is said there.
        wrong: What the seed says.
        found: What a problem that shows it contains.
    """

    name: str
    operation: str
    file: str
    after: str
    right: str
    wrong: str
    found: str


SEEDS = (
    Seed(
        "wrong path",
        "cancelRun",
        "v2/openapi.yaml",
        "\npaths:",
        "/runs/{runId}/cancel:",
        "/runs/{runId}:stop:",
        "cancelRun 2: POST /runs/acme~2Fr-9f3c2b1a8d7e6f50:stop for",
    ),
    Seed(
        "wrong verb",
        "reviseProposal",
        "v2/paths/proposals.yaml",
        "",
        "  patch:\n    operationId: reviseProposal",
        "  put:\n    operationId: reviseProposal",
        "reviseProposal 2: PUT",
    ),
    Seed(
        "wrong parameter name",
        "verifyAuditLog",
        "v2/paths/audit.yaml",
        "operationId: verifyAuditLog",
        "name: fromSeq",
        "name: fromSequence",
        "verifyAuditLog 2: raises",
    ),
    Seed(
        "wrong type",
        "getEvalSummary",
        "common/run-analysis.yaml",
        "\nEvalSummary:",
        "taskCount:\n      type: integer",
        "taskCount:\n      type: string",
        "EvalSummary.taskCount: expected str, got int",
    ),
    Seed(
        "wrong type in one major",
        "listAgents",
        "v2/schemas/agents.yaml",
        "\nAgentInventory:",
        "total:\n      type: integer",
        "total:\n      type: string",
        "AgentInventory.total is typed differently by the majors",
    ),
    Seed(
        "required mark missing",
        "forkRun",
        "v2/schemas/runs.yaml",
        "ForkRequest:",
        "required: [mode]",
        "required: []",
        "forkRun 2: is sent without mode",
    ),
    Seed(
        "required mark too many",
        "listRuns",
        "v2/paths/runs.yaml",
        "operationId: listRuns",
        "in: query",
        "in: query\n        required: true",
        "listRuns 2: is not sent with what is required",
    ),
    Seed(
        "missing field",
        "listConnectionProviders",
        "v2/schemas/connections.yaml",
        "\nConnectionProviderRefusal:",
        "    heldBy:\n",
        "    holder:\n",
        "listConnectionProviders 2: returns nothing at refusals.0.held_by",
    ),
    Seed(
        "wrong location",
        "getContentPage",
        "v1/paths/content.yaml",
        "",
        "in: header",
        "in: query",
        "getContentPage 1: GET /v1/content/pages/home?Accept-Language=",
    ),
    Seed(
        "wrong success shape",
        "resolveConnectionProvider",
        "v2/paths/connections.yaml",
        "operationId: resolveConnectionProvider",
        '#/ConnectionProvider"',
        '#/ConnectionProviderRegistry"',
        "resolveConnectionProvider 2: raises",
    ),
    Seed(
        "wrong gate",
        "listRuns",
        "v2/paths/runs.yaml",
        "operationId: listRuns",
        "x-openwop-gate: runList",
        "x-openwop-gate: runs.list",
        "listRuns 2: has the gate runs.list for runList",
    ),
    Seed(
        "key not honoured",
        "createRun",
        "v2/paths/runs.yaml",
        "operationId: createRun",
        '      - { $ref: "../parameters.yaml#/IdempotencyKey" }\n',
        "",
        "createRun 2: is repeated where it must not be, or the reverse",
    ),
    Seed(
        "credential where none goes",
        "inspectInterruptByToken",
        "v1/paths/interrupts.yaml",
        "operationId: inspectInterruptByToken",
        "security: []",
        "deprecated: false",
        "inspectInterruptByToken 1: headers",
    ),
    Seed(
        "tenant-bound id as an ordinary one",
        "getRun",
        "v2/parameters.yaml",
        "RunId:",
        "x-openwop-kind: run-id",
        "x-openwop-secret: false",
        "getRun 2: GET /runs/acme%2Fr-9f3c2b1a8d7e6f50",
    ),
    Seed(
        "wrong enumeration",
        "",
        "common/run-analysis.yaml",
        "",
        "enum: [added, removed, changed]",
        "enum: [added, deleted, changed]",
        "run-diff-response",
    ),
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with what a generation needs, and the tests of the published shapes."""
    home = tmp_path_factory.mktemp("seeded")
    root = home / "checkout"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "spec", root / "spec", ignore=ignored)
    package = Path("packages") / "core" / "src" / "openwop"
    shutil.copytree(ROOT / package, root / package, ignore=ignored)
    (root / "tests" / "spec").mkdir(parents=True)
    for test in (ROOT / "tests" / "spec").glob("test_published_*.py"):
        shutil.copy(test, root / "tests" / "spec")
    if SHARED.is_dir():
        (home / "shared").symlink_to(SHARED, target_is_directory=True)
    return root


def regenerate(root: Path) -> list[str]:
    """Generate the client of *root*, and return what its majors type differently by mistake."""
    config = load_config(root / "spec" / "openwop" / "codegen.toml")
    assert config.output.is_relative_to(root)
    result = generate(config)
    write(config, result.files)
    merged = [finding for finding in result.report.findings if finding.kind == "merged"]
    found = {
        (finding.where.rpartition("/")[2], finding.message.split("'")[1]) for finding in merged
    }
    return [
        f"{model}.{member} is typed differently by the majors"
        for model, member in sorted(found - KNOWN_DIFFERENCES)
    ]


def on_the_wire(root: Path, *operations: str) -> list[str]:
    """Return the problems that the table finds in the client of *root*."""
    source = root / "packages" / "core" / "src"
    path = os.pathsep.join([str(source), str(ROOT / "tests" / "wire")])
    done = subprocess.run(
        [sys.executable, "-m", "openwop_wire", *operations],
        env={**UNMEASURED, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    said: dict[str, Any] = json.loads(done.stdout)
    assert Path(said["openwop"]).is_relative_to(source)
    return list(said["problems"])


def as_published(root: Path) -> list[str]:
    """Return the tests of published shapes that fail in *root*."""
    options = ["-q", "-p", "no:cacheprovider", "-c", os.devnull, "--import-mode=importlib"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", str(root), "tests/spec"],
        env={**UNMEASURED, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stdout
    return [line for line in done.stdout.splitlines() if line.startswith("FAILED")]


@pytest.fixture
def planted(copy: Path) -> Iterator[Callable[[Seed], None]]:
    """Plant a seed in the copy; the description is put right again behind the test."""
    touched: dict[Path, str] = {}

    def plant(seed: Seed) -> None:
        file = copy / "spec" / "openwop" / seed.file
        good = touched[file] = file.read_text(encoding="utf-8")
        at = good.index(seed.right, good.index(seed.after))
        file.write_text(good[:at] + seed.wrong + good[at + len(seed.right) :], encoding="utf-8")

    yield plant
    for file, good in touched.items():
        file.write_text(good, encoding="utf-8")


def test_the_descriptions_as_they_are_pass_every_check(copy: Path) -> None:
    assert [] == regenerate(copy)
    assert [] == on_the_wire(copy, *(seed.operation for seed in SEEDS))
    if SHARED.is_dir():
        assert [] == as_published(copy)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name)
def test_a_seeded_error_is_found(copy: Path, planted: Callable[[Seed], None], seed: Seed) -> None:
    planted(seed)

    if seed.operation:
        found = regenerate(copy) + on_the_wire(copy, seed.operation)
    elif SHARED.is_dir():
        found = as_published(copy)
    else:
        pytest.skip("the published schemas are not beside this checkout")

    assert [problem for problem in found if seed.found in problem], found
