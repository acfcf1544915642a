"""A home with one community, whose chain is what the test says: mirror rows are written as the indexer would."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, select

from backend import catalog, clock
from backend.app import create_app
from backend.config import Settings
from backend.host import Host, open_host
from backend.identity import siwe
from backend.identity.delegation import compressed, p256_sign
from backend.identity.tables import DelegationBlock
from backend.keys.bodies import Place, stage_text
from backend.keys.keyring import new_recovery_key, public_bytes
from backend.log.act import Act, Body, typed_data
from backend.log.append import Receipt
from backend.log.tables import StagedBody
from indexer.tables.chain import Block, Change, Checkpoint
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.community import Community, Home, OwnerChange
from indexer.tables.holdings import HoldingChange, tier_asset
from indexer.tables.membership import Membership, Tier
from tests.factories.days import COUNTED, count_days
from tests.factories.identity import delegated, session_key, sign
from tests.factories.tables import mirror_engine

CHAIN_ID = 31337
COMMUNITY = "0x" + "c0" * 20
MEMBERSHIP = "0x" + "3e" * 20
BADGES, STORE, MARKET = "0x" + "ba" * 20, "0x" + "57" * 20, "0x" + "4a" * 20
SINGLETONS = {"CommunityFactory": "0x" + "fa" * 20, "Market": MARKET}
BASE_URL = "http://koinon.test:8000"
YEAR = 365 * 86_400
POST_TYPE = "application/vnd.koinon.post+json"


@dataclass
class Author:
    """A wallet with a session key, and how many acts each of them has signed."""

    wallet: LocalAccount
    key: EllipticCurvePrivateKey
    key_cid: str
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def account(self) -> str:
        return str(self.wallet.address).lower()


class TestHome:
    """Writes mirror rows, and lets authors act. `head` is the newest indexed block."""

    __test__ = False

    def __init__(self, host: Host, mirror: Engine) -> None:
        self.host, self.mirror = host, mirror
        self.head = 0
        self.owner = self.author(1)

    def close(self) -> None:
        self.host.close()
        self.mirror.dispose()

    def write(self, *rows: SQLModel) -> None:
        """These rows are in the mirror, replacing those with their keys, and the days count them."""
        with Session(self.mirror) as session:
            for row in rows:
                session.merge(row)
            if any(isinstance(row, COUNTED) for row in rows):
                count_days(session)
            session.commit()

    def mine(self, *, fork: str = "a", number: int | None = None, final: int = -1, at: int | None = None) -> int:
        """The next block is indexed, confirmed now. `fork` decides its hash."""
        self.head = self.head + 1 if number is None else number
        time = at if at is not None else clock.now() - 1000 + self.head
        digest = block_hash(self.head, fork)
        self.write(
            Block(chain_id=CHAIN_ID, number=self.head, hash=digest, parent_hash=None, timestamp=time),
            Checkpoint(
                chain_id=CHAIN_ID,
                number=self.head,
                hash=digest,
                timestamp=time,
                final_number=final,
                head_number=self.head,
                confirmed_at=float(clock.now()),
            ),
        )
        return self.head

    def finalize(self) -> None:
        """Everything indexed is final."""
        self.mine(final=self.head + 1)

    def stand_still(self, seconds: int, *, ahead: int = 0) -> None:
        """No node has confirmed the head for so long; its own is so many blocks ahead."""
        with Session(self.mirror) as session:
            row = session.exec(select(Checkpoint)).one()
            row.confirmed_at, row.head_number = row.confirmed_at - seconds, row.head_number + ahead
            session.add(row)
            session.commit()

    def change(self, kind: str, *, block: int, removed: bool = False) -> None:
        """The feed says that this happened."""
        with Session(self.mirror) as session:
            seq = len(session.exec(select(Change)).all()) + 1
            ids: dict[str, object] = {"community": COMMUNITY}
            session.add(Change(chain_id=CHAIN_ID, seq=seq, block_number=block, kind=kind, ids=ids, removed=removed))
            session.commit()

    def member(self, author: Author, *, tier: int, until: int | None = None, token_id: int = 1, value: int = 1) -> None:
        """From the head on the author's wallet holds (or with value 0 no longer holds) a membership of the tier."""
        expires_at = clock.now() + YEAR if until is None else until
        holder = author.account if value else "0x" + "dd" * 20
        self.write(
            membership_row(token_id, holder, tier, expires_at, self.head),
            HoldingChange(
                chain_id=CHAIN_ID,
                account=author.account,
                asset=tier_asset(MEMBERSHIP, tier),
                block_number=self.head,
                log_index=0,
                value=value,
                expires_at=expires_at,
            ),
        )

    def forget(self, author: Author, *, block: int) -> None:
        """A reorg removed what the wallet got in this block."""
        with Session(self.mirror) as session:
            for row in session.exec(select(HoldingChange)).all():
                if row.account == author.account and row.block_number == block:
                    session.delete(row)
            session.commit()

    def author(self, number: int) -> Author:
        """The wallet with this number, signed in."""
        wallet: LocalAccount = Account.from_key(number.to_bytes(32))
        key = session_key(number + 100)
        now = clock.now()
        cid, block = delegated(wallet, key, issued_at=now - 5000, expires_at=now + 86_400, base_url=BASE_URL)
        with self.host.database.writing() as session:
            session.merge(
                DelegationBlock(
                    cid=cid,
                    account=str(wallet.address).lower(),
                    public_key=compressed(key.public_key()),
                    expires_at=now + 86_400,
                    data=block,
                )
            )
        return Author(wallet, key, cid)

    def act(self, author: Author, kind: str, *, wallet: bool = False, **fields: Any) -> bytes:
        """A signed act with the author's next number."""
        counter = author.account if wallet else author.key_cid
        n = fields.pop("n", author.counts.get(counter, 0) + 1)
        act = Act(
            chain_id=CHAIN_ID,
            community=fields.pop("community", COMMUNITY),
            kind=kind,
            author=author.account,
            key=None if wallet else author.key_cid,
            n=n,
            at=fields.pop("at", clock.now()),
            data=fields.pop("data", {}),
            **fields,
        )
        if not wallet:
            return act.signed(p256_sign(author.key, act.signing_bytes)).block
        message = encode_typed_data(full_message=typed_data(act))
        return act.signed(bytes(author.wallet.sign_message(message).signature)).block

    def say(self, author: Author, kind: str, *, wallet: bool = False, **fields: Any) -> Receipt:
        """The act stands in the log."""
        receipt = self.host.log.append(self.act(author, kind, wallet=wallet, **fields))
        counter = author.account if wallet else author.key_cid
        author.counts[counter] = author.counts.get(counter, 0) + 1
        return receipt

    def stage(
        self, author: Author, words: str, *, gate: str | None = None, media_type: str = "text/markdown"
    ) -> StagedBody:
        """The words were sent and wait for their act."""
        place = Place(CHAIN_ID, COMMUNITY, author.account, gate, clock.now())
        return stage_text(
            self.host.database, self.host.master, place, body=words.encode(), media_type=media_type, salt=b"s" * 16
        )

    def client(self, author: Author | None = None) -> TestClient:
        """A browser without pages, signed in as the author."""
        client = TestClient(create_app(self.host), base_url=BASE_URL, raise_server_exceptions=False)
        if author is not None:
            fields = client.post("/api/session/nonce", json={"address": author.wallet.address}).json()["message_fields"]
            message = siwe.compose(
                author.account,
                base_url=BASE_URL,
                chain_id=CHAIN_ID,
                nonce=fields["nonce"],
                issued_at=_seconds(fields["issued_at"]),
                expires_at=_seconds(fields["expiration_time"]),
            )
            signature = "0x" + sign(author.wallet, message).hex()
            answer = client.post("/api/session", json={"message": message, "signature": signature})
            assert answer.status_code in (200, 201), answer.text
        return client

    def open_gate(self, gate: str = "members", tiers: Sequence[int] = (1, 2)) -> Receipt:
        data = {"gate": gate, "rule": {"op": "holds_tier", "tiers": list(tiers)}}
        return self.say(self.owner, "gate.set", wallet=True, data=data)

    def set_recovery(self) -> list[EllipticCurvePrivateKey]:
        """Two recovery keys are set."""
        keys = [new_recovery_key(), new_recovery_key()]
        self.say(
            self.owner, "recovery.set", wallet=True, data={"keys": ["0x" + public_bytes(key).hex() for key in keys]}
        )
        return keys

    def publish(self, title: str, teaser: str = "", *, rest: str = "", gate: str | None = None) -> Receipt:
        """The owner posts; `rest` goes behind the gate."""
        staged = self.stage(self.owner, json.dumps({"title": title, "text": teaser}), media_type=POST_TYPE)
        data: dict[str, Any] = {"gate": gate} if gate else {}
        if rest:
            sealed = self.stage(self.owner, rest, gate=gate)
            item = bytes.fromhex(sealed.item or "")
            data["sealed"] = {"item": item, "cid": sealed.cid, "size": sealed.size, "commit": sealed.commit}
        return self.say(self.owner, "post.create", body=body_of(staged), data=data)

    def reply(self, author: Author, post: str, words: str, *, gate: str | None = None) -> Receipt:
        staged = self.stage(author, words, gate=gate)
        data = {"item": bytes.fromhex(staged.item)} if staged.item else {}
        return self.say(author, "reply.create", subject=post, body=body_of(staged), data=data)


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def body_of(staged: StagedBody) -> Body:
    return Body(staged.cid, staged.size, staged.commit)


