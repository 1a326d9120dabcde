"""What the methods and arguments of the protocol's own Python clients are called here.

`docs/how-to/moving.md` shows the same table to people; a test holds the two together.
"""

from __future__ import annotations

from typing import Final

__all__ = ["ARGUMENTS", "METHODS", "POSITIONS"]

METHODS: Final[dict[str, str]] = {
    "agents_get": "agents.get",
    "agents_get_org_chart": "agents.org_chart",
    "agents_get_org_chart_department": "agents.org_chart_department",
    "agents_get_roster_entry": "agents.get_roster_entry",
    "agents_list": "agents.list",
    "agents_list_deployments": "agents.list_deployments",
    "agents_list_roster": "agents.list_roster",
    "agents_transition_deployment": "agents.transition_deployment",
    "create_annotation": "annotations.create",
    "list_annotations": "annotations.list",
    "runs_get_artifact": "artifacts.get",
    "audit_verify": "audit.verify",
    "connection_providers_list": "connections.list_providers",
    "connection_providers_resolve": "connections.resolve_provider",
    "content_create_page": "content.create_page",
    "content_delete_page": "content.delete_page",
    "content_get_page": "content.get_page",
    "content_get_settings": "content.get_settings",
    "content_list_pages": "content.list_pages",
    "content_put_section": "content.put_section",
    "content_put_settings": "content.put_settings",
    "discovery_capabilities": "discovery.capabilities",
    "discovery_openapi": "discovery.openapi",
    "host_dispatch_ui_plugin_request": "host.ui_plugin_request",
    "host_effect_seams": "host.effect_seams",
    "host_emit_test_event": "host.emit_test_event",
    "host_events": "host.events",
    "host_ui_plugin_frame": "host.ui_plugin_frame",
    "interrupts_inspect_by_token": "interrupts.inspect",
    "interrupts_resolve_by_run": "interrupts.resolve",
    "interrupts_resolve_by_token": "interrupts.resolve_by_token",
    "prompts_create": "prompts.create",
    "prompts_delete": "prompts.delete",
    "prompts_get": "prompts.get",
    "prompts_list": "prompts.list",
    "prompts_render": "prompts.render",
    "prompts_update": "prompts.update",
    "proposals_apply": "proposals.apply",
    "proposals_archive": "proposals.archive",
    "proposals_get": "proposals.get",
    "proposals_list": "proposals.list",
    "proposals_reject": "proposals.reject",
    "proposals_revise": "proposals.revise",
    "proposals_submit": "proposals.submit",
    "runs_ancestry": "runs.ancestry",
    "runs_bulk_cancel": "runs.bulk_cancel",
    "runs_cancel": "runs.cancel",
    "runs_compensation": "runs.compensation",
    "runs_create": "runs.create",
    "runs_debug_bundle": "runs.debug_bundle",
    "runs_diff": "runs.diff",
    "runs_effects": "runs.effects",
    "runs_eval_summary": "runs.eval_summary",
    "runs_events": "runs.stream",
    "runs_fork": "runs.fork",
    "runs_get": "runs.get",
    "runs_list": "runs.list",
    "runs_pause": "runs.pause",
    "runs_poll_events": "runs.poll_events",
    "runs_resume": "runs.resume",
    "tools_get": "tools.get",
    "tools_list": "tools.list",
    "tools_list_compact": "tools.list",
    "create_trigger_subscription": "triggers.create",
    "trigger_dead_letters": "triggers.dead_letters",
    "webhooks_dead_letters": "webhooks.dead_letters",
    "webhooks_register": "webhooks.register",
    "webhooks_rotate_secret": "webhooks.rotate_secret",
    "webhooks_unregister": "webhooks.unregister",
    "workflows_get": "workflows.get",
    "delete_workspace_file": "workspace.delete",
    "get_workspace_file": "workspace.get",
    "list_workspace_files": "workspace.list",
    "put_workspace_file": "workspace.put",
}
"""Our method, below a client, for each of theirs."""

ARGUMENTS: Final[dict[str, dict[str, str]]] = {
    "runs.stream": {"stream_mode": "mode", "last_event_id": "after"},
    "runs.poll_events": {
        "last_sequence": "after",
        "after_sequence": "after",
        "timeout_seconds": "wait",
    },
    "host.events": {"last_event_id": "after"},
}
"""Our name for an argument that is called otherwise there, by our method."""

POSITIONS: Final[dict[str, list[str]]] = {
    "webhooks.rotate_secret": ["webhook_id", "workspace"],
}
"""What the arguments without a name are, where our order is another one."""
