// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibString} from "solady/utils/LibString.sol";
import {ArtLib} from "../art/ArtLib.sol";

/// @title MedalLib
/// @notice The pictures of badges. Each level has its metal, each achievement its color, each token its own pattern.
/// @dev Texts 0 to 4 of all templates are the palette: light, middle, dark, ground, night. Then, while
/// the figures are written: 5, 6 and 7 these;
/// a coin is drawn: 6 wreath, 7 rays, 8 star on top, 9 stars on the coin, a name of the level;
/// a medal is drawn: 6 padlock;
/// the frame is drawn: 5 rosette, 6 further definitions, 7 drawing, 8 figures, 9 title, a left and b right of the head.
library MedalLib {
    using LibString for uint256;

    /// @notice What the picture of a referral badge says. Texts are not escaped yet.
    struct Referral {
        string community;
        string number;
        uint8 level; // 0 bronze, 1 silver, 2 gold
        string invited;
        string share;
        string income;
        bytes32 seed;
    }

    /// @notice What the picture of an achievement says. Texts are not escaped yet.
    struct Deed {
        string community;
        string label;
        string number;
        uint256 achievementId;
        bool locked;
        bytes32 seed;
    }

    string private constant _FRAME =
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 350 350"><defs><radialGradient id="b" cy=".38" r=".75">'
        '<stop stop-color="~3"/><stop offset="1" stop-color="~4"/></radialGradient>'
        '<linearGradient id="m" x2="1" y2="1"><stop stop-color="~0"/><stop offset=".3" stop-color="~1"/>'
        '<stop offset=".5" stop-color="~0"/><stop offset=".72" stop-color="~2"/><stop offset="1" stop-color="~1"/>'
        '</linearGradient>'
        '~5<path id="s" d="M0-7 1.8-2.2 6.7-2.2 2.7.9 4.1 5.7 0 2.8-4.1 5.7-2.7.9-6.7-2.2-1.8-2.2z"/>~6'
        '</defs><path fill="url(#b)" d="M0 0h350v350H0z"/>~7<path fill="~1" opacity=".5" d="M45 285h260v.6H45z"/>'
        '<g text-anchor="middle" fill="~0" font-family="Georgia,\'Times New Roman\',serif">'
        '<text x="175" y="273" ~J30023</text>~8</g>'
        '<g fill="~1" font-family="system-ui,sans-serif" font-size="8" letter-spacing="1.5">'
        '<text x="26" y="33">~a</text><text x="324" y="33" text-anchor="end">~b</text></g>'
        '<rect x="9" y="9" width="332" height="332" rx="20" fill="none" stroke="url(#m)" stroke-width="1.5"/></svg>';

    /// @dev A leaf pair, and Koinon's mark.
    string private constant _SHAPES = '<path id="l" d="M0 0C-7-4-8-17 0-28 8-17 7-4 0 0z"/>'
    '<g id="f"><use href="#l" transform="translate(0-95)rotate(78)scale(.8)"/>'
    '<use href="#l" transform="translate(0-97)rotate(38)"/></g><g id="K"><path d="M-25-28h13.5v57h-13.5z"/>'
    '<path d="M-7-1.3C-7-18.7 6.2-28 26-28 26-10.6 12.8-1.3-7-1.3z"/>'
    '<path d="M-7 2.3C-7 19.7 6.2 29 26 29 26 11.6 12.8 2.3-7 2.3z"/></g>';

    /// @dev A coin with a beaded edge in its wreath, and a banner with the level.
    string private constant _COIN = '<g transform="translate(175 141)scale(.97)">~7'
    '<use href="#k" stroke="~1" stroke-width=".6" opacity=".28"/>'
    '<g fill="url(#m)"><g id="w">~6</g><use href="#w" transform="scale(-1 1)"/>~8</g>'
    '<circle r="83" cy="4" opacity=".35"/><circle r="80" fill="url(#m)" stroke="~2"/>'
    '<circle r="73.5" fill="none" stroke="~2" stroke-width="3" stroke-linecap="round" stroke-dasharray="0 6.598"/>'
    '<circle r="67" fill="url(#b)" stroke="~0" stroke-opacity=".7"/>'
    '<use href="#k" transform="scale(.44)" stroke="~0" stroke-width=".7" opacity=".32"/>'
    '<g transform="translate(1-6)scale(1.05)"><use href="#K" y="2" fill="~4" opacity=".55"/>'
    '<use href="#K" fill="url(#m)" stroke="~0" stroke-width=".7"/></g><g fill="~0">~9</g>'
    '<path fill="~2" d="M-96 74l20-4v26l-20 5 8-13zM96 74l-20-4v26l20 5-8-13z"/>'
    '<path fill="url(#m)" stroke="~2" stroke-width=".6" d="M-80 66Q0 84 80 66v28Q0 112-80 94z"/>'
    '<path id="t" fill="none" d="M-80 87Q0 105 80 87"/>'
    '<text text-anchor="middle" fill="~4" font-weight="700" font-size="16" '
    'letter-spacing="5" font-family="Georgia,\'Times New Roman\',serif">'
    '<textPath href="#t" startOffset="51.5%">~a</textPath></text></g>';

    /// @dev A scalloped medal with a star, on a ribbon.
    string private constant _MEDAL = '<g transform="translate(175 144)">'
    '<use href="#k" stroke="~1" stroke-width=".6" opacity=".22"/>'
    '<path fill="~2" d="M-58-144h40L26 0h-46z"/>'
    '<path fill="~0" opacity=".55" d="M-50-144h8L0 0h-8zM-34-144h8L16 0h-8z"/>'
    '<path fill="~2" stroke="~4" stroke-opacity=".4" d="M58-144h-40L-26 0h46z"/>'
    '<path fill="~0" opacity=".8" d="M50-144h-8L0 0h8zM34-144h-8L-16 0h8z"/>'
    '<g stroke-linecap="round"><circle r="74" cy="4" fill="none" stroke="#000" stroke-opacity=".35" stroke-width="27" '
    'stroke-dasharray="0 19.373"/>'
    '<circle r="72" fill="url(#m)" stroke="url(#m)" stroke-width="24" stroke-dasharray="0 18.85"/></g>'
    '<circle r="66" fill="url(#i)" stroke="~2" stroke-width="1.5"/>'
    '<circle r="61" fill="none" stroke="~0" stroke-opacity=".6" stroke-width=".8"/>'
    '<use href="#k" transform="scale(.39)" stroke="~0" stroke-width=".8" opacity=".35"/>'
    '<g transform="translate(0 1)scale(5.2)"><use href="#s" y=".5" fill="~4" opacity=".5"/>'
    '<use href="#s" fill="url(#m)" stroke="~0" stroke-width=".15"/></g>~6</g>';

    string private constant _FACE = '<radialGradient id="i" cx=".35" cy=".3" r=".85"><stop stop-color="~1"/>'
    '<stop offset="1" stop-color="~2"/></radialGradient>';

    string private constant _PADLOCK = '<g transform="translate(58 54)">'
    '<circle r="24" cy="2" fill="~0" stroke="~2" stroke-width="1.5"/>'
    '<path fill="none" stroke="~4" stroke-width="3.5" d="M-9-3v-5a9 9 0 0 1 18 0v5"/>'
    '<rect x="-13" y="-3" width="26" height="19" rx="3.5" fill="~4"/><circle cy="6" r="2.6" fill="~0"/></g>';

    string private constant _THREE_FIGURES =
        '<text x="75" y="311" ~F09217</text><text x="175" y="311" ~G09217</text><text x="275" y="311" ~H09217</text>'
        '<g fill="~1" font-family="system-ui,sans-serif" font-size="8" letter-spacing="1.5">'
        '<text x="75" y="326">INVITED</text><text x="175" y="326">SHARE</text><text x="275" y="326">INCOME</text></g>';

    string private constant _TWO_FIGURES = '<text x="115" y="311" ~F14017</text><text x="250" y="311" ~G10017</text>'
    '<g fill="~1" font-family="system-ui,sans-serif" font-size="8" letter-spacing="1.5">'
    '<text x="115" y="326">COMMUNITY</text><text x="250" y="326">NUMBER</text></g>';

    /// @notice The picture of a referral badge.
    function referral(Referral memory badge) internal pure returns (string memory) {
        string[16] memory texts;
        _setMetal(texts, badge.level);
        (texts[5], texts[6], texts[7]) = (badge.invited, badge.share, badge.income);
        string memory columns = ArtLib.fill(_THREE_FIGURES, texts);
        _setLevel(texts, badge.level);
        texts[7] = ArtLib.fill(_COIN, texts);
        texts[5] = ArtLib.rosette(150, badge.seed);
        texts[6] = _SHAPES;
        texts[8] = columns;
        texts[9] = badge.community;
        (texts[10], texts[11]) = ("REFERRAL BADGE", badge.number);
        return ArtLib.fill(_FRAME, texts);
    }

    /// @notice The picture of an achievement.
    function achievement(Deed memory deed) internal pure returns (string memory) {
        string[16] memory texts;
        _setGem(texts, deed.achievementId);
        (texts[5], texts[6]) = (deed.community, deed.number);
        texts[8] = ArtLib.fill(_TWO_FIGURES, texts);
        texts[6] = deed.locked ? ArtLib.fill(_PADLOCK, texts) : "";
        texts[7] = ArtLib.fill(_MEDAL, texts);
        texts[5] = ArtLib.rosette(150, deed.seed);
        texts[6] = ArtLib.fill(_FACE, texts);
        texts[9] = deed.label;
        (texts[10], texts[11]) = ("ACHIEVEMENT", deed.locked ? "LOCKED" : "TRANSFERABLE");
        return ArtLib.fill(_FRAME, texts);
    }

    function _setMetal(string[16] memory texts, uint256 level) private pure {
        _setPalette(
            texts,
            level == 0
                ? "#fbe0c4|#d0905c|#6a3518|#5a2f1a|#170b05"
                : level == 1 ? "#ffffff|#bcc7d1|#66727e|#3b4b5c|#0b1016" : "#fff6cf|#ecbd52|#8f5d10|#2c6141|#081810"
        );
    }

    function _setGem(string[16] memory texts, uint256 number) private pure {
        uint256 hue = ArtLib.hue(number + 2);
        (texts[5], texts[6]) = (hue.toString(), ((hue + 340) % 360).toString());
        _setPalette(
            texts,
            ArtLib.fill("hsl(~5,75%,91%)|hsl(~5,60%,66%)|hsl(~5,50%,30%)|hsl(~6,42%,24%)|hsl(~6,50%,6%)", texts)
        );
    }

    function _setPalette(string[16] memory texts, string memory palette) private pure {
        string[] memory colors = LibString.split(palette, "|");
        for (uint256 i; i < colors.length; ++i) texts[i] = colors[i];
    }

    /// @dev A higher level has more leaves and stars; gold has rays, and a star on top.
    function _setLevel(string[16] memory texts, uint256 level) private pure {
        texts[6] = "";
        for (uint256 i; i < 6 + 3 * level; ++i) {
            texts[6] = string.concat(texts[6], '<use href="#f" transform="rotate(', (198 + 12 * i).toString(), ')"/>');
        }
        texts[9] = level == 1 ? "" : '<use href="#s" y="46"/>';
        if (level > 0) {
            texts[5] = level == 1 ? "9" : "18";
            texts[9] = ArtLib.fill('~9<use href="#s" x="-~5" y="46"/><use href="#s" x="~5" y="46"/>', texts);
        }
        (texts[7], texts[8]) = ("", "");
        if (level == 2) {
            texts[7] = '<circle r="130" fill="none" stroke="#fff" stroke-opacity=".06" stroke-width="260" '
            'stroke-dasharray="17.017"/>';
            texts[8] = '<use href="#s" transform="translate(0-102)scale(1.7)"/>';
        }
        texts[10] = level == 0 ? "BRONZE" : level == 1 ? "SILVER" : "GOLD";
    }
}
