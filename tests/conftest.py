"""Fixtures that all tests share: real tools, each started where it is first asked for.

Nothing here replaces code of ours. A tool that is missing skips its tests; with KOINON_TEST_STRICT=1 it fails them.
"""

pytest_plugins = [
    "tests.fixtures.anvil",
    "tests.fixtures.browser",
    "tests.fixtures.postgres",
    "tests.fixtures.node",
]
