"""Run as `python -m ks_reset`."""

from ks_reset.cli import main

if __name__ == "__main__":
    main()
