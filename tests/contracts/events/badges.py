"""Badges, from their events"""

from collections.abc import Iterator
from typing import Any

from tests.contracts.events.recording import NOBODY, Tokens, View, folds


class BadgesPart(Tokens):
    contract = "Badges"
    silent = ("MetadataUpdate", "BatchMetadataUpdate")

    def __init__(self, opened: dict[str, Any]) -> None:
        super().__init__(opened["badges"])
        self.opened = opened
        self.achievements: dict[int, dict[str, Any]] = {}
        self.locked: dict[int, bool] = {}
        self.used: set[tuple[str, int, int]] = set()

    @folds("AchievementSet")
    def see_achievement_set(self, fields: dict[str, Any], now: int) -> None:
        self.achievements[fields["achievementId"]] = dict(fields["achievement"])

    @folds("AchievementGranted")
    def see_achievement_granted(self, fields: dict[str, Any], now: int) -> None:
        self.achievements[fields["achievementId"]]["made"] = fields["made"]
        for number, recipient in enumerate(fields["recipients"]):
            assert self.owners[fields["firstTokenId"] + number] == recipient

    @folds("AchievementClaimed")
    def see_achievement_claimed(self, fields: dict[str, Any], now: int) -> None:
        self.achievements[fields["achievementId"]].update(made=fields["made"], allowance=fields["allowance"])
        self.see_achievement_voucher_withdrawn(fields, now)

    @folds("AchievementVoucherWithdrawn")
    def see_achievement_voucher_withdrawn(self, fields: dict[str, Any], now: int) -> None:
        self.used.add((fields["issuer"], fields["achievementId"], fields["nonce"]))

    @folds("Locked")
    def see_locked(self, fields: dict[str, Any], now: int) -> None:
        self.locked[fields["tokenId"]] = True

    @folds("Unlocked")
    def see_unlocked(self, fields: dict[str, Any], now: int) -> None:
        self.locked[fields["tokenId"]] = False

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
        yield self.view("name", is_=f"{self.opened['name']} Badges")
        yield self.view("symbol", is_=f"{self.opened['symbol']}-B")
        for name in ("community", "membership"):
            yield self.view(name, is_=self.opened[name])
