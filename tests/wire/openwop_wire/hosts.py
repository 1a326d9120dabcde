"""Discovery, workflows, host operations, test packs: v1.md section 7, v2.md sections 11.1, 21."""

from __future__ import annotations

from openwop_wire.case import INVALID, V1_RUN, V1_RUN_PATH, Case, Fault, Wire, both

_TARBALL = b"\x1f\x8b\x00tar"
_PACKS = "packs.testMode.supported"
_PACK = {"name": "acme.pack", "version": "1.0.0-rc.1"}
_PACK_PATH = "/v1/packs-test/acme.pack/-/1.0.0-rc.1"

CASES: tuple[Case, ...] = (
    Case(
        "getCapabilities",
        "discovery.capabilities",
        {"if_none_match": '"old"'},
        v1=Wire(
            "GET",
            "/.well-known/openwop",
            anonymous=True,
            headers={"if-none-match": '"old"'},
            answer={
                "protocolVersion": "1.11",
                "supportedEnvelopes": ["clarification.request"],
                "schemaVersions": {"x": 1},
                "limits": {"clarificationRounds": 3, "schemaRounds": 2, "envelopesPerTurn": 5},
                "webhooks": {"supported": True, "signatureAlgorithms": ["v1"]},
            },
            sees={
                "protocol_version": "1.11",
                "limits.clarification_rounds": 3,
                "webhooks.signature_algorithms": ["v1"],
            },
            fault=Fault(403, "forbidden", "PermissionDeniedError"),
        ),
        v2=Wire(
            "GET",
            "/.well-known/openwop",
            anonymous=True,
            headers={"if-none-match": '"old"'},
            answer={
                "protocolVersions": ["1.11", "2.0"],
                "preferredVersion": "1.11",
                "engineVersion": 4,
                "runList": {
                    "status": "stable",
                    "since": "2.0",
                    "witness": "witnessable-unaided",
                    "maxPageSize": 100,
                },
                "extensions": {"acme.thing": {"a": 1}},
            },
            sees={
                "protocol_versions": ["1.11", "2.0"],
                "run_list.max_page_size": 100,
                "engine_version": 4,
            },
            fault=Fault(426, "client_version_unsupported", "ProtocolVersionError"),
        ),
    ),
    both(
        "getOpenApiSpec",
        "discovery.openapi",
        "GET",
        "/openapi.json",
        anonymous=True,
        answer={"openapi": "3.1.0"},
        sees={"": {"openapi": "3.1.0"}},
        fault=Fault(503, "service_unavailable", "InternalServerError"),
    ),
    both(
        "getWorkflow",
        "workflows.get",
        "GET",
        "/workflows/release%3Anotes%2F2",
        {"workflow_id": "release:notes/2"},
        answer={
            "id": "release",
            "name": "Release",
            "version": "1.0.0",
            "nodes": [],
            "edges": [],
            "triggers": [],
            "variables": [],
            "metadata": {},
            "settings": {},
            "configurableSchema": {"type": "object"},
        },
        sees={"id": "release", "configurable_schema": {"type": "object"}},
    ),
    Case(
        "getA2ATaskState",
        "host.a2a_task",
        {"task_id": V1_RUN},
        v1=Wire(
            "GET",
            f"/v1/host/sample/a2a/tasks/{V1_RUN_PATH}",
            gate="a2a.durableTasks",
            answer={
                "taskId": V1_RUN,
                "runId": V1_RUN,
                "state": "input-required",
                "updatedAt": "2026-10-01T00:00:00Z",
                "interruptKind": "approval",
            },
            sees={"state": "input-required", "interrupt_kind": "approval"},
        ),
    ),
    Case(
        "getEffectSeamManifest",
        "host.effect_seams",
        {},
        v2=Wire(
            "GET",
            "/host/effect-seams",
            gate="replay",
            answer={
                "manifestVersion": "1",
                "host": {"name": "h", "build": {"kind": "commit", "id": "abc"}},
                "seams": [
                    {
                        "seam": "http.fetch",
                        "kind": "http",
                        "guarded": True,
                        "guardedBy": "ledger",
                        "branchReFires": True,
                    }
                ],
            },
            sees={"host.name": "h", "seams.0.branch_re_fires": True},
        ),
    ),
    Case(
        "streamHostEvents",
        "host.events",
        {"after": "e-0000000000000001"},
        v2=Wire(
            "GET",
            "/host/events?resumable=true",
            headers={"last-event-id": "e-0000000000000001"},
            accept="text/event-stream",
            gate="hostEvents",
            answer=(
                b"id: e-0000000000000002\nevent: host-test.durable-triggered\n"
                b'data: {"eventId":"e-0000000000000002","type":"host-test.durable-triggered",'
                b'"timestamp":"2026-10-01T00:00:00Z","delivery":"durable","payload":{}}\n\n'
            ),
            answer_type="text/event-stream",
            sees={"0.type": "host-test.durable-triggered", "0.event_id": "e-0000000000000002"},
            fault=Fault(403, "forbidden", "PermissionDeniedError"),
        ),
    ),
    Case(
        "emitTestHostEvent",
        "host.emit_test_event",
        {"delivery": "durable", "workspace_id": "w1"},
        v2=Wire(
            "POST",
            "/host/events/test",
            gate="hostEvents.types",
            body={"delivery": "durable", "workspaceId": "w1"},
            key=True,
            status=202,
            answer={"eventId": "e-0000000000000003", "type": "host-test.durable-triggered"},
            sees={"event_id": "e-0000000000000003", "type": "host-test.durable-triggered"},
            fault=INVALID,
        ),
    ),
    Case(
        "getUiPluginFrame",
        "host.ui_plugin_frame",
        {"pack_name": "acme/ui", "plugin_id": "p:1"},
        v2=Wire(
            "GET",
            "/host/ui-plugins/acme%2Fui/p%3A1/frame",
            accept="text/html",
            gate="uiPlugins.served",
            answer=b"<!doctype html><p>hi",
            answer_type="text/html; charset=utf-8",
            sees={"": "<!doctype html><p>hi"},
        ),
    ),
    Case(
        "dispatchUiPluginRequest",
        "host.ui_plugin_request",
        {
            "pack_name": "acme.ui",
            "plugin_id": "p1",
            "message": {
                "openwop": "ui-plugin/1",
                "type": "request",
                "id": 0,
                "method": "artifact.read",
                "params": {"artifactId": "a"},
            },
        },
        v2=Wire(
            "POST",
            "/host/ui-plugins/acme.ui/p1/rpc",
            gate="uiPlugins.served",
            body={
                "message": {
                    "openwop": "ui-plugin/1",
                    "type": "request",
                    "id": 0,
                    "method": "artifact.read",
                    "params": {"artifactId": "a"},
                }
            },
            answer={
                "openwop": "ui-plugin/1",
                "type": "response",
                "id": 0,
                "ok": False,
                "error": {"code": "artifact_conflict", "currentVersion": 3},
            },
            sees={"ok": False, "error.code": "artifact_conflict"},
            fault=INVALID,
        ),
    ),
    Case(
        "putTestPackTarball",
        "packs.publish_test",
        {
            **_PACK,
            "tarball": _TARBALL,
            "x_pack_signing_method": "none",
            "x_pack_sha256": "sha256-YWJj",
        },
        v1=Wire(
            "PUT",
            f"{_PACK_PATH}.tgz",
            gate=_PACKS,
            body=_TARBALL,
            content_type="application/tar+gzip",
            headers={"x-pack-signing-method": "none", "x-pack-sha256": "sha256-YWJj"},
            status=201,
            answer={
                "name": "acme.pack",
                "version": "1.0.0-rc.1",
                "tarballSha256": "sha256-YWJj",
                "publishedAt": "2026-10-01T00:00:00Z",
            },
            sees={"tarball_sha256": "sha256-YWJj", "version": "1.0.0-rc.1"},
            fault=Fault(400, "pack_integrity_failure", "BadRequestError"),
        ),
    ),
    Case(
        "getTestPackTarball",
        "packs.get_test_tarball",
        _PACK,
        v1=Wire(
            "GET",
            f"{_PACK_PATH}.tgz",
            gate=_PACKS,
            accept="application/tar+gzip",
            answer=_TARBALL,
            answer_type="application/tar+gzip",
            sees={"": _TARBALL},
        ),
    ),
    Case(
        "getTestPackSignature",
        "packs.get_test_signature",
        _PACK,
        v1=Wire(
            "GET",
            f"{_PACK_PATH}.sig",
            gate=_PACKS,
            accept="application/octet-stream",
            answer=b"\x00sig",
            answer_type="application/octet-stream",
            sees={"": b"\x00sig"},
            fault=Fault(404, "signature_not_available", "NotFoundError"),
        ),
    ),
    Case(
        "deleteTestPackVersion",
        "packs.delete_test",
        _PACK,
        v1=Wire(
            "DELETE",
            _PACK_PATH,
            gate=_PACKS,
            status=204,
            sees={"": None},
            fault=Fault(400, "unpublish_window_expired", "BadRequestError"),
        ),
    ),
)
