"""The soaks are programs; their short forms are tests, which load them by path."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def soak(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Import a soak by its name."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return importlib.import_module
