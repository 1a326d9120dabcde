"""Watches the fake hosts that tests start as programs of their own.

Python imports this at start-up where the conftest of the repository has put this folder on the
path.  It does nothing until a program imports the fake host.
"""

import os
import sys


class _OnceTheHostIsThere:
    """Lets the import of the host go on as it is, and watches what came of it."""

    def find_spec(self, name, path=None, target=None):
        if name != "openwop_testing.host":
            return None
        sys.meta_path.remove(self)
        import importlib.util
        from pathlib import Path

        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module):
                execute(module)
                # By its place: a program may have a search path of its own by now.
                place = Path(__file__).with_name("host_watch.py")
                found = importlib.util.spec_from_file_location("host_watch", place)
                watching = importlib.util.module_from_spec(found)
                found.loader.exec_module(watching)
                watch = watching.Watch(_tell)
                watch.exact = False
                watch.start()

            spec.loader.exec_module = exec_module
        return spec


def _tell(problem):
    from pathlib import Path

    with Path(os.environ["OPENWOP_WATCH"]).open("a", encoding="utf-8") as report:
        report.write(problem.replace("\n", " ") + "\n")


if os.environ.get("OPENWOP_WATCH"):
    sys.meta_path.insert(0, _OnceTheHostIsThere())
