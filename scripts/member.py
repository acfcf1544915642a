"""A member as a program: a wallet and a session key that use a running Koinon over HTTP, as its pages do.

    member = Member("http://127.0.0.1:8000", "http://127.0.0.1:8545", account)
    member.sign_in()
    member.join(community, tier_id=2)
    member.read(community, post_id).text

Whoever governs a community is a `Member` too. A refusal is `Refused` with the problem that the server gave. Nothing
that is read is believed because the home says it: see `scripts/authored.py`.
"""

import base64
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from eth_account.messages import encode_defunct, encode_typed_data
from eth_account.signers.local import LocalAccount

from backend.identity.delegation import compressed, key_resource, p256_sign
from backend.log.act import Act, Body, commit_of, typed_data
from backend.transactions import call_data
from scripts.authored import Authored, Tampered
from scripts.node import POLL_SECONDS, Node, Receipt

ACT_TYPE = "application/vnd.ipld.dag-cbor"
POST_TYPE = "application/vnd.koinon.post+json"
PERSON_TYPE = "application/vnd.koinon.person+json"
PROFILE_TYPE = "application/vnd.koinon.profile+json"
TEXT_TYPE = "text/markdown"
PATIENCE_SECONDS = 30
PUBLISHER = 8
"""Role bit of ICommunity: may anchor manifests."""


class Refused(Exception):
    """The server answered with a problem (RFC 9457): `status`, `problem`, and `slug`, the end of its type."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('title', '')}: {problem.get('detail', '')}")
        self.status = status
        self.problem = problem
        self.slug = str(problem.get("type", "")).rpartition("/")[2]

    @property
    def reason(self) -> str:
        """The stable code of why, where the problem has one."""
        return str(self.problem.get("reason", self.slug))


@dataclass(frozen=True)
class Sent:
    """A body that the home keeps for the act that will name it; `item` when it is sealed."""

    cid: str
    size: int
    commit: bytes
    type: str
    item: bytes | None

    @property
    def body(self) -> Body:
        return Body(self.cid, self.size, self.commit)

    def encode(self) -> dict[str, Any]:
        """As an act's data names it."""
        fields = {"cid": self.cid, "size": self.size, "commit": self.commit}
        return fields | ({"item": self.item} if self.item else {})


@dataclass(frozen=True)
class Placed:
    """Where an act stands in the log. `act` is its id (the name of a post or reply), `head` the home's signed word."""

    act: str
    record: str
    seq: int
    head: bytes


@dataclass(frozen=True)
class Read:
    """Words that were read and are what their author signed."""

    text: str
    commit: bytes


@dataclass(frozen=True)
class Opened:
    """A community that was opened, its membership contract, and the transaction."""

    community: str
    membership: str
    receipt: Receipt


