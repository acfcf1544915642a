// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibString} from "solady/utils/LibString.sol";
import {MetadataReaderLib} from "solady/utils/MetadataReaderLib.sol";
import {ArtLib} from "../art/ArtLib.sol";
import {IMembership} from "../membership/IMembership.sol";
import {IBadgeArt} from "./IBadgeArt.sol";
import {IBadges} from "./IBadges.sol";
import {MedalLib} from "./MedalLib.sol";

/// @title BadgeArt
/// @notice See IBadgeArt: for a referral badge a coin in a laurel wreath, which grows with the level; for an
/// achievement a medal on a ribbon.
contract BadgeArt is IBadgeArt {
    using LibString for uint256;

    uint256 private constant _MOST_SYMBOL = 16; // bytes
    uint8 private constant _GOLD = 2;

    /// @inheritdoc IBadgeArt
    function referralUri(string calldata name, IMembership membership, uint40 badge)
        external
        view
        returns (string memory)
    {
        IMembership.Ledger memory ledger = membership.ledgerOf(badge);
        MedalLib.Referral memory medal = _referral(name, membership, badge, ledger);
        string[16] memory texts;
        texts[0] = ArtLib.json(name);
        texts[1] = medal.level == 0 ? "bronze" : medal.level == 1 ? "silver" : "gold";
        texts[2] = medal.number;
        texts[3] = medal.invited;
        texts[4] = medal.share;
        texts[5] = ArtLib.json(medal.income);
        texts[6] = ArtLib.json(_money(membership, ledger.income - ledger.claimed));
        texts[7] = ArtLib.uri(ArtLib.SVG, MedalLib.referral(medal));
        return _document(
            '"name":"~0: ~1 badge ~2","description":"Invites members to ~0. Its owner gets ~4 of whatever those whom '
            'it invited pay, now and later.","image":"~7","attributes":[{"trait_type":"kind","value":"referral badge"},'
            '{"trait_type":"level","value":"~1"},{"display_type":"number","trait_type":"invited","value":~3},'
            '{"trait_type":"share","value":"~4"},{"trait_type":"income","value":"~5"},'
            '{"trait_type":"unclaimed","value":"~6"}]',
            texts
        );
    }

    /// @inheritdoc IBadgeArt
    function achievementUri(string calldata name, IBadges.Achievement calldata achievement, uint256 tokenId)
        external
        pure
        returns (string memory)
    {
        string[16] memory texts;
        texts[0] = ArtLib.json(name);
        texts[1] = ArtLib.json(ArtLib.fromLabel(achievement.label));
        texts[2] = uint256(uint40(tokenId)).toString();
        texts[3] = ArtLib.json(achievement.description);
        texts[4] = ArtLib.json(achievement.uri);
        texts[5] = achievement.cap == 0 ? "no limit" : uint256(achievement.cap).toString();
        texts[6] = achievement.locked ? "yes" : "no";
        texts[7] = ArtLib.uri(ArtLib.SVG, MedalLib.achievement(_deed(name, achievement, tokenId)));
        return _document(
            '"name":"~1 #~2","description":"~3","external_url":"~4","image":"~7","attributes":['
            '{"trait_type":"kind","value":"achievement"},{"trait_type":"achievement","value":"~1"},'
            '{"trait_type":"community","value":"~0"},{"trait_type":"number","value":"~2"},'
            '{"trait_type":"of","value":"~5"},{"trait_type":"locked","value":"~6"}]',
            texts
        );
    }

    /// @inheritdoc IBadgeArt
    function contractUri(string calldata name, string calldata symbol) external pure returns (string memory) {
        MedalLib.Referral memory medal;
        (medal.community, medal.level) = (name, _GOLD);
        string[16] memory texts;
        texts[0] = ArtLib.json(name);
        texts[1] = ArtLib.json(symbol);
        texts[2] = ArtLib.uri(ArtLib.SVG, MedalLib.referral(medal));
        return _document(
            '"name":"~0 Badges","symbol":"~1","description":"Referral badges and achievements of ~0.","image":"~2"',
            texts
        );
    }

    /// @inheritdoc IBadgeArt
    function referralImage(string calldata name, IMembership membership, uint40 badge)
        external
        view
        returns (string memory)
    {
        return MedalLib.referral(_referral(name, membership, badge, membership.ledgerOf(badge)));
    }

    /// @inheritdoc IBadgeArt
    function achievementImage(string calldata name, IBadges.Achievement calldata achievement, uint256 tokenId)
        external
        pure
        returns (string memory)
    {
        return MedalLib.achievement(_deed(name, achievement, tokenId));
    }

    function _referral(string calldata name, IMembership membership, uint40 badge, IMembership.Ledger memory ledger)
        private
        view
        returns (MedalLib.Referral memory)
    {
        return MedalLib.Referral({
            community: name,
            number: string.concat("No. ", uint256(badge >> 24).toString(), "-", uint256(uint24(badge)).toString()),
            level: ledger.level,
            invited: uint256(ledger.counted).toString(),
            share: string.concat(_decimal(membership.rateOf(badge), 2), " %"),
            income: _money(membership, ledger.income),
            seed: keccak256(abi.encode(membership, badge))
        });
    }

    /// @dev The currency may name itself badly, or not at all: never a revert.
    function _money(IMembership membership, uint256 amount) private view returns (string memory) {
        address currency = membership.currency();
        string memory symbol = _nativeSymbol();
        uint256 decimals = 18;
        if (currency != address(0)) {
            symbol = MetadataReaderLib.readSymbol(currency, _MOST_SYMBOL);
            decimals = MetadataReaderLib.readDecimals(currency);
        }
        return string.concat(_decimal(amount, decimals), " ", symbol);
    }

    /// @dev As backend/currency.py, which names the same chains.
    function _nativeSymbol() private view returns (string memory) {
        uint256 chain = block.chainid;
        if (chain == 56) return "BNB";
        if (chain == 100) return "xDAI";
        if (chain == 137) return "POL";
        return chain == 43_114 ? "AVAX" : "ETH";
    }

    function _deed(string calldata name, IBadges.Achievement calldata achievement, uint256 tokenId)
        private
        pure
        returns (MedalLib.Deed memory)
    {
        string memory serial = uint256(uint40(tokenId)).toString();
        return MedalLib.Deed({
            community: name,
            label: ArtLib.fromLabel(achievement.label),
            number: achievement.cap == 0 ? serial : string.concat(serial, " of ", uint256(achievement.cap).toString()),
            achievementId: tokenId >> 40,
            locked: achievement.locked,
            seed: keccak256(abi.encode(achievement.label, tokenId))
        });
    }

    /// @dev `amount / 10**decimals`, rounded down to four places, from 1,000 on to none: "0.0412", "<0.0001", "25".
    function _decimal(uint256 amount, uint256 decimals) private pure returns (string memory) {
        uint256 unit = 10 ** (decimals > 77 ? 77 : decimals); // a larger one has no room
        uint256 whole = amount / unit;
        uint256 places = decimals < 4 ? decimals : 4;
        uint256 part = whole > 999 ? 0 : amount % unit / (unit / 10 ** places);
        if (whole + part == 0 && amount != 0) return "<0.0001";
        if (part == 0) return whole.toString();
        for (; part % 10 == 0; --places) part /= 10;
        string memory digits = (10 ** places + part).toString(); // a 1 before the zeros that follow the point
        return string.concat(whole.toString(), ".", LibString.slice(digits, 1));
    }

    function _document(string memory template, string[16] memory texts) private pure returns (string memory) {
        return ArtLib.uri(ArtLib.JSON, string.concat("{", ArtLib.fill(template, texts), "}"));
    }
}
