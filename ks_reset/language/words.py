"""Names of ours, headings and names of states with a translation of their own, looked up only where one is printed.

An object in a cluster may have the same name, so no name from a cluster is looked up here.
"""

STEPS = (
    *("apply-installer", "await-kubesphere", "await-members", "await-workspaces", "configure-installer"),
    *("cut-ties", "fasten-seatbelt", "forget-records", "give-access", "give-workspaces", "install-chart"),
    *("join-members", "loosen-seatbelt", "mend-admission", "mend-apis", "pause-federation", "prove-gone"),
    *("prove-paused", "prove-quiet", "quiet-federation", "rebind-first", "rebind-namespaces"),
    *("release-finalizers", "release-hanging", "release-records", "remove-canaries", "remove-components"),
    *("remove-dead-webhooks", "remove-extensions", "remove-federated", "remove-instances", "remove-join"),
    *("remove-namespaces", "remove-parts", "remove-records", "remove-roles", "remove-stale-join"),
    *("remove-stale-record", "remove-tenants", "remove-types", "remove-webhooks", "restore-finalizers"),
    *("restore-marks", "restore-namespaces", "restore-objects", "restore-replicas", "restore-types"),
    *("restore-webhooks", "resume-controllers", "resume-federation", "return-metadata", "return-webhooks"),
    *("send-canaries", "sever", "stop-controllers", "unbind", "unmark", "watch-canaries", "watch-workspaces"),
)
VERBS = (
    *("scale", "remove-marks", "delete", "add-marks", "create", "wait-quiet", "wait-ready", "wait-stable"),
    *("stop-conversion", "restore-finalizer", "seatbelt-on", "seatbelt-off", "watch Workspaces"),
)
"""The verbs of actions, as tables and as journals have them."""
WORDS = (
    *STEPS,
    *VERBS,
    *("Seen", "Follows", "Way on", "Checks", "Used by"),
    *("critical", "warning", "info", "unknown", "passed", "found", "cannot be told", "pass", "fail"),
    *("host", "member"),
    *("deleted", "stuck", "changed", "refused", "made", "done", "stopped", "unfinished", "interrupted"),
    *("watched", "no end", "none", "nothing", "Clean", "Unknown", "Lost", "Kept", "KubeSphere's", "user"),
    *("given up", "a user's", "namespaces", "webhooks", "claims", "volumes", "claim", "Secret", "ConfigMap"),
    *("verb", "type", "namespace", "name", "why", "Error", "argument", "option", "parameter", "command"),
    *("somebody", "nobody", "garbage collector", "namespace controller", "volume controller", "volume protection"),
    *("CRD finalizer", "deletes", "binds", "unties", "makes", "changes", "stays"),
    *("seatbelt is on", "seatbelt is off", "Not clean", "running"),
    *("Seatbelt", "state", "put on for", "by", "protects", "leaves out", "on", "off", "broken"),
    *("Verify", "cluster", "objects read", "leftovers", "bystanders compared", "no baseline"),
    *("Clusters", "Files and material", "What goes and what stays"),
    *("Records", "record", "kind", "leads to", "answer", "account", "good until"),
    *("reached", "unreachable", "credentials refused", "no secret", "not dialled"),
    *("absent", "installed", "mixed: its parts are of several versions"),
    *("half removed: objects are left, the core does not run",),
    *("Federation", "Clusters and connections", "Workspaces and users", "Deletions", "KubeSphere's programs"),
    *("API server", "What an uninstall touches"),
    *("Emergency", "Before a window", "In a window", "After a window", "To try it", "Options", "Arguments", "Commands"),
)
