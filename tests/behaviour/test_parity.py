"""The twins have the same names, the same arguments and the same defaults."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import openwop
from openwop import runtime

PAIRS = [
    (openwop.Client, openwop.AsyncClient),
    (openwop.RunHandle, openwop.AsyncRunHandle),
    (openwop.EventStream, openwop.AsyncEventStream),
    (openwop.Pager, openwop.AsyncPager),
    (openwop.HttpxTransport, openwop.AsyncHttpxTransport),
    (runtime.StreamedResponse, runtime.AsyncStreamedResponse),
]
# Python's own names for the same thing in the two colours.
TWINS = {
    "close": "aclose",
    "__enter__": "__aenter__",
    "__exit__": "__aexit__",
    "__iter__": "__aiter__",
    "__next__": "__anext__",
}
# A blocking read cannot be watched from outside, so only the asynchronous colour says this.
OF_ONE_COLOUR = {"keeps_bounds"}


def public(cls: type[Any]) -> dict[str, Any]:
    return {
        name: member
        for name, member in inspect.getmembers(cls)
        if not name.startswith("_") or name in TWINS or name in TWINS.values() or name == "__init__"
    }


def shape(function: Any) -> list[tuple[str, Any, Any]]:
    return [
        (p.name, p.kind, p.default)
        for p in inspect.signature(function).parameters.values()
        if p.name != "self"
    ]


@pytest.mark.parametrize(("blocking", "waiting"), PAIRS, ids=lambda cls: cls.__name__)
def test_the_twins_have_the_same_names(blocking: type[Any], waiting: type[Any]) -> None:
    expected = {TWINS.get(name, name) for name in public(blocking)}

    assert expected == set(public(waiting)) - OF_ONE_COLOUR


@pytest.mark.parametrize(("blocking", "waiting"), PAIRS, ids=lambda cls: cls.__name__)
def test_the_twins_take_the_same_arguments(blocking: type[Any], waiting: type[Any]) -> None:
    for name, member in public(blocking).items():
        twin = getattr(waiting, TWINS.get(name, name))
        if not inspect.isfunction(member):
            assert not inspect.isfunction(twin), name
            continue
        ours, theirs = shape(member), shape(twin)
        if name == "__init__" and blocking is openwop.HttpxTransport:
            ours = [(n, k, 0 if n == "max_connections" else d) for n, k, d in ours]
            theirs = [(n, k, 0 if n == "max_connections" else d) for n, k, d in theirs]
        assert ours == theirs, name


def resources(client: type[Any]) -> dict[str, type[Any]]:
    made = client("http://127.0.0.1:9")
    names = [
        name
        for name, member in inspect.getmembers(client)
        if not name.startswith("_") and type(member).__name__ == "cached_property"
    ]
    return {name: type(getattr(made, name)) for name in names}


def test_every_resource_has_the_same_methods_in_both_colours() -> None:
    blocking, waiting = resources(openwop.Client), resources(openwop.AsyncClient)

    assert set(blocking) == set(waiting)
    for name, cls in blocking.items():
        twin = waiting[name]
        ours = {n: m for n, m in public(cls).items() if inspect.isfunction(m) and n != "__init__"}
        theirs = {
            n: m for n, m in public(twin).items() if inspect.isfunction(m) and n != "__init__"
        }
        assert set(ours) == set(theirs), name
        for method, function in ours.items():
            assert shape(function) == shape(theirs[method]), f"{name}.{method}"


def test_the_hand_written_twins_are_what_they_are_derived_as() -> None:
    import subprocess
    import sys
    from pathlib import Path

    tool = Path(__file__).resolve().parents[2] / "tools" / "twins.py"
    if not tool.exists() or not (tool.parent.parent / "packages").exists():
        pytest.skip("only in a checkout: tools/twins.py is not there")
    done = subprocess.run(
        [sys.executable, str(tool), "--check"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
