"""Crowdsales of a community as the mirror shows them, what a contributor can do, and the owner's form for new ones."""
