"""Install each extra of each package alone, by path, on each Python, and use what it promises.

    python tools/extras.py DIST [PYTHON ...]

DIST holds the wheels.  Every environment is new, and holds nothing that was not asked for.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

PYTHONS = ("3.11", "3.12", "3.13")
START = "import openwop; openwop.Client('http://127.0.0.1:1', load_plugins=True).close(); "
HOST = (
    "import openwop; from openwop_testing import FakeHost, Workflow; "
    "host = FakeHost(workflows=[Workflow('w').node('n', outputs={'x': 1}, primary=True)]); "
    "client = openwop.Client(host.base_url, api_key=host.api_key, transport=host.transport()); "
    "assert client.runs.start('w').result(timeout=9) == {'x': 1}"
)
WEBHOOKS = "import openwop_webhooks as w; w.Verifier(w.make_secret()); "
COMMAND = (
    "import subprocess, sys; command = [sys.executable, '-m', 'openwop.cli', '--help']; "
    "subprocess.run(command, check=True, capture_output=True)"
)
# The wheels to install, with the extra on the last one; what to do with it.
CASES: dict[str, tuple[list[str], str]] = {
    "openwop": (["openwop"], START),
    "openwop[aiohttp]": (["openwop"], "from openwop.transports import AiohttpTransport"),
    "openwop[urllib3]": (
        ["openwop"],
        "from openwop.transports import Urllib3Transport; Urllib3Transport().close()",
    ),
    "openwop[httpx2]": (
        ["openwop"],
        "from openwop import HttpxTransport; HttpxTransport(library='httpx2').close()",
    ),
    "openwop[speed]": (["openwop"], START + "import msgspec"),
    "openwop[verify]": (
        ["openwop"],
        "from openwop import audit; import cryptography, jsonschema, referencing",
    ),
    "openwop[cli]": (
        ["openwop"],
        COMMAND,
    ),
    "openwop[otel]": (["openwop-otel", "openwop"], START + "import openwop_otel"),
    "openwop[webhooks]": (["openwop-webhooks", "openwop"], WEBHOOKS),
    "openwop[testing]": (["openwop-webhooks", "openwop-testing", "openwop"], HOST),
    "openwop[all]": (["openwop-webhooks", "openwop-testing", "openwop-otel", "openwop"], HOST),
    "openwop-otel": (["openwop", "openwop-otel"], START),
    "openwop-otel[instrumentation]": (
        ["openwop", "openwop-otel"],
        "from openwop_otel.instrumentor import OpenWOPInstrumentor; OpenWOPInstrumentor()",
    ),
    "openwop-webhooks": (["openwop", "openwop-webhooks"], WEBHOOKS),
    "openwop-webhooks[aiohttp]": (
        ["openwop", "openwop-webhooks"],
        WEBHOOKS + "import openwop_webhooks.adapters.aiohttp",
    ),
    "openwop-webhooks[django]": (
        ["openwop", "openwop-webhooks"],
        WEBHOOKS + "import openwop_webhooks.adapters.django",
    ),
    "openwop-webhooks[fastapi]": (
        ["openwop", "openwop-webhooks"],
        WEBHOOKS + "import openwop_webhooks.adapters.fastapi",
    ),
    "openwop-webhooks[flask]": (
        ["openwop", "openwop-webhooks"],
        WEBHOOKS + "import openwop_webhooks.adapters.flask",
    ),
    "openwop-webhooks[redis]": (
        ["openwop", "openwop-webhooks"],
        "from openwop_webhooks import RedisReplayGuard; import redis",
    ),
    "openwop-webhooks[starlette]": (
        ["openwop", "openwop-webhooks"],
        WEBHOOKS + "import openwop_webhooks.adapters.starlette",
    ),
    "openwop-webhooks[cli]": (
        ["openwop[cli]", "openwop-webhooks"],
        "from openwop_webhooks.cli import app",
    ),
    "openwop-testing": (["openwop", "openwop-webhooks", "openwop-testing"], HOST),
    "openwop-testing[hypothesis]": (
        ["openwop", "openwop-webhooks", "openwop-testing"],
        "import openwop_testing.strategies",
    ),
    "openwop-testing[cli]": (
        ["openwop[cli]", "openwop-webhooks", "openwop-testing"],
        "from openwop_testing.cli import app",
    ),
    "openwop-codegen": (
        ["openwop", "openwop-codegen"],
        "from openwop_codegen.cli import main",
    ),
    "openwop-codegen[cli]": (
        ["openwop[cli]", "openwop-codegen"],
        "from openwop_codegen.command import app",
    ),
}


def requirement(name: str, dist: Path) -> str:
    """Return *name*, with its extra, as a requirement on a file."""
    plain, bracket, extra = name.partition("[")
    [wheel] = dist.glob(f"{plain.replace('-', '_')}-*.whl")
    return f"{plain}{bracket}{extra} @ {wheel.resolve().as_uri()}"


def tried(python: str, case: str, dist: Path) -> str:
    """Install *case* on *python* and use it; return what went wrong."""
    wheels, program = CASES[case]
    wanted = [requirement(name, dist) for name in wheels[:-1]] + [requirement(case, dist)]
    with tempfile.TemporaryDirectory() as temporary:
        environment = Path(temporary) / "env"
        inside = str(environment / "bin" / "python")
        steps = [
            ["uv", "venv", "-q", "--no-python-downloads", "--python", python, str(environment)],
            ["uv", "pip", "install", "-q", "--python", inside, *wanted],
            ["uv", "pip", "check", "-q", "--python", inside],
            [inside, "-I", "-W", "error", "-c", program],
        ]
        for step in steps:
            done = subprocess.run(step, cwd=temporary, capture_output=True, check=False, text=True)
            if done.returncode != 0:
                return (done.stderr or done.stdout).strip()
    return ""


def main(dist: Path, pythons: tuple[str, ...]) -> int:
    """Try every case on every Python that is there."""
    failures = 0
    for python in pythons:
        found = ["uv", "python", "find", "-q", "--no-python-downloads", python]
        if subprocess.run(found, capture_output=True, check=False).returncode != 0:
            print(f"Python {python} is not here")
            continue
        for case in CASES:
            wrong = tried(python, case, dist)
            failures += bool(wrong)
            print(f"{python}  {case:32} {'ok' if not wrong else 'FAILED'}", flush=True)
            if wrong:
                print(f"    {wrong[-1500:]}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), tuple(sys.argv[2:]) or PYTHONS))
