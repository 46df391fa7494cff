"""One throwaway control plane: its processes, ports, certificates and process kubelet."""
