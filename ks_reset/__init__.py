"""ks-reset: take KubeSphere off a fleet of Kubernetes clusters without touching one workload."""

__version__ = "0.2.0"
