"""Who asks gets all that is kept about itself, and nothing of others."""

import io
import json
import zipfile
from typing import Any

from fastapi.testclient import TestClient

from tests.factories.home import Author, TestHome, tier_row

SECRET = "What I said behind the gate."


def downloaded(client: TestClient) -> dict[str, Any]:
    answer = client.get("/api/account/data.zip")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert set(archive.namelist()) == {"data.json", "README.txt"}
        found: dict[str, Any] = json.loads(archive.read("data.json"))
    return found


def joined(home: TestHome, number: int) -> Author:
    author = home.author(number)
    home.member(author, tier=1, token_id=number)
    return author


def test_own_data_holds_rows_acts_words_and_sessions(home: TestHome) -> None:
    home.write(tier_row(1))
    member, other = joined(home, 2), joined(home, 3)
    home.set_recovery()
    home.open_gate()
    free = home.publish("Free").act
    gated = home.publish("Gated", rest="The rest.", gate="members").act
    home.reply(member, free, "Hello, all.")
    home.reply(member, gated, SECRET, gate="members")
    home.reply(other, free, "Not yours.")

    found = downloaded(home.client(member))

    assert [each["token_id"] for each in found["chain"]["memberships"]] == [2]
    assert [act["words"] for act in found["acts"]] == ["Hello, all.", None]
    assert [each["words"] for each in found["sealed_words"]] == [SECRET]
    assert len(found["sessions"]) == 1
    assert "Not yours." not in json.dumps(found)
    assert "id_hash" not in json.dumps(found)


def test_own_data_keeps_closed_gates_closed(home: TestHome) -> None:
    home.write(tier_row(1))
    member = joined(home, 2)
    home.set_recovery()
    home.open_gate()
    gated = home.publish("Gated", rest="The rest.", gate="members").act
    home.reply(member, gated, SECRET, gate="members")
    home.mine()
    home.member(member, tier=1, token_id=2, until=1)

    found = downloaded(home.client(member))

    assert [each["words"] for each in found["sealed_words"]] == [None]
    assert SECRET not in json.dumps(found)


def test_own_data_is_for_who_signed_in(home: TestHome) -> None:
    assert home.client().get("/api/account/data.zip").status_code == 401
