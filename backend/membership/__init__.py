"""Tiers and memberships as the mirror shows them, and transactions prepared for a wallet to sign."""
