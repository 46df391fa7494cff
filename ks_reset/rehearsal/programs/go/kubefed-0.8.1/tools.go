//go:build tools

// Keeps kubefed's command in go.mod, so that it can be built from here.
package tools

import _ "sigs.k8s.io/kubefed/cmd/hyperfed"
