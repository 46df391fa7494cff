//go:build tools

// Keeps helm's command in go.mod, so that it can be built from here.
package tools

import _ "helm.sh/helm/v3/cmd/helm"
