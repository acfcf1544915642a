"""Keks are kept wrapped, content keys under them, and nothing gated is sealed before recovery is possible."""

from pathlib import Path

import pytest
from sqlmodel import select

from backend import clock
from backend.keyfile import read_or_make
from backend.keys.custody import RecoveryKeysMissing, load_master_key
from backend.keys.keyring import compress, new_recovery_key, open_keyring, public_bytes
from backend.keys.tables import Kek, RecoveryKey
from backend.log.kinds import ActRefused
from backend.problems import Malformed
from tests.factories.home import CHAIN_ID, COMMUNITY, TestHome

KEY = bytes(range(32))


def keep(home: TestHome, item: str, key: bytes = KEY) -> None:
    with home.host.database.writing() as session:
        home.host.master.new_item_key(
            session, chain_id=CHAIN_ID, community=COMMUNITY, item=item, key=key, at=clock.now()
        )


def test_a_content_key_comes_back_by_its_item(home: TestHome) -> None:
    home.set_recovery()
    keep(home, "aa" * 16)
    keep(home, "bb" * 16, KEY[::-1])

    with home.host.database.reading() as session:
        assert home.host.master.content_keys(session, ["aa" * 16, "bb" * 16, "cc" * 16]) == {
            "aa" * 16: KEY,
            "bb" * 16: KEY[::-1],
        }


def test_no_key_stands_in_the_database_in_clear(home: TestHome) -> None:
    home.set_recovery()
    keep(home, "aa" * 16)

    with home.host.database.reading() as session:
        (row,) = session.exec(select(Kek)).all()
    assert len(row.wrapped_by_host) == 40
    assert home.host.master.secret not in row.wrapped_by_host


def test_one_recovery_key_is_not_enough(home: TestHome) -> None:
    points = ["0x" + public_bytes(new_recovery_key()).hex()]

    with pytest.raises(Malformed):
        home.say(home.owner, "recovery.set", wallet=True, data={"keys": points})


def test_nothing_gated_is_sealed_before_recovery_keys_are_set(home: TestHome) -> None:
    with pytest.raises(RecoveryKeysMissing) as caught:
        keep(home, "aa" * 16)

    assert caught.value.extensions == {"have": 0, "need": 2}


def test_either_recovery_key_opens_the_keyring(home: TestHome) -> None:
    keys = home.set_recovery()
    keep(home, "aa" * 16)

    with home.host.database.reading() as session:
        ring = home.host.master.keyring(session, CHAIN_ID, COMMUNITY)

    assert ring is not None
    assert open_keyring(ring, keys[0]) == open_keyring(ring, keys[1])


def test_there_is_no_keyring_before_the_first_kek(home: TestHome) -> None:
    home.set_recovery()

    with home.host.database.reading() as session:
        assert home.host.master.keyring(session, CHAIN_ID, COMMUNITY) is None


def test_new_recovery_keys_replace_the_old_ones(home: TestHome) -> None:
    home.set_recovery()
    newer = home.set_recovery()

    with home.host.database.reading() as session:
        rows = session.exec(select(RecoveryKey.public_key)).all()
    assert sorted(rows) == sorted(compress(public_bytes(key)).hex() for key in newer)


@pytest.mark.parametrize("second", ["0x00", "04" * 33, "0x" + "02" + "ff" * 32, "same"])
def test_recovery_keys_that_are_no_two_points_are_refused(home: TestHome, second: str) -> None:
    first = "0x" + public_bytes(new_recovery_key()).hex()

    keys = [first, first if second == "same" else second]

    with pytest.raises(Malformed):
        home.say(home.owner, "recovery.set", wallet=True, data={"keys": keys})


def test_only_the_owner_sets_recovery_keys(home: TestHome) -> None:
    points = ["0x" + public_bytes(new_recovery_key()).hex() for _ in range(2)]

    with pytest.raises(ActRefused):
        home.say(home.author(2), "recovery.set", wallet=True, data={"keys": points})


def test_a_secret_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "master.key"

    first, second = load_master_key(path), load_master_key(path)

    assert first == second
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["master.key"]


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    load_master_key(path)
    path.chmod(0o644)

    with pytest.raises(PermissionError):
        load_master_key(path)


def test_a_file_that_holds_no_secret_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.touch(mode=0o600)
    path.write_text("not hex")

    with pytest.raises(ValueError, match="hex"):
        load_master_key(path)


def test_the_first_of_two_processes_decides_the_secret(tmp_path: Path) -> None:
    path = tmp_path / "master.key"

    def slow() -> bytes:
        read_or_make(path, lambda: b"the other process was first")
        return b"too late"

    assert read_or_make(path, slow) == b"the other process was first"
    assert [each.name for each in tmp_path.iterdir()] == ["master.key"]
