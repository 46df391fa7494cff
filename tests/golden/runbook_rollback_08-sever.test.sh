#!/usr/bin/env bash
# takes back 08-sever on test
# shellcheck disable=SC2016
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
kubectl --context test -n catalog patch configmaps/catalog --type=strategic -p '{"metadata":{"uid":"uid-of-ConfigMap-catalog-catalog","labels":{"kubefed.io/managed":"true"}}}'
kubectl --context test -n catalog patch deployments.apps/catalog --type=strategic -p '{"metadata":{"uid":"uid-of-Deployment-catalog-catalog","labels":{"kubefed.io/managed":"true"}}}'
kubectl --context test patch namespaces/catalog --type=strategic -p '{"metadata":{"uid":"uid-of-Namespace--catalog","labels":{"kubefed.io/managed":"true"}}}'
kubectl --context test patch namespaces/load-tests --type=strategic -p '{"metadata":{"uid":"uid-of-Namespace--load-tests","annotations":{"kubesphere.io/creator":"admin"}}}'
kubectl --context test patch namespaces/data-lake --type=strategic -p '{"metadata":{"uid":"uid-of-Namespace--data-lake","labels":{"kubesphere.io/workspace":"ws2"},"annotations":{"kubesphere.io/creator":"admin"},"finalizers":["finalizers.kubesphere.io/namespaces"],"ownerReferences":[{"apiVersion":"tenant.kubesphere.io/v1alpha1","kind":"Workspace","name":"ws2","uid":"uid-of-Workspace--ws2","controller":true,"blockOwnerDeletion":true}]}}'
kubectl --context test patch namespaces/shop-orders --type=strategic -p '{"metadata":{"uid":"uid-of-Namespace--shop-orders","labels":{"kubesphere.io/workspace":"ws2"},"annotations":{"kubesphere.io/creator":"admin"},"finalizers":["finalizers.kubesphere.io/namespaces"],"ownerReferences":[{"apiVersion":"tenant.kubesphere.io/v1alpha1","kind":"Workspace","name":"ws2","uid":"uid-of-Workspace--ws2","controller":true,"blockOwnerDeletion":true}]}}'
kubectl --context test patch namespaces/kube-public --type=strategic -p '{"metadata":{"uid":"uid-of-Namespace--kube-public","labels":{"kubesphere.io/workspace":"system-workspace"}}}'
kubectl --context test patch namespaces/default --type=strategic -p '{"metadata":{"uid":"uid-of-Namespace--default","labels":{"kubesphere.io/workspace":"system-workspace"}}}'
