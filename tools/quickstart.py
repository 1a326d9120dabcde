"""Serve the fake host on a free port, and run both quickstarts against it over a real socket.

    python tools/quickstart.py [sync | async]

The host is a process of its own and is stopped at the end, whatever happens.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
SCRIPTS = {"sync": EXAMPLES / "quickstart.py", "async": EXAMPLES / "quickstart_async.py"}
API_KEY = "hk_test_quickstart"
READY = re.compile(r"https?://\S+")
PATIENCE = 60.0


@contextmanager
def fake_host() -> Iterator[str]:
    """Yield the URL of a host that knows the workflows of the examples."""
    command = [
        str(Path(sys.executable).with_name("openwop-fake-host")),
        *("--port", "0"),
        *("--api-key", API_KEY),
        *("--workflows", str(EXAMPLES / "workflows")),
    ]
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as host,
    ):
        giving_up = Timer(PATIENCE, host.kill)
        giving_up.start()
        try:
            assert host.stdout is not None
            ready = next((line for line in host.stdout if READY.search(line)), "")
            giving_up.cancel()
            found = READY.search(ready)
            if found is None:
                log.seek(0)
                sys.exit(f"the fake host did not start:\n{log.read().decode(errors='replace')}")
            print(ready.rstrip(), flush=True)
            yield found.group()
        finally:
            giving_up.cancel()
            host.terminate()
            try:
                host.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                host.kill()


def main(names: list[str]) -> int:
    with fake_host() as url:
        environment = {
            **os.environ,
            "OPENWOP_BASE_URL": url,
            "OPENWOP_API_KEY": API_KEY,
            "PYTHONUNBUFFERED": "1",
        }
        for name in names or SCRIPTS:
            script = SCRIPTS[name]
            print(f"\n$ python {script.relative_to(ROOT)}", flush=True)
            done = subprocess.run([sys.executable, str(script)], env=environment, check=False)
            if done.returncode != 0:
                return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