def block_hash(number: int, fork: str) -> str:
    return "0x" + (fork.encode() + number.to_bytes(8)).rjust(32, b"\0").hex()


def membership_row(token_id: int, holder: str, tier: int, expires_at: int, block: int) -> Membership:
    return Membership(
        chain_id=CHAIN_ID,
        contract=MEMBERSHIP,
        token_id=token_id,
        holder=holder,
        tier_id=tier,
        badge=0,
        expires_at=expires_at,
        unearned=0,
        settled_at=0,
        earned_at=0,
        rate=0,
        count_at=0,
        transfer_count=0,
        counted=False,
        chosen=True,
        released=False,
        joined_at=1,
        block_number=block,
    )


def tier_row(tier_id: int, **changes: Any) -> Tier:
    fields: dict[str, Any] = {
        "label": f"Tier {tier_id}",
        "price": 10**16 * tier_id,
        "renewal_price": 10**16 * tier_id,
        "notice_ends": 0,
        "period_seconds": 30 * 86_400,
        "earning_seconds": 30 * 86_400,
        "cap": 0,
        "seats": 0,
        "sale_start": 0,
        "sale_end": 0,
        "retires_at": 0,
        "invitee_discount_bps": 0,
        "allow_root": "0x" + "00" * 32,
        "paused": False,
        "soulbound": False,
        "invitation_only": False,
        "block_number": 1,
    }
    return Tier(chain_id=CHAIN_ID, contract=MEMBERSHIP, tier_id=tier_id, **{**fields, **changes})


