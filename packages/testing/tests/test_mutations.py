"""The tests of what clients rely on fail a host that breaks it."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
OBLIGATIONS = json.loads((HERE / "obligations.json").read_text("utf-8"))
SAFETY = sorted(entry["id"] for entry in OBLIGATIONS if entry["safety"])


@pytest.fixture(scope="module")
def found():
    """
    Break the host in every way, in one process of its own.
    """
    done = subprocess.run(
        [sys.executable, str(HERE / "mutations.py")],
        capture_output=True,
        text=True,
        cwd=HERE.parents[2],
        # A mutated host is meant to lie; it is its own run that judges it.
        env={name: value for name, value in os.environ.items() if name != "OPENWOP_WATCH"},
        timeout=1200,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_every_obligation_of_safety_has_a_mutation():
    spec = importlib.util.spec_from_file_location("openwop_mutations", HERE / "mutations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    assert sorted(module.MUTATIONS) == SAFETY


@pytest.mark.slow
@pytest.mark.parametrize("obligation", SAFETY)
def test_a_host_that_breaks_it_fails_a_test_that_cites_it(found, obligation):
    assert [] != found[obligation]["failed"], found[obligation]["ran"]
