"""The stand-in for KubeSphere's ks-controller-manager: no KubeSphere code, only what it does to objects.

KubeSphere's controllers are in no package registry. A rehearsal needs what its namespace, workspace,
workspacetemplate and workspacerole controllers of 3.3.1 write: labels, ownerReferences, finalizers, roles and
federated objects; and in `four` those of 4.1.3. Each module names the file in which that was read
(kubesphere/kubesphere, tags v3.3.1 and v4.1.3).

The names here repeat those of the catalogue on purpose: a stand-in shares no code with the cleaner.

    python -m ks_reset.rehearsal.standin --kubeconfig FILE --context NAME [--multicluster] [--release 4.1.3]
"""
