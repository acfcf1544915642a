// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibString} from "solady/utils/LibString.sol";
import {MetadataReaderLib} from "solady/utils/MetadataReaderLib.sol";
import {ArtLib} from "../art/ArtLib.sol";
import {IMembership} from "../membership/IMembership.sol";
import {BadgeArt} from "./BadgeArt.sol";
import {IBadges} from "./IBadges.sol";

/// @title BadgeMetadata
/// @notice The JSON documents of badges, and what their pictures say.
library BadgeMetadata {
    using LibString for uint256;

    uint256 private constant _MOST_SYMBOL = 16; // bytes

    /// @notice The JSON of a referral badge as a data URI.
    function referralUri(string memory community, IMembership membership, uint40 badge)
        internal
        view
        returns (string memory)
    {
        IMembership.Ledger memory ledger = membership.ledgerOf(badge);
        BadgeArt.Referral memory art = referralArt(community, membership, badge);
        string memory level = BadgeArt.levelName(ledger.level, false);
        string memory shown = ArtLib.json(community);
        return ArtLib.jsonUri(
            string.concat(
                string.concat('{"name":"', shown, ": ", level, " badge ", art.number),
                string.concat('","description":"Invites members to ', shown),
                '. Its owner gets a share of what those whom it invited pay, now and later.","image":"',
                ArtLib.imageUri(BadgeArt.referral(art)),
                string.concat('","attributes":[', _trait("kind", "referral badge"), ",", _trait("level", level)),
                string.concat(',{"display_type":"number","trait_type":"invited","value":', art.invited, "},"),
                string.concat(_trait("share", art.rate), ",", _trait("income", ArtLib.json(art.income)), ","),
                _trait("unclaimed", ArtLib.json(_money(membership, ledger.income - ledger.claimed))),
                "]}"
            )
        );
    }

    /// @notice The JSON of an achievement's token as a data URI.
    function achievementUri(string memory community, IBadges.Achievement memory achievement, uint256 tokenId)
        internal
        pure
        returns (string memory)
    {
        string memory label = ArtLib.json(ArtLib.fromLabel(achievement.label));
        string memory serial = uint256(uint40(tokenId)).toString();
        return ArtLib.jsonUri(
            string.concat(
                string.concat('{"name":"', label, " #", serial, '","description":"', ArtLib.json(achievement.description)),
                string.concat('","external_url":"', ArtLib.json(achievement.uri)),
                string.concat('","image":"', ArtLib.imageUri(BadgeArt.achievement(deed(community, achievement, tokenId)))),
                string.concat('","attributes":[', _trait("kind", "achievement"), ",", _trait("achievement", label)),
                string.concat(",", _trait("community", ArtLib.json(community)), ",", _trait("number", serial)),
                string.concat(",", _trait("of", achievement.cap == 0 ? "no limit" : uint256(achievement.cap).toString())),
                string.concat(",", _trait("locked", achievement.locked ? "yes" : "no"), "]}")
            )
        );
    }

    /// @notice The JSON of the contract as a data URI.
    function contractUri(string memory name, string memory symbol, string memory community)
        internal
        pure
        returns (string memory)
    {
        BadgeArt.Referral memory art;
        (art.community, art.level) = (community, 2);
        return ArtLib.jsonUri(
            string.concat(
                string.concat('{"name":"', ArtLib.json(name), '","symbol":"', ArtLib.json(symbol)),
                string.concat('","description":"Referral badges and achievements of ', ArtLib.json(community)),
                string.concat('.","image":"', ArtLib.imageUri(BadgeArt.referral(art)), '"}')
            )
        );
    }

    /// @notice What the picture of a referral badge says.
    function referralArt(string memory community, IMembership membership, uint40 badge)
        internal
        view
        returns (BadgeArt.Referral memory)
    {
        IMembership.Ledger memory ledger = membership.ledgerOf(badge);
        return BadgeArt.Referral({
            community: community,
            number: string.concat("No. ", uint256(badge >> 24).toString(), "-", uint256(uint24(badge)).toString()),
            level: ledger.level,
            invited: uint256(ledger.counted).toString(),
            rate: string.concat(_decimal(membership.rateOf(badge), 2), " %"),
            income: _money(membership, ledger.income),
            seed: keccak256(abi.encode(membership, badge))
        });
    }

    /// @notice What the picture of an achievement says.
    function deed(string memory community, IBadges.Achievement memory achievement, uint256 tokenId)
        internal
        pure
        returns (BadgeArt.Deed memory)
    {
        string memory serial = uint256(uint40(tokenId)).toString();
        return BadgeArt.Deed({
            community: community,
            label: ArtLib.fromLabel(achievement.label),
            number: achievement.cap == 0 ? serial : string.concat(serial, " of ", uint256(achievement.cap).toString()),
            achievementId: uint32(tokenId >> 40),
            locked: achievement.locked,
            seed: keccak256(abi.encode(achievement.label, tokenId))
        });
    }

    /// @dev With the currency's symbol. A token that does not name itself well is shown without one.
    function _money(IMembership membership, uint256 amount) private view returns (string memory) {
        address currency = membership.currency();
        if (currency == address(0)) return string.concat(_decimal(amount, 18), " ", _nativeSymbol());
        string memory symbol = MetadataReaderLib.readSymbol(currency, _MOST_SYMBOL);
        return string.concat(_decimal(amount, MetadataReaderLib.readDecimals(currency)), " ", symbol);
    }

    /// @dev As backend/currency.py, which names the same chains.
    function _nativeSymbol() private view returns (string memory) {
        if (block.chainid == 56) return "BNB";
        if (block.chainid == 100) return "xDAI";
        if (block.chainid == 137) return "POL";
        if (block.chainid == 43_114) return "AVAX";
        return "ETH";
    }

    /// @dev `amount / 10**decimals`, rounded down to four places (none from 1,000 on): "0.0412", "<0.0001", "25", "1204".
    function _decimal(uint256 amount, uint8 decimals) private pure returns (string memory) {
        if (amount == 0) return "0";
        uint256 unit = 10 ** uint256(decimals > 77 ? 77 : decimals); // more do not fit
        uint256 whole = amount / unit;
        if (whole > 999 || decimals == 0) return whole.toString();
        uint256 places = decimals < 4 ? decimals : 4;
        uint256 part = amount % unit / (unit / 10 ** places);
        if (whole + part == 0) return "<0.0001";
        if (part == 0) return whole.toString();
        for (; part % 10 == 0; --places) part /= 10;
        string memory digits = (10 ** places + part).toString(); // with a leading 1, for the zeros after the point
        return string.concat(whole.toString(), ".", LibString.slice(digits, 1));
    }

    function _trait(string memory kind, string memory value) private pure returns (string memory) {
        return string.concat('{"trait_type":"', kind, '","value":"', value, '"}');
    }
}
