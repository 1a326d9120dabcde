"""`FakeHost`: a real OpenWOP host in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from openwop_testing._json import JsonObject, as_object
from openwop_testing.agents import AgentStore
from openwop_testing.answers import Answer, Later
from openwop_testing.audit import INTERVAL, AuditLog
from openwop_testing.clock import VirtualClock
from openwop_testing.cursors import Cursors
from openwop_testing.discovery import Capabilities
from openwop_testing.engine import lifecycle
from openwop_testing.engine.scheduler import Engine
from openwop_testing.engine.services import Services
from openwop_testing.evals import Evals
from openwop_testing.faults import Faults
from openwop_testing.handlers import HANDLERS
from openwop_testing.hostevents import HostEvents
from openwop_testing.idempotency import IdempotencyTable
from openwop_testing.ids import Mint
from openwop_testing.keys import Keys
from openwop_testing.limits import RateLimiter
from openwop_testing.outbound import Deliveries, Outbound
from openwop_testing.pacer import Pacer
from openwop_testing.packs import PackCatalog
from openwop_testing.pipeline import Incoming, Pipeline
from openwop_testing.prompts import PromptLibrary
from openwop_testing.proposals import Proposals
from openwop_testing.recording import Calls
from openwop_testing.routes import ROUTES
from openwop_testing.stores import ContentStore, Plugin, ToolCatalog, WorkspaceFiles
from openwop_testing.tokens import DEFAULT_LIFETIME, Intent, Tokens
from openwop_testing.transports import AsyncInProcessTransport, InProcessTransport
from openwop_testing.triggers import Triggers
from openwop_testing.waiting import Waits
from openwop_testing.workflows import Workflows
from openwop_webhooks.dispatch import EgressGuard

__all__ = ["FakeHost"]


def _nowhere(host: str, port: int) -> list[str]:
    """Resolve no name: what is only recorded goes nowhere."""
    raise OSError(f"{host}:{port} is not looked up")


class FakeHost:
    """A host that executes workflows in memory, and answers both protocol majors.

    In process it brings virtual time: nothing ever sleeps, and time passes when a caller waits.

    Attributes:
        base_url: Where clients find it in process.
        api_key: The key of its first tenant, a test key with every scope.
        calls: The requests that reached it.
        clock: Its virtual clock.
        faults: What is scripted to go wrong.
        workflows: What it can run.
        keys: Who may ask.
        capabilities: What it advertises and serves.
        evals: Its evaluation suites.
        deliveries: The webhooks that it sent, and what their endpoints answer.
        triggers: Its subscriptions to outside events.
        events: Its channel of host events.
        audit: Its audit log.
        tools: Its tool catalogue.
        content: Its localised pages.
        files: Its workspace files.
        proposals: What waits for somebody to apply it.
        connections: The connection providers that it lists.
        connection_refusals: The providers that it refused.
        plugins: Its UI plugins, by pack and plugin.
        packs: The packs that were published for tests.
        prompts: Its prompt templates.
        agents: Its agents, their deployments and their roster.
        services: What nodes reach: memory, secrets, scripted answers of the mock model.
        limiter: Its rate limit; `host.limiter.limit = 5` sets one.
        keep_alive: Seconds of silence after which a stream sends a comment.

    Args:
        api_key: The first key.
        majors: The protocol majors to serve.
        capabilities: Changes to the capabilities: a family with `False` to take it away, or
            members to set in it.
        workflows: Definitions, or built workflows, to begin with.
        seed: What ids, and faults at random, are drawn from; the same seed gives the same.
        keep_alive: Seconds of silence after which a stream sends a comment; at most 30.
        minimum_client_version: The lowest `OpenWOP-Client-Version` that is served.
        base_url: The origin that in-process clients use.
        start: The Unix time at which its clock begins; without one, the first of January 2026.
        egress: Post webhooks for real, where this guard lets it; without one they are only
            recorded in `deliveries`.
    """

    def __init__(
        self,
        *,
        api_key: str = "hk_test_openwop",
        majors: Iterable[int] = (1, 2),
        capabilities: Mapping[str, Any] | None = None,
        workflows: Iterable[Any] = (),
        seed: int = 0,
        keep_alive: float = 15.0,
        minimum_client_version: str = "",
        base_url: str = "http://openwop.test",
        start: float | None = None,
        egress: EgressGuard | None = None,
    ) -> None:
        served = frozenset(majors)
        if not served or not served <= {1, 2}:
            raise ValueError("majors holds 1, 2 or both")
        self.base_url = base_url.rstrip("/")
        self.api_key = api_key
        self.keep_alive = keep_alive
        self.minimum_client = minimum_client_version
        self.lock = threading.RLock()
        self.mint = Mint(seed)
        self.clock = VirtualClock() if start is None else VirtualClock(start)
        self.calls = Calls()
        self.faults = Faults(seed)
        self.keys = Keys()
        self.keys.add(api_key)
        self.limiter = RateLimiter()
        self.capabilities = Capabilities(
            served, capabilities, minimum_client=minimum_client_version
        )
        self.workflows = Workflows()
        for workflow in workflows:
            self.workflows.add(workflow)
        self.prompts = PromptLibrary()
        self.agents = AgentStore()
        self.services = Services(self.capabilities, self.prompts, self.agents)
        self.tools = ToolCatalog()
        self.content = ContentStore()
        self.files = WorkspaceFiles()
        self.packs = PackCatalog()
        self.plugins: dict[tuple[str, str], Plugin] = {}
        self.connections: list[JsonObject] = []
        self.connection_refusals: list[JsonObject] = []
        self.deliveries = Deliveries()
        self.audit = AuditLog(self.clock, bytes.fromhex(self.mint.hex(64)))
        self.capabilities.sign_with(self.audit.public_key, INTERVAL)
        self.events = HostEvents(self)
        self.triggers = Triggers(self)
        self.proposals = Proposals(self)
        self.idempotency = IdempotencyTable()
        self.tokens = Tokens(self.mint.hex(64).encode())
        self.evals = Evals()
        self.cursors = Cursors(self.mint.hex(32).encode())
        self.engine = Engine(
            self.clock,
            self.mint,
            lambda: self.capabilities.limits,
            self.workflows.get,
            self.workflows.node_type,
            self.workflows.ids,
            self.services,
        )
        guard = egress or EgressGuard(resolver=_nowhere)
        self.outbound = Outbound(self, guard, network=egress is not None)
        self.engine.created.append(self.outbound.watch)
        self.waits = Waits(self.clock, self.lock)
        self.pacer = Pacer(self)
        self._pipeline = Pipeline(self, HANDLERS)
        self.clock.on_advance(self._time_passed)

    def handle(self, request: Incoming) -> Answer:
        """Answer one request; what a transport or a server calls.

        Raises:
            UnknownOperationError: There is no such operation in any major.
        """
        with self.lock:
            return self._pipeline.answer(request)

    def transport(self) -> InProcessTransport:
        """Return a transport, and clock, for a sync client."""
        return InProcessTransport(self)

    def async_transport(self) -> AsyncInProcessTransport:
        """Return a transport, and clock, for an async client, on asyncio or trio."""
        return AsyncInProcessTransport(self)

    def serve(
        self, port: int = 0, *, host: str = "127.0.0.1", virtual_time: bool = False
    ) -> AbstractContextManager[str]:
        """Serve the host on a port for the time of a `with` block, which is given its URL.

        Args:
            port: The port; 0 picks a free one.
            host: The address to listen on.
            virtual_time: Skip waits instead of living through them.
        """
        from openwop_testing.serving import serve

        return serve(self, port, host=host, virtual_time=virtual_time)

    def _time_passed(self) -> None:
        with self.lock:
            self.engine.settle()
            self.outbound.pump()
            self.waits.changed()

    def token(
        self,
        run_id: str,
        node_id: str,
        *,
        major: int = 2,
        intent: Intent = "resolve",
        lifetime: float = DEFAULT_LIFETIME,
    ) -> str:
        """Return a token for the interrupt that a node waits at, as a callback would carry it.

        Args:
            run_id: The run, bare or bound to its tenant.
            node_id: The node that waits.
            major: The major whose grammar the token has.
            intent: `resolve`, or `inspect` for one that only looks.
            lifetime: Seconds until it expires.

        Raises:
            KeyError: The run or its interrupt is not there.
        """
        with self.lock:
            run = self.engine.runs[run_id.rpartition("/")[2]]
            interrupt = run.interrupts[node_id]
            return self.tokens.issue(run, interrupt, major=major, intent=intent, lifetime=lifetime)

    def reset(self) -> None:
        """Forget runs, calls, faults and deliveries; keep what the host can run and offers."""
        with self.lock:
            for run in list(self.engine.runs.values()):
                if not run.terminal:
                    lifecycle.cancel(self.engine, run, reason="reset", by=None)
            self.engine.runs.clear()
            self.calls.clear()
            self.faults.clear()
            self.deliveries.clear()
            self.clock.slept.clear()
            self.idempotency = IdempotencyTable()
            self.waits.changed()

    def close(self) -> None:
        """Let go of threads; only a host that posts for real has any."""
        self.outbound.close()

    def verify(self) -> None:
        """Check that everything that was scripted has happened.

        Raises:
            AssertionError: A scripted fault, or answer to a webhook, was met by no request.
        """
        unmet = [*self.faults.unmet(), *self.deliveries.unmet()]
        if unmet:
            raise AssertionError("Scripted faults that nobody met:\n  " + "\n  ".join(unmet))

    def tell_runs(self, agent_id: str, event_type: str, payload: JsonObject) -> None:
        """Log what happened to an agent in every active run that it takes part in."""
        for run in list(self.engine.runs.values()):
            agents = {
                as_object(node.definition.get("agent")).get("agentId")
                for node in run.nodes.values()
            }
            if agent_id in agents and run.log and not run.terminal:
                run.emit(event_type, payload)

    def never(self, what: str) -> Later:
        """Return the promise of an answer that does not come."""

        def nothing() -> Answer:
            raise AssertionError("an answer that never comes was asked for")

        return Later(lambda: False, self.clock.house, None, nothing, what)

    def describe_unknown(self, method: str, path: str) -> str:
        """Say that nothing answers a path, and what does."""
        known = "\n".join(
            f"  {route.operation_id:24} {route.method:6} {route.v2 or route.v1}" for route in ROUTES
        )
        return f"No host of this protocol answers {method} {path}. The operations are:\n{known}"

    def __repr__(self) -> str:
        majors = ",".join(str(major) for major in sorted(self.capabilities.majors))
        return f"<FakeHost {self.base_url} majors={majors} runs={len(self.engine.runs)}>"