class Member:
    """One person with one wallet and, once signed in, one session key. Addresses are lower-case."""

    def __init__(self, url: str, rpc: str, account: LocalAccount) -> None:
        self.url = url.rstrip("/")
        self.node = Node(rpc)
        self.account = account
        self.address = account.address.lower()
        self.key: str | None = None
        self._secret: EllipticCurvePrivateKey | None = None
        self.browser = requests.Session()
        self.browser.trust_env = False
        self._authored = Authored(self._log)

    def close(self) -> None:
        self.browser.close()
        self.node.close()

    def sign_in(self) -> dict[str, Any]:
        """Signed in with a fresh session key, which the wallet allowed to write in its name; the session."""
        challenge = self.post("/api/session/nonce", {"address": self.account.address})
        secret = generate_private_key(SECP256R1())
        resource = key_resource(compressed(secret.public_key()), challenge["key_expires_at"])
        message = siwe_text(challenge["message_fields"], resource)
        signature = self.account.sign_message(encode_defunct(text=message)).signature
        session: dict[str, Any] = self.post("/api/session", {"message": message, "signature": "0x" + signature.hex()})
        self._secret, self.key = secret, session["key"]
        return session

    def sign_out(self) -> None:
        """The session has ended, here and at the server."""
        self._answer(self.browser.delete(self.url + "/api/session", timeout=PATIENCE_SECONDS))
        self._secret = self.key = None

    # --- Chain ---------------------------------------------------------------------------------------------------

    def join(self, community: str, *, tier_id: int, periods: int = 1, badge: int = 0) -> Receipt:
        """A member of this tier for so many periods, as soon as the index knows. `badge`: that invited; 0 = none."""
        return self._seen(community, "join", tier_id=tier_id, periods=periods, badge=badge)

    def renew(self, community: str, *, token_id: int, periods: int = 1) -> Receipt:
        """The membership is extended from its expiry, or from now if expired."""
        return self._seen(community, "renew", token_id=token_id, periods=periods)

    def transfer(self, community: str, *, token_id: int, to: str) -> Receipt:
        """The membership belongs to `to`."""
        return self._seen(community, "transfer", token_id=token_id, to=to)

    def collect(self, community: str) -> Receipt:
        """All that the community's memberships have earned for this wallet is paid to it."""
        return self._seen(community, "collect")

    def open_community(self, factory: str, opening: Mapping[str, Any]) -> Opened:
        """A new community of this wallet. `opening`: the fields of ICommunityFactory.Opening, tiers as mappings."""
        tiers = [tuple(tier.values()) for tier in opening["tiers"]]
        receipt = self.call("CommunityFactory", factory, "open", tuple({**opening, "tiers": tiers}.values()))
        log = next(each for each in receipt.logs if each["address"].lower() == factory.lower())
        self.await_indexed(receipt.tx_hash)
        return Opened("0x" + log["topics"][1][-40:].lower(), "0x" + log["data"][2:66][-40:].lower(), receipt)

    def call(self, contract: str, address: str, function: str, *arguments: Any, value: int = 0) -> Receipt:
        """A transaction to a function of one of our contracts, by its ABI; mined when this returns."""
        return self.node.send(self.account, address, data=call_data(contract, function, *arguments), value=value)

    def await_indexed(self, tx_hash: str) -> None:
        """The home knows of the transaction's block. Raises TimeoutError."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            if self.get(f"/api/transactions/{tx_hash}")["indexed"]:
                return
            time.sleep(POLL_SECONDS)
        raise TimeoutError(f"{tx_hash} was not indexed within {PATIENCE_SECONDS} seconds")

    def transact(self, community: str, name: str, **fields: Any) -> Receipt:
        """The transaction that the home prepares under this name is mined. Raises Refused, RpcFailed, Reverted."""
        request = {"account": self.account.address, **fields}
        transaction = self.post(f"/api/communities/{community}/transactions/{name}", request)
        return [self._send(each) for each in [*transaction["before"], transaction]][-1]

    def _seen(self, community: str, name: str, **fields: Any) -> Receipt:
        receipt = self.transact(community, name, **fields)
        self.await_indexed(receipt.tx_hash)
        return receipt

    def _send(self, transaction: Mapping[str, Any]) -> Receipt:
        data = bytes.fromhex(transaction["data"][2:])
        return self.node.send(self.account, transaction["to"], data=data, value=int(transaction["value"], 16))

    # --- Log -----------------------------------------------------------------------------------------------------

    def publish(
        self,
        community: str,
        *,
        title: str,
        teaser: str,
        rest: str | None = None,
        gate: str | None = None,
        pictures: Sequence[tuple[Sent, str]] = (),
    ) -> Placed:
        """A post: title, teaser and pictures with their alternative texts for all, `rest` for whom the gate lets in."""
        return self.write(community, "post.create", **self._words(community, title, teaser, rest, gate, pictures))

    def edit(
        self,
        community: str,
        post_id: str,
        *,
        title: str,
        teaser: str,
        rest: str | None = None,
        gate: str | None = None,
        pictures: Sequence[tuple[Sent, str]] = (),
    ) -> Placed:
        """The post's whole new state, made from its newest version."""
        base = self.post_of(community, post_id)["base"]
        words = self._words(community, title, teaser, rest, gate, pictures)
        return self.write(community, "post.edit", subject=post_id, base=base, **words)

    def erase(self, community: str, post_id: str) -> Placed:
        """The post's words are gone for good."""
        return self.write(community, "post.erase", subject=post_id)

    def reply(self, community: str, post_id: str, text: str) -> Placed:
        """A reply, readable by whoever may read the post."""
        sent = self.send_body(community, text, reply_to=post_id)
        data = {"item": sent.item} if sent.item else {}
        return self.write(community, "reply.create", subject=post_id, body=sent.body, data=data)

    def erase_reply(self, community: str, reply_id: str) -> Placed:
        return self.write(community, "reply.erase", subject=reply_id)

    def set_gate(self, community: str, gate: str, tiers: Sequence[int]) -> Placed:
        """Who holds one of these tiers passes this gate."""
        return self.set_rule(community, gate, {"op": "holds_tier", "tiers": list(tiers)})

    def set_rule(self, community: str, gate: str, rule: Mapping[str, Any]) -> Placed:
        """Who satisfies the rule passes this gate. `rule`: as backend/gates/rule.py writes it."""
        return self.govern(community, "gate.set", data={"gate": gate, "rule": dict(rule)})

    def set_recovery(self, community: str, points: Sequence[bytes]) -> Placed:
        """Each of these P-256 keys alone restores everything gated."""
        return self.govern(community, "recovery.set", data={"keys": ["0x" + point.hex() for point in points]})

    def set_profile(self, community: str, *, tagline: str, about: str, topics: Sequence[str] = ()) -> Placed:
        """What the community says of itself."""
        body = {"tagline": tagline, "about": about, "topics": list(topics)}
        sent = self.send_body(community, json.dumps(body, ensure_ascii=False), type=PROFILE_TYPE)
        return self.govern(community, "community.profile", body=sent.body)

    def say_name(self, community: str, name: str) -> Placed:
        """Who this person is, for the first time in this community."""
        body = json.dumps({"name": name}, ensure_ascii=False)
        sent = self.send_body(community, body, type=PERSON_TYPE, place="people/uploads")
        return self.write(community, "person.create", body=sent.body)

    def send_body(
        self,
        community: str,
        body: str | bytes,
        *,
        type: str = TEXT_TYPE,
        gate: str | None = None,
        reply_to: str | None = None,
        place: str = "bodies",
    ) -> Sent:
        """The home keeps the body, sealed where it belongs behind a gate. Bytes are a file, such as a picture."""
        plain, salt = body.encode() if isinstance(body, str) else body, secrets.token_bytes(16)
        fields = {"type": type, "salt": base64.urlsafe_b64encode(salt).decode(), "gate": gate, "reply_to": reply_to}
        form = {name: value for name, value in fields.items() if value is not None}
        path = f"{self.url}/api/communities/{community}/{place}"
        kept = self._answer(
            self.browser.post(path, data=form, files={"file": ("body", plain)}, timeout=PATIENCE_SECONDS)
        ).json()
        public_file = isinstance(body, bytes) and gate is None
        commit = commit_of(b"" if public_file else salt, plain)
        if (kept["size"], kept["commit"]) != (len(plain), commit.hex()):
            raise Tampered("the home keeps another body than was sent")
        return Sent(kept["cid"], len(plain), commit, type, bytes.fromhex(kept["item"]) if kept["item"] else None)

    def write(self, community: str, kind: str, **fields: Any) -> Placed:
        """An act signed by the session key. `fields`: data, subject, base, body."""
        if self._secret is None or self.key is None:
            raise RuntimeError("sign in first")
        me = self.me(community)
        act = self._act(community, kind, key=self.key, n=me["next_n"]["key"], at=me["at"], **fields)
        return self.send_act(act.signed(p256_sign(self._secret, act.signing_bytes)))

    def govern(self, community: str, kind: str, **fields: Any) -> Placed:
        """An act signed by the wallet itself (EIP-712)."""
        me = self.me(community)
        act = self._act(community, kind, key=None, n=me["next_n"]["wallet"], at=me["at"], **fields)
        signable = encode_typed_data(full_message=typed_data(act))
        return self.send_act(act.signed(bytes(self.account.sign_message(signable).signature)))

    def send_act(self, act: Act) -> Placed:
        """The signed act is in the log."""
        path, headers = f"{self.url}/api/communities/{act.community}/acts", {"content-type": ACT_TYPE}
        answer = self.browser.post(path, data=act.block, headers=headers, timeout=PATIENCE_SECONDS)
        receipt = self._answer(answer).json()
        if receipt["act"] != act.id:
            raise Tampered("the home's receipt is for another act")
        return Placed(receipt["act"], receipt["record"], receipt["seq"], base64.urlsafe_b64decode(receipt["head"]))

    def _act(self, community: str, kind: str, *, key: str | None, n: int, at: int, **fields: Any) -> Act:
        chain_id, data = self.node.chain_id, fields.pop("data", {})
        return replace(Act(chain_id, community.lower(), kind, self.address, key, n, at, data), **fields)

    def _words(
        self,
        community: str,
        title: str,
        teaser: str,
        rest: str | None,
        gate: str | None,
        pictures: Sequence[tuple[Sent, str]],
    ) -> dict[str, Any]:
        alts = [{"cid": sent.cid, "alt": alt} for sent, alt in pictures]
        public = json.dumps({"title": title, "text": teaser, "files": alts}, ensure_ascii=False)
        sealed = self.send_body(community, rest, gate=gate).encode() if rest is not None else None
        files = [{**sent.encode(), "type": sent.type} for sent, _ in pictures]
        data = {"gate": gate, "sealed": sealed, "files": files}
        body = self.send_body(community, public, type=POST_TYPE).body
        return {"body": body, "data": {name: value for name, value in data.items() if value}}

    # --- Reading -------------------------------------------------------------------------------------------------

    def me(self, community: str) -> dict[str, Any]:
        """What this person is in the community: membership, next numbers, the home's time."""
        found: dict[str, Any] = self.get(f"/api/communities/{community}/me")
        return found

    def token_id(self, community: str) -> int:
        """The membership that this wallet holds, expired or not. Raises LookupError."""
        held = self.me(community).get("membership")
        if held is None:
            raise LookupError(f"{self.address} holds no membership of {community}")
        return int(held["token_id"])

    def post_of(self, community: str, post_id: str) -> dict[str, Any]:
        """A post without its gated rest."""
        found: dict[str, Any] = self.get(f"/api/communities/{community}/posts/{post_id}")
        return found

    def read(self, community: str, post_id: str) -> Read:
        """The gated rest of a post, checked against what its author signed. Raises Refused with the conditions."""
        answer = self.get(f"/api/communities/{community}/posts/{post_id}/body")
        act = self._authored.act(community, self.post_of(community, post_id)["base"])
        commit = commit_of(bytes.fromhex(answer["salt"]), answer["text"].encode())
        if commit != act.data["sealed"]["commit"]:
            raise Tampered("the words are not those that their author signed")
        return Read(answer["text"], commit)

    def replies(self, community: str, post_id: str) -> list[dict[str, Any]]:
        """The replies to a post, oldest first. Raises Refused with the conditions."""
        found: list[dict[str, Any]] = self.get(f"/api/communities/{community}/posts/{post_id}/replies")
        return found

    def get(self, path: str) -> Any:
        return self._answer(self.browser.get(self.url + path, timeout=PATIENCE_SECONDS)).json()

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._answer(self.browser.post(self.url + path, json=body, timeout=PATIENCE_SECONDS)).json()

    def page(self, path: str) -> str:
        """The HTML of a page."""
        return self._answer(self.browser.get(self.url + path, timeout=PATIENCE_SECONDS)).text

    def _log(self, community: str, after: int) -> bytes:
        path = f"{self.url}/api/communities/{community}/log"
        return self._answer(self.browser.get(path, params={"after": after}, timeout=PATIENCE_SECONDS)).content

    def _answer(self, response: requests.Response) -> requests.Response:
        if response.ok:
            return response
        is_json = "json" in response.headers.get("content-type", "")
        raise Refused(response.status_code, response.json() if is_json else {"title": response.reason})


def siwe_text(fields: Mapping[str, Any], resource: str) -> str:
    """The message of EIP-4361 with one resource, as a page writes it."""
    return "\n".join(
        [
            f"{fields['domain']} wants you to sign in with your Ethereum account:",
            fields["address"],
            "",
            fields["statement"],
            "",
            f"URI: {fields['uri']}",
            f"Version: {fields['version']}",
            f"Chain ID: {fields['chain_id']}",
            f"Nonce: {fields['nonce']}",
            f"Issued At: {fields['issued_at']}",
            f"Expiration Time: {fields['expiration_time']}",
            "Resources:",
            f"- {resource}",
        ]
    )
