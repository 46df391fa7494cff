"""Throwaway real control planes, with real kubefed, on which everything that ks-reset claims is tried."""