def community_rows(owner: str, home_key: str) -> list[SQLModel]:
    """A community that was opened in block 1."""
    row = Community(
        chain_id=CHAIN_ID,
        address=COMMUNITY,
        founder=owner,
        owner=owner,
        pending_owner=ZERO_ADDRESS,
        membership=MEMBERSHIP,
        badges=BADGES,
        store=STORE,
        currency=ZERO_ADDRESS,
        notice_seconds=30 * 86_400,
        royalty_bps=0,
        operator=ZERO_ADDRESS,
        operator_bps=0,
        operator_cap_bps=500,
        next_operator=ZERO_ADDRESS,
        next_operator_bps=0,
        next_operator_since=0,
        parent=ZERO_ADDRESS,
        parent_bps=0,
        splits_locked_until=0,
        name="The Test",
        symbol="TEST",
        home_uri=BASE_URL,
        home_key=home_key,
        epoch=1,
        manifest_sequence=0,
        manifest_digest=None,
        opened_block=1,
        opened_at=1,
        block_number=1,
    )
    change = OwnerChange(chain_id=CHAIN_ID, community=COMMUNITY, block_number=1, log_index=0, owner=owner)
    return [row, home_row(home_key), change, *(tier_row(tier_id) for tier_id in (1, 2, 3))]


def home_row(home_key: str) -> Home:
    """The first home of the community."""
    return Home(
        chain_id=CHAIN_ID,
        community=COMMUNITY,
        epoch=1,
        uri=BASE_URL,
        home_key=home_key,
        base_digest="0x" + "00" * 32,
        sequence=0,
        block_number=1,
        block_hash=block_hash(1, "a"),
        at=1,
    )


def open_test_home(database_setting: str, folder: Path, *, rpc: str = "http://127.0.0.1:9") -> TestHome:
    """A home, of which `database_setting` or the folder has the tables, and a community whose owner is wallet 1. Its
    node is away unless `rpc` names one."""
    settings = Settings(
        data=folder,
        database=database_setting,
        base_url=BASE_URL,
        chain_id=CHAIN_ID,
        rpc=rpc,
        deployments=_deployments(folder / "deployments"),
        _env_file=None,
    )
    host = open_host(settings, catalog.KINDS)
    home = TestHome(host, mirror_engine(database_setting, folder))
    home.mine()
    home.write(*community_rows(home.owner.account, host.home.address))
    return home


def _deployments(folder: Path) -> Path:
    """A folder that says where the contracts are of which a chain has one."""
    folder.mkdir(exist_ok=True)
    contracts = {name: {"address": address, "first_block": 1} for name, address in SINGLETONS.items()}
    (folder / f"{CHAIN_ID}.json").write_text(json.dumps({"chain_id": CHAIN_ID, "contracts": contracts}))
    return folder
