"""The store of a community: products of its members, licenses to them, and tips, as the mirror shows them."""
