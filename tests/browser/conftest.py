"""A wallet in the page, as an extension would put it there: it announces itself by EIP-6963 and asks a person."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.fixtures.anvil import Anvil
from tests.fixtures.koinon import Koinon

ANNOUNCE = """
const ask = async ({ method, params = [] }) => {
  const answer = JSON.parse(await window.askTheWallet(method, JSON.stringify(params)));
  if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error);
  return answer.result;
};
const info = { uuid: crypto.randomUUID(), name: "Pocket", rdns: "org.example.pocket", icon: "" };
const detail = Object.freeze({ info, provider: { request: ask, on() {}, removeListener() {} } });
const announce = () => dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
addEventListener("eip6963:requestProvider", announce);
announce();
"""


@dataclass
class Wallet:
    """An account of the local node. `declined` are the methods that its owner says no to; `asked` all that it saw."""

    anvil: Anvil
    account: str
    declined: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def answer(self, method: str, params: str) -> str:
        self.asked.append(method)
        if method in self.declined:
            return json.dumps({"error": {"code": 4001, "message": "User rejected the request."}})
        try:
            return json.dumps({"result": self._result(method, json.loads(params))})
        except AssertionError as refused:
            return json.dumps({"error": {"code": -32603, "message": str(refused)}})

    def _result(self, method: str, params: list[Any]) -> Any:
        if method in ("eth_accounts", "eth_requestAccounts"):
            return [self.account]
        if method == "eth_signTypedData_v4":
            params = [params[0], json.loads(params[1])]
        return self.anvil.rpc(method, *params)


@pytest.fixture
def database_setting() -> str:
    """SQLite: what a browser sees does not depend on the database, which other tests vary."""
    return ""


@pytest.fixture
def wallet(koinon: Koinon, page: Page) -> Iterator[Wallet]:
    """The wallet of the page, with an account that has joined nothing yet."""
    held = Wallet(koinon.anvil, koinon.anvil.accounts[5])
    page.expose_function("askTheWallet", held.answer)
    page.add_init_script(ANNOUNCE)
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield held
    assert not broken
