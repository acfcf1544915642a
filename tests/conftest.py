"""Fixtures that all tests share: real tools, each started where it is first asked for.

Nothing here replaces code of ours. A tool that is missing skips its tests; with KOINON_TEST_STRICT=1 it fails them.
"""

from hypothesis import settings

# A machine that is busy with something else must not fail a property.
settings.register_profile("koinon", deadline=None)
settings.load_profile("koinon")

pytest_plugins = [
    "tests.fixtures.anvil",
    "tests.fixtures.browser",
    "tests.fixtures.demo",
    "tests.fixtures.koinon",
    "tests.fixtures.postgres",
    "tests.fixtures.node",
]
