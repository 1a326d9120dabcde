"""Proposals and connection providers, of major 2 alone: v2.md sections 22 and 23."""

from __future__ import annotations

from openwop_wire.case import INVALID, Case, Fault, Wire

_PROPOSAL = {
    "id": "prop/1",
    "kind": "prompt-template",
    "state": "draft",
    "title": "Better",
    "artifact": {"text": "x"},
    "artifactDigest": "sha256:d",
    "provenance": {"sourceRunIds": ["acme/r-1111111111111111"]},
    "owner": {"tenant": "acme", "principal": "p"},
    "createdAt": "2026-10-01T00:00:00Z",
    "duplicateOf": None,
    "activation": None,
}
_GATE = "agents.proposals"
_READ = "connections.providerRead"

CASES: tuple[Case, ...] = (
    Case(
        "listProposals",
        "proposals.list",
        {"state": "draft", "kind": "automation", "limit": 10, "cursor": "c1"},
        v2=Wire(
            "GET",
            "/proposals?state=draft&kind=automation&limit=10&cursor=c1",
            gate=_GATE,
            answer={"items": [_PROPOSAL], "nextCursor": "c2"},
            sees={"items.0.id": "prop/1", "next_cursor": "c2"},
            fault=INVALID,
        ),
    ),
    Case(
        "submitProposal",
        "proposals.submit",
        {
            "kind": "prompt-template",
            "artifact": {"text": "x", "none": None},
            "title": "Better",
            "rationale": "It is",
        },
        v2=Wire(
            "POST",
            "/proposals",
            gate="agents.proposals.clientDrafts",
            body={
                "kind": "prompt-template",
                "artifact": {"text": "x", "none": None},
                "title": "Better",
                "rationale": "It is",
            },
            key=True,
            status=201,
            answer=_PROPOSAL,
            sees={"state": "draft", "artifact": {"text": "x"}},
            fault=INVALID,
        ),
    ),
    Case(
        "getProposal",
        "proposals.get",
        {"proposal_id": "prop/1"},
        v2=Wire(
            "GET",
            "/proposals/prop%2F1",
            gate=_GATE,
            answer=_PROPOSAL,
            sees={
                "artifact_digest": "sha256:d",
                "owner.principal": "p",
                "provenance.source_run_ids": ["acme/r-1111111111111111"],
            },
        ),
    ),
    Case(
        "reviseProposal",
        "proposals.revise",
        {
            "proposal_id": "prop/1",
            "artifact": {"text": "y"},
            "title": "Best",
            "rationale": "So",
        },
        v2=Wire(
            "PATCH",
            "/proposals/prop%2F1",
            gate=_GATE,
            body={"artifact": {"text": "y"}, "title": "Best", "rationale": "So"},
            answer={**_PROPOSAL, "state": "revised"},
            sees={"state": "revised"},
            fault=Fault(409, "proposal_state_conflict", "ConflictError"),
        ),
    ),
    Case(
        "archiveProposal",
        "proposals.archive",
        {"proposal_id": "prop/1"},
        v2=Wire(
            "DELETE",
            "/proposals/prop%2F1",
            gate=_GATE,
            answer={**_PROPOSAL, "state": "archived"},
            sees={"state": "archived"},
        ),
    ),
    Case(
        "applyProposal",
        "proposals.apply",
        {"proposal_id": "prop/1", "artifact_digest": "sha256:d"},
        v2=Wire(
            "POST",
            "/proposals/prop%2F1:apply",
            gate=_GATE,
            body={"artifactDigest": "sha256:d"},
            key=True,
            status=202,
            answer={"runId": "acme/r-1111111111111111"},
            sees={"run_id": "acme/r-1111111111111111"},
            fault=Fault(409, "proposal_stale", "ConflictError"),
        ),
    ),
    Case(
        "applyProposal",
        "proposals.apply",
        {"proposal_id": "prop/1"},
        v2=Wire(
            "POST",
            "/proposals/prop%2F1:apply",
            gate=_GATE,
            body={},
            key=True,
            answer={**_PROPOSAL, "state": "applied", "activation": {"installedArtifactRef": "i"}},
            sees={"state": "applied", "activation.installed_artifact_ref": "i"},
            fault=Fault(409, "proposal_install_conflict", "ConflictError"),
        ),
    ),
    Case(
        "rejectProposal",
        "proposals.reject",
        {"proposal_id": "prop/1", "reason": "no"},
        v2=Wire(
            "POST",
            "/proposals/prop%2F1:reject",
            gate=_GATE,
            body={"reason": "no"},
            answer={**_PROPOSAL, "state": "rejected"},
            sees={"state": "rejected"},
            fault=Fault(409, "proposal_state_conflict", "ConflictError"),
        ),
    ),
    Case(
        "listConnectionProviders",
        "connections.list_providers",
        {},
        v2=Wire(
            "GET",
            "/connection-providers",
            gate=_READ,
            answer={
                "providers": [{"id": "github", "source": "pack", "packName": "acme.git"}],
                "refusals": [
                    {
                        "packName": "other.git",
                        "providerId": "github",
                        "code": "connection_provider_conflict",
                        "heldBy": "acme.git",
                    }
                ],
            },
            sees={"providers.0.pack_name": "acme.git", "refusals.0.held_by": "acme.git"},
            fault=Fault(403, "forbidden", "PermissionDeniedError"),
        ),
    ),
    Case(
        "resolveConnectionProvider",
        "connections.resolve_provider",
        {"provider_id": "git/hub", "pack": "acme.git"},
        v2=Wire(
            "GET",
            "/connection-providers/git%2Fhub?pack=acme.git",
            gate=_READ,
            answer={"id": "git/hub", "source": "builtin"},
            sees={"id": "git/hub", "source": "builtin"},
            fault=Fault(404, "connection_provider_unresolved", "NotFoundError"),
        ),
    ),
)
