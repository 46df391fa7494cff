"""The stand-in for KubeSphere's ks-controller-manager: its changes to objects, without KubeSphere's code.

KubeSphere's controllers are in no package registry. A rehearsal needs the labels, ownerReferences, finalizers, roles
and federated objects written by the namespace, workspace, workspacetemplate and workspacerole controllers of 3.3.1,
and in `v4` those of 4.1.3. Each module names its source (kubesphere/kubesphere, tags v3.3.1 and v4.1.3).

Keys, kinds and names are defined here again on purpose: a test must not share a mistake in `catalogue/names.py`.

The names here repeat those of the catalogue on purpose: a stand-in shares no code with the cleaner.

    python -m ks_reset.rehearsal.standin --kubeconfig FILE --context NAME [--multicluster] [--release 4.1.3]
"""
