// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DateTimeLib} from "solady/utils/DateTimeLib.sol";
import {LibString} from "solady/utils/LibString.sol";
import {ArtLib} from "../art/ArtLib.sol";
import {IMembershipArt} from "./IMembershipArt.sol";

/// @title MembershipArt
/// @notice See IMembershipArt: a card in the color of its tier, with a pattern of its own.
contract MembershipArt is IMembershipArt {
    using LibString for uint256;

    /// @dev What a card says. (By a pointer: for literal arguments the compiler would write the drawing once more.)
    struct Card {
        string name;
        string tier;
        uint256 tokenId;
        uint256 expiresAt;
    }

    uint256 private constant _FOR_LIFE = type(uint40).max;
    string private constant _MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

    /// @dev 0 hue, 1 rosette, 2 name, 3 tier, 4 number, 5 date, 6 of validity, 7 stroke of the frame. Koinon's mark.
    string private constant _CARD =
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 350 350"><defs><linearGradient id="b" x2=".6" y2="1">'
        '<stop stop-color="hsl(~0,40%,27%)"/><stop offset="1" stop-color="hsl(~0,48%,9%)"/></linearGradient>'
        '<linearGradient id="o" x2="1" y2="1"><stop stop-color="#fff3c4"/><stop offset=".35" stop-color="#e8b84e"/>'
        '<stop offset=".55" stop-color="#fff3c4"/><stop offset="1" stop-color="#a8731a"/></linearGradient>~1</defs>'
        '<path fill="url(#b)" d="M0 0h350v350H0z"/>'
        '<use href="#k" x="262" y="128" stroke="#fff" stroke-width=".7" opacity=".2"/>'
        '<path fill="hsl(~0,45%,94%)" d="M191 90h29v122h-29z"/>'
        '<path fill="url(#o)" d="M230 147C230 110 258 90 301 90 301 127 273 147 230 147z"/>'
        '<path fill="hsl(~0,32%,72%)" d="M230 155C230 192 258 212 301 212 301 175 273 155 230 155zM30 285h290v.5H30z"/>'
        '<g fill="hsl(~0,45%,94%)" font-family="Georgia,\'Times New Roman\',serif">'
        '<text x="30" y="58" ~C29026</text><text x="30" y="273" font-weight="700" ~D29034</text>'
        '<text x="30" y="320" ~E11016</text><text x="320" y="320" text-anchor="end" ~F18016</text></g>'
        '<g fill="hsl(~0,32%,72%)" font-family="system-ui,sans-serif" font-size="8" letter-spacing="1.5">'
        '<text x="30" y="76">MEMBERSHIP</text><text x="30" y="301">NUMBER</text>'
        '<text x="320" y="301" text-anchor="end">VALID~6</text></g>'
        '<rect x="9" y="9" width="332" height="332" rx="20" fill="none" stroke="~7"/></svg>';

    /// @inheritdoc IMembershipArt
    function tokenURI(string calldata name, bytes32 tierLabel, uint256 tokenId, uint40 expiresAt)
        external
        pure
        returns (string memory)
    {
        string[16] memory texts;
        string memory tier = ArtLib.fromLabel(tierLabel);
        texts[0] = ArtLib.json(name);
        texts[1] = ArtLib.json(tier);
        texts[2] = _serial(tokenId);
        texts[3] = tokenId.toString();
        texts[4] = _picture(Card(name, tier, tokenId, expiresAt));
        texts[5] = expiresAt == _FOR_LIFE
            ? '"trait_type":"expires","value":"never"'
            : string.concat('"display_type":"date","trait_type":"expires","value":', uint256(expiresAt).toString());
        return ArtLib.uri(
            ArtLib.JSON,
            ArtLib.fill(
                '{"name":"~0 #~3","description":"Membership of ~0: ~1.","image":"~4","attributes":'
                '[{"trait_type":"tier","value":"~1"},{"trait_type":"number","value":"~2"},{~5}]}',
                texts
            )
        );
    }

    /// @inheritdoc IMembershipArt
    function contractURI(string calldata name, string calldata symbol) external pure returns (string memory) {
        string[16] memory texts;
        texts[0] = ArtLib.json(name);
        texts[1] = ArtLib.json(symbol);
        texts[2] = _picture(Card(name, symbol, 1 << 24, _FOR_LIFE));
        return ArtLib.uri(
            ArtLib.JSON,
            ArtLib.fill('{"name":"~0","symbol":"~1","description":"Memberships of ~0.","image":"~2"}', texts)
        );
    }

    function _picture(Card memory card) private pure returns (string memory) {
        bool forLife = card.expiresAt == _FOR_LIFE;
        string[16] memory texts;
        texts[0] = ArtLib.hue((card.tokenId >> 24) + 7).toString(); // the first tier is green
        texts[1] = ArtLib.rosette(210, keccak256(abi.encode(card.tokenId)));
        texts[2] = card.name;
        texts[3] = card.tier;
        texts[4] = _serial(card.tokenId);
        texts[5] = forLife ? "for life" : _date(card.expiresAt);
        texts[6] = forLife ? "" : " UNTIL";
        texts[7] = forLife ? 'url(#o)" stroke-width="2.5' : '#fff" opacity=".4';
        return ArtLib.uri(ArtLib.SVG, ArtLib.fill(_CARD, texts));
    }

    function _serial(uint256 tokenId) private pure returns (string memory) {
        return uint256(uint24(tokenId)).toString();
    }

    /// @dev The UTC date: "24 Dec 2026".
    function _date(uint256 time) private pure returns (string memory) {
        (uint256 year, uint256 month, uint256 day) = DateTimeLib.timestampToDate(time);
        string memory name = LibString.slice(_MONTHS, month * 3 - 3, month * 3);
        return string.concat(day.toString(), " ", name, " ", year.toString());
    }
}
