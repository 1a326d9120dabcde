"""What a collector gets from real programs in which only the packages are installed."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = Path(__file__).with_name("programs")
LAUNCHER = Path(sysconfig.get_path("scripts")) / "opentelemetry-instrument"
OURS = "openwop_otel"
PRINTED = ["run.started", "node.completed", "run.completed"]

needs_launcher = pytest.mark.skipif(
    not LAUNCHER.exists(), reason="opentelemetry-distro is not installed"
)


def run(host: Any, url: str, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a program as a user would, with nothing but its environment."""
    base = {k: v for k, v in os.environ.items() if not k.startswith(("OTEL_", "OPENWOP_"))}
    found = subprocess.run(
        [*command, "asks"],
        env={
            **base,
            "OPENWOP_BASE_URL": url,
            "OPENWOP_API_KEY": host.api_key,
            "PYTHONWARNINGS": "default",
            **environ,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert 0 == found.returncode, found.stderr
    lines = found.stdout.splitlines()
    assert [kind for kind in PRINTED if kind in lines] == PRINTED
    assert "{}" == lines[-1]
    return found


def value(attribute: Any) -> Any:
    return getattr(attribute, attribute.WhichOneof("value"))


def attributes(span: Any) -> dict[str, Any]:
    return {item.key: value(item.value) for item in span.attributes}


def sent_to(collector: Any, **more: str) -> dict[str, str]:
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_SERVICE_NAME": "orders", **more}


def assert_complete(collector: Any, host: Any) -> list[Any]:
    """Check that every call of the program has one span, which the host was told of."""
    spans = [span for scope, span in collector.spans if scope == OURS]
    operations = [attributes(span)["openwop.operation"] for span in spans]
    assert 1 == operations.count("runs.create")
    assert 1 == operations.count("interrupts.resolve")
    assert 1 == operations.count("runs.stream")
    known = {(span.trace_id.hex(), span.span_id.hex()) for span in spans}
    told = {tuple(call.headers["traceparent"].split("-")[1:3]) for call in host.calls}
    assert told == known
    assert {3} == {span.kind for span in spans}  # CLIENT
    assert not any("Ada" in str(span) for span in spans)
    return spans


def test_a_program_with_an_sdk_of_its_own_is_traced_by_installing_alone(
    collector: Any, host: Any
) -> None:
    program = str(PROGRAMS / "configured.py")
    with host.serve() as url:
        run(host, url, sys.executable, program, **sent_to(collector))

    spans = assert_complete(collector, host)
    (order,) = [span for scope, span in collector.spans if scope == "program"]
    assert {order.span_id} == {span.parent_span_id for span in spans}
    measured = {metric.name: metric for scope, metric in collector.metrics if scope == OURS}
    assert {
        "openwop.client.active_calls",
        "openwop.client.call.attempts",
        "openwop.client.call.duration",
    } <= set(measured)
    attempts = measured["openwop.client.call.attempts"].sum.data_points
    assert len(host.calls) - 1 == sum(point.as_int for point in attempts)  # but for discovery
    active = measured["openwop.client.active_calls"].sum.data_points
    assert {0} == {point.as_int for point in active}


@needs_launcher
def test_the_launcher_and_the_entry_point_together_give_one_span_per_call(
    collector: Any, host: Any
) -> None:
    program = str(PROGRAMS / "plain.py")
    with host.serve() as url:
        run(
            host,
            url,
            str(LAUNCHER),
            sys.executable,
            program,
            **sent_to(
                collector,
                OTEL_TRACES_EXPORTER="otlp",
                OTEL_METRICS_EXPORTER="otlp",
                OTEL_LOGS_EXPORTER="none",
                OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf",
                # The HTTP library's spans have a test of their own.
                OTEL_PYTHON_DISABLED_INSTRUMENTATIONS="httpx,requests,urllib3",
            ),
        )

    assert_complete(collector, host)
    assert "openwop.client.call.duration" in {metric.name for _, metric in collector.metrics}


@needs_launcher
def test_the_launchers_own_switch_is_heard_on_both_routes(collector: Any, host: Any) -> None:
    program = str(PROGRAMS / "plain.py")
    with host.serve() as url:
        run(
            host,
            url,
            str(LAUNCHER),
            sys.executable,
            program,
            **sent_to(
                collector,
                OTEL_TRACES_EXPORTER="otlp",
                OTEL_METRICS_EXPORTER="none",
                OTEL_LOGS_EXPORTER="none",
                OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf",
                OTEL_PYTHON_DISABLED_INSTRUMENTATIONS="openwop,httpx,requests,urllib3",
            ),
        )

    assert [] == [span.name for scope, span in collector.spans if scope == OURS]
    assert not any("traceparent" in call.headers for call in host.calls)


@pytest.mark.parametrize("switch", ["OPENWOP_OTEL_DISABLED", "OTEL_SDK_DISABLED"])
def test_switched_off_by_the_environment_nothing_is_exported_or_sent(
    collector: Any, host: Any, switch: str
) -> None:
    program = str(PROGRAMS / "configured.py")
    with host.serve() as url:
        run(host, url, sys.executable, program, **sent_to(collector, **{switch: "true"}))

    assert [] == [span.name for scope, span in collector.spans if scope == OURS]
    assert [] == [metric.name for scope, metric in collector.metrics if scope == OURS]
    assert not any("traceparent" in call.headers for call in host.calls)


def test_a_program_without_an_sdk_runs_the_same_and_says_nothing(host: Any) -> None:
    with host.serve() as url:
        found = run(host, url, sys.executable, str(PROGRAMS / "plain.py"))

    assert "" == found.stderr
    assert not any("traceparent" in call.headers for call in host.calls)


def test_a_collector_that_refuses_everything_changes_nothing(collector: Any, host: Any) -> None:
    collector.failing = 400
    program = str(PROGRAMS / "configured.py")
    with host.serve() as url:
        run(host, url, sys.executable, program, **sent_to(collector))

    assert 0 < collector.refused
    assert all("traceparent" in call.headers for call in host.calls)


def test_without_the_package_the_program_is_the_same(host: Any, tmp_path: Path) -> None:
    # A finder in front hides the package, as if it had never been installed.
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.metadata as m\n"
        "found = m.entry_points\n"
        "m.entry_points = lambda **want: tuple(\n"
        "    e for e in found(**want) if not e.value.startswith('openwop_otel')\n"
        ")\n"
    )
    with host.serve() as url:
        program = str(PROGRAMS / "plain.py")
        run(host, url, sys.executable, program, PYTHONPATH=str(tmp_path))

    assert not any("traceparent" in call.headers for call in host.calls)
