"""Badges, from their events"""

from collections.abc import Iterator
from typing import Any

from tests.contracts.events.recording import NOBODY, Part, Tokens, View


class BadgesPart(Tokens):
    contract = "Badges"

    def __init__(self, opened: dict[str, Any]) -> None:
        super().__init__(opened["badges"])
        self.opened = opened
        self.achievements: dict[int, dict[str, Any]] = {}
        self.locked: dict[int, bool] = {}
        self.used: set[tuple[str, int, int]] = set()

    def on_AchievementSet(self, fields: dict[str, Any], now: int) -> None:
        self.achievements[fields["achievementId"]] = dict(fields["achievement"])

    def on_AchievementGranted(self, fields: dict[str, Any], now: int) -> None:
        self.achievements[fields["achievementId"]]["made"] = fields["made"]
        for number, recipient in enumerate(fields["recipients"]):
            assert self.owners[fields["firstTokenId"] + number] == recipient

    def on_AchievementClaimed(self, fields: dict[str, Any], now: int) -> None:
        self.achievements[fields["achievementId"]].update(made=fields["made"], allowance=fields["allowance"])
        self.on_AchievementVoucherWithdrawn(fields, now)

    def on_AchievementVoucherWithdrawn(self, fields: dict[str, Any], now: int) -> None:
        self.used.add((fields["issuer"], fields["achievementId"], fields["nonce"]))

    def on_Locked(self, fields: dict[str, Any], now: int) -> None:
        self.locked[fields["tokenId"]] = True

    def on_Unlocked(self, fields: dict[str, Any], now: int) -> None:
        self.locked[fields["tokenId"]] = False

    on_MetadataUpdate = on_BatchMetadataUpdate = Part.says_nothing_new

    def views(self, now: int) -> Iterator[View]:
        yield from self.token_views()
        yield self.view("achievementCount", is_=len(self.achievements))
        for achievement_id, achievement in self.achievements.items():
            yield self.view("achievementOf", achievement_id, is_=achievement)
        for token_id in self.owners:
            yield self.view("locked", token_id, is_=self.locked[token_id])
            yield self.view("transferCountOf", token_id, is_=self.moves.get(token_id, 0))
        for issuer, achievement_id, nonce in self.used:
            voucher = (issuer, achievement_id, NOBODY, 0, nonce)
            yield self.view("achievementVoucherOf", voucher, is_={"used": True})
        for name in ("community", "membership"):
            yield self.view(name, is_=self.opened[name])
