#!/usr/bin/env bash
# proves 08-sever; changes nothing
# shellcheck disable=SC2016
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. ./lib.sh
belted test
belted host
absent test configmaps checks/08-sever.test.configmaps.absent
absent test deployments.apps checks/08-sever.test.deployments.apps.absent
absent test namespaces checks/08-sever.test.namespaces.absent
absent host configmaps checks/08-sever.host.configmaps.absent
absent host deployments.apps checks/08-sever.host.deployments.apps.absent
absent host namespaces checks/08-sever.host.namespaces.absent
finish 08-sever
