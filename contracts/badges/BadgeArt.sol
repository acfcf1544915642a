// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibString} from "solady/utils/LibString.sol";
import {ArtLib} from "../art/ArtLib.sol";

/// @title BadgeArt
/// @notice The pictures of badges: a coin in a laurel wreath for a referral badge, which grows with the level; a medal on a
/// ribbon for an achievement. Each level has its metal, each achievement its color, each badge a pattern of its own.
library BadgeArt {
    using LibString for uint256;

    /// @notice What the picture of a referral badge says. Texts are not escaped yet.
    struct Referral {
        string community;
        string number;
        uint8 level; // 0 bronze, 1 silver, 2 gold
        string invited;
        string rate;
        string income;
        bytes32 seed;
    }

    /// @notice What the picture of an achievement says. Texts are not escaped yet.
    struct Deed {
        string community;
        string label;
        string number;
        uint32 achievementId;
        bool locked;
        bytes32 seed;
    }

    /// @dev From light to dark.
    struct Palette {
        string light;
        string middle;
        string dark;
        string ground;
        string night;
    }

    string private constant _MARK = '<g id="K"><path d="M-25-28h13.5v57h-13.5z"/><path d="M-7-1.3C-7-18.7 6.2-28 26-28 26-10.6 12.8-1.3-7-1.3z"/>'
    '<path d="M-7 2.3C-7 19.7 6.2 29 26 29 26 11.6 12.8 2.3-7 2.3z"/></g>';
    string private constant _LEAVES = '<path id="l" d="M0 0C-7-4-8-17 0-28 8-17 7-4 0 0z"/>'
    '<g id="f"><use href="#l" transform="translate(0-95)rotate(78)scale(.8)"/><use href="#l" transform="translate(0-97)rotate(38)"/></g>';
    string private constant _STAR =
        '<path id="s" d="M0-7 1.8-2.2 6.7-2.2 2.7.9 4.1 5.7 0 2.8-4.1 5.7-2.7.9-6.7-2.2-1.8-2.2z"/>';

    /// @notice The picture of a referral badge.
    function referral(Referral memory badge) internal pure returns (string memory) {
        Palette memory palette = _metal(badge.level);
        return string.concat(
            _ground(palette, badge.seed, string.concat(_MARK, _LEAVES)),
            '<g transform="translate(175 141)scale(.97)">',
            badge.level == 2 ? '<circle r="130" fill="none" stroke="#fff" stroke-opacity=".06" stroke-width="260" stroke-dasharray="17.017"/>' : "",
            _pattern(palette.middle, ".28"),
            _wreath(badge.level),
            _coin(palette, badge.level),
            _banner(palette, levelName(badge.level, true)),
            "</g>",
            _title(palette, badge.community),
            _column(palette, "75", badge.invited, "INVITED"),
            _column(palette, "175", badge.rate, "SHARE"),
            _column(palette, "275", badge.income, "INCOME"),
            _frame(palette, "REFERRAL BADGE", badge.number)
        );
    }

    /// @notice The picture of an achievement.
    function achievement(Deed memory deed) internal pure returns (string memory) {
        Palette memory palette = _gem(deed.achievementId);
        return string.concat(
            _ground(palette, deed.seed, ""),
            '<g transform="translate(175 144)">',
            _pattern(palette.middle, ".22"),
            _ribbon(palette),
            _medal(palette),
            deed.locked ? _padlock(palette) : "",
            "</g>",
            _title(palette, deed.label),
            _column(palette, "105", deed.community, "COMMUNITY"),
            _column(palette, "245", deed.number, "NUMBER"),
            _frame(palette, "ACHIEVEMENT", deed.locked ? "LOCKED" : "TRANSFERABLE")
        );
    }

    /// @notice What a level is called.
    function levelName(uint8 level, bool capitals) internal pure returns (string memory name) {
        name = level == 0 ? "bronze" : level == 1 ? "silver" : "gold";
        if (capitals) name = LibString.upper(name);
    }

    function _metal(uint8 level) private pure returns (Palette memory) {
        if (level == 0) return Palette("#fbe0c4", "#d0905c", "#6a3518", "#5a2f1a", "#170b05");
        if (level == 1) return Palette("#fff", "#bcc7d1", "#66727e", "#3b4b5c", "#0b1016");
        return Palette("#fff6cf", "#ecbd52", "#8f5d10", "#2c6141", "#081810");
    }

    function _gem(uint256 number) private pure returns (Palette memory) {
        number += 2;
        return Palette(
            ArtLib.hsl(number, 0, "75%,91%"),
            ArtLib.hsl(number, 0, "60%,66%"),
            ArtLib.hsl(number, 0, "50%,30%"),
            ArtLib.hsl(number, 25, "42%,24%"),
            ArtLib.hsl(number, 25, "50%,6%")
        );
    }

    /// @dev Definitions and the background.
    function _ground(Palette memory palette, bytes32 seed, string memory more) private pure returns (string memory) {
        return string.concat(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 350 350"><defs><radialGradient id="b" cy=".38" r=".75">',
            string.concat(ArtLib.stop("0", palette.ground), ArtLib.stop("1", palette.night)),
            '</radialGradient><linearGradient id="m" x2="1" y2="1">',
            string.concat(
                ArtLib.stop("0", palette.light),
                ArtLib.stop(".3", palette.middle),
                ArtLib.stop(".5", palette.light),
                ArtLib.stop(".72", palette.dark),
                ArtLib.stop("1", palette.middle)
            ),
            '</linearGradient><radialGradient id="i" cx=".35" cy=".3" r=".85">',
            string.concat(ArtLib.stop("0", palette.middle), ArtLib.stop("1", palette.dark), "</radialGradient>"),
            ArtLib.rosette(150, seed),
            _STAR,
            more,
            '</defs><path fill="url(#b)" d="M0 0h350v350H0z"/>'
        );
    }

    function _pattern(string memory color, string memory opacity) private pure returns (string memory) {
        return string.concat('<use href="#k" stroke="', color, '" stroke-width=".6" opacity="', opacity, '"/>');
    }

    /// @dev Leaves on both sides: more for a higher level, and a star on top for the highest.
    function _wreath(uint256 level) private pure returns (string memory leaves) {
        for (uint256 i; i < 6 + 3 * level; ++i) {
            leaves = string.concat(leaves, '<use href="#f" transform="rotate(', (198 + 12 * i).toString(), ')"/>');
        }
        leaves = string.concat(
            '<g fill="url(#m)"><g id="w">', leaves, '</g><use href="#w" transform="scale(-1 1)"/>',
            level == 2 ? '<use href="#s" transform="translate(0-102)scale(1.7)"/></g>' : "</g>"
        );
    }

    /// @dev A coin with a beaded edge, Koinon's mark, and as many stars as the level counts.
    function _coin(Palette memory palette, uint256 level) private pure returns (string memory) {
        return string.concat(
            string.concat(
                '<circle r="83" cy="4" opacity=".35"/><circle r="80" fill="url(#m)" stroke="', palette.dark,
                '"/><circle r="73.5" fill="none" stroke-width="3" stroke-linecap="round" stroke-dasharray="0 6.598" stroke="', palette.dark,
                '"/><circle r="67" fill="url(#i)" stroke-opacity=".7" stroke="', palette.light,
                '"/><g transform="scale(.44)">'
            ),
            _pattern(palette.light, ".32"),
            string.concat(
                '</g><g transform="translate(1-6)scale(1.05)"><use href="#K" y="2" opacity=".55" fill="', palette.night,
                '"/><use href="#K" fill="url(#m)" stroke-width=".7" stroke="', palette.light,
                '"/></g><g fill="', palette.light
            ),
            level == 0
                ? '"><use href="#s" y="46"/></g>'
                : level == 1
                    ? '"><use href="#s" x="-9" y="46"/><use href="#s" x="9" y="46"/></g>'
                    : '"><use href="#s" x="-18" y="46"/><use href="#s" y="46"/><use href="#s" x="18" y="46"/></g>'
        );
    }

    function _banner(Palette memory palette, string memory text) private pure returns (string memory) {
        return string.concat(
            string.concat(
                '<path d="M-96 74l20-4v26l-20 5 8-13zM96 74l-20-4v26l20 5-8-13z" fill="', palette.dark,
                '"/><path d="M-80 66Q0 84 80 66v28Q0 112-80 94z" fill="url(#m)" stroke-width=".6" stroke="', palette.dark,
                '"/><path id="t" d="M-80 87Q0 105 80 87" fill="none"/><text text-anchor="middle" font-weight="700" font-size="16" letter-spacing="5" font-family="'
            ),
            string.concat(ArtLib.SERIF, '" fill="', palette.night, '"><textPath href="#t" startOffset="51.5%">', text, "</textPath></text>")
        );
    }

    function _ribbon(Palette memory palette) private pure returns (string memory) {
        return string.concat(
            string.concat('<path d="M-58-144h40L26 0h-46z" fill="', palette.dark, '"/><path d="M-50-144h8L0 0h-8zM-34-144h8L16 0h-8z" opacity=".55" fill="', palette.light),
            string.concat('"/><path d="M58-144h-40L-26 0h46z" stroke-opacity=".4" fill="', palette.dark, '" stroke="', palette.night),
            string.concat('"/><path d="M50-144h-8L0 0h8zM34-144h-8L-16 0h8z" opacity=".8" fill="', palette.light, '"/>')
        );
    }

    function _medal(Palette memory palette) private pure returns (string memory) {
        return string.concat(
            '<circle r="74" cy="4" fill="none" stroke="#000" stroke-opacity=".35" stroke-width="27" stroke-linecap="round" stroke-dasharray="0 19.373"/>'
            '<circle r="72" stroke="url(#m)" fill="url(#m)" stroke-width="24" stroke-linecap="round" stroke-dasharray="0 18.85"/>',
            string.concat('<circle r="66" fill="url(#i)" stroke-width="1.5" stroke="', palette.dark),
            string.concat('"/><circle r="61" fill="none" stroke-opacity=".6" stroke-width=".8" stroke="', palette.light),
            '"/><g transform="scale(.39)">',
            _pattern(palette.light, ".35"),
            string.concat('</g><g transform="translate(0 1)scale(5.2)"><use href="#s" y=".5" opacity=".5" fill="', palette.night),
            string.concat('"/><use href="#s" fill="url(#m)" stroke-width=".15" stroke="', palette.light, '"/></g>')
        );
    }

    function _padlock(Palette memory palette) private pure returns (string memory) {
        return string.concat(
            string.concat('<g transform="translate(58 54)"><circle r="24" cy="2" stroke-width="1.5" fill="', palette.light, '" stroke="', palette.dark),
            string.concat('"/><path d="M-9-3v-5a9 9 0 0 1 18 0v5" fill="none" stroke-width="3.5" stroke="', palette.night),
            string.concat('"/><rect x="-13" y="-3" width="26" height="19" rx="3.5" fill="', palette.night),
            string.concat('"/><circle cy="6" r="2.6" fill="', palette.light, '"/></g>')
        );
    }

    /// @dev The large line, with a rule below.
    function _title(Palette memory palette, string memory text) private pure returns (string memory) {
        return string.concat(
            string.concat('<path d="M45 285h260v.6H45z" opacity=".5" fill="', palette.middle, '"/><g text-anchor="middle" font-family="', ArtLib.SERIF),
            string.concat('" fill="', palette.light, '">'),
            ArtLib.fitted('x="175" y="273"', text, 300, 23),
            "</g>"
        );
    }

    function _column(Palette memory palette, string memory x, string memory text, string memory caption)
        private
        pure
        returns (string memory)
    {
        return string.concat(
            string.concat('<g text-anchor="middle" font-family="', ArtLib.SERIF, '" fill="', palette.light, '">'),
            ArtLib.fitted(string.concat('x="', x, '" y="311"'), text, 96, 17),
            string.concat("</g><text ", ArtLib.SMALL, ' text-anchor="middle" x="', x, '" y="326" fill="'),
            string.concat(palette.middle, '">', caption, "</text>")
        );
    }

    function _frame(Palette memory palette, string memory left, string memory right) private pure returns (string memory) {
        return string.concat(
            string.concat("<g ", ArtLib.SMALL, ' fill="', palette.middle, '"><text x="26" y="33">', left),
            string.concat('</text><text x="324" y="33" text-anchor="end">', right),
            '</text></g><rect x="9" y="9" width="332" height="332" rx="20" fill="none" stroke="url(#m)" stroke-width="1.5"/></svg>'
        );
    }
}
