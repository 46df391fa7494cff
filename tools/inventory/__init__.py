"""Make the inventory of a KubeSphere version from a checkout of the vendor's manifests: python -m tools.inventory."""
