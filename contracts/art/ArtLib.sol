// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Base64} from "solady/utils/Base64.sol";
import {DynamicBufferLib} from "solady/utils/DynamicBufferLib.sol";
import {LibString} from "solady/utils/LibString.sol";

/// @title ArtLib
/// @notice What the pictures of all tokens share: templates, safe text, sizes that fit, and the JSON round the picture.
/// @dev Names and labels are hostile: every one goes through `xml` or `json`.
library ArtLib {
    using DynamicBufferLib for DynamicBufferLib.DynamicBuffer;
    using LibString for uint256;

    string internal constant SVG = "image/svg+xml"; // media types
    string internal constant JSON = "application/json";

    /// @dev Halves of eight hues, in degrees: green, violet, blue, wine, teal, copper, plum, indigo.
    bytes8 private constant _HUES = 0x498468ac5a0b9c74;

    /// @notice The template with its marks replaced: `~0` to `~9` by `texts` as they are, `~a` to `~f` by the last six.
    /// `~A29026` is the rest of an SVG text element: `texts[0]`, escaped, at most 290 wide, font size 26 or smaller.
    /// @dev Marks in what is put in are not looked at.
    // `p` gives the buffer back that it was called on.
    // slither-disable-next-line unused-return
    function fill(string memory template, string[16] memory texts) internal pure returns (string memory) {
        string[] memory pieces = LibString.split(template, "~");
        DynamicBufferLib.DynamicBuffer memory page;
        page.p(bytes(pieces[0]));
        for (uint256 i = 1; i < pieces.length; ++i) {
            bytes memory piece = bytes(pieces[i]);
            uint256 mark = uint8(piece[0]);
            bool fits = mark > 0x40 && mark < 0x61; // a capital
            if (fits) page.p(_fitted(texts[mark - 0x41], _number(piece, 1, 4), _number(piece, 4, 6)));
            else page.p(bytes(texts[mark < 0x41 ? mark - 0x30 : mark - 0x57]));
            page.p(bytes(LibString.slice(string(piece), fits ? 6 : 1)));
        }
        return string(page.data);
    }

    /// @notice `text` as it may stand in the text or an attribute of an XML document.
    function xml(string memory text) internal pure returns (string memory) {
        return LibString.escapeHTML(clean(text));
    }

    /// @notice `text` as it may stand in a JSON string.
    function json(string memory text) internal pure returns (string memory) {
        return LibString.escapeJSON(clean(text));
    }

    /// @notice The text of a zero-padded label.
    function fromLabel(bytes32 label) internal pure returns (string memory) {
        return LibString.fromSmallString(LibString.normalizeSmallString(label));
    }

    /// @notice `text` in one line, without control characters and without bytes that are not UTF-8: XML takes neither.
    function clean(string memory text) internal pure returns (string memory) {
        bytes memory given = bytes(text);
        bytes memory kept = new bytes(given.length);
        uint256 length;
        for (uint256 i; i < given.length;) {
            uint256 size = _characterSize(given, i);
            if (size != 0) for (; size != 0; --size) kept[length++] = given[i++];
            else if (given[i++] == "\n") kept[length++] = " ";
        }
        return LibString.slice(string(kept), 0, length);
    }

    /// @notice Definition of `#k`: a rosette of ellipses as on a banknote, another one for each `seed`.
    function rosette(uint256 radius, bytes32 seed) internal pure returns (string memory) {
        string[16] memory texts;
        texts[0] = radius.toString();
        texts[1] = (radius / 5 + uint256(seed) % (radius / 2)).toString();
        texts[2] = (3 + (uint256(seed) >> 16) % 10).toString();
        return fill(
            '<ellipse id="e" fill="none" rx="~0" ry="~1"/>'
            '<g id="g"><use href="#e"/><use href="#e" transform="rotate(~2)"/></g>'
            '<g id="h"><use href="#g"/><use href="#g" transform="rotate(22.5)"/></g>'
            '<g id="j"><use href="#h"/><use href="#h" transform="rotate(45)"/></g>'
            '<g id="k"><use href="#j"/><use href="#j" transform="rotate(90)"/></g>',
            texts
        );
    }

    /// @notice The `number`th hue, in degrees.
    function hue(uint256 number) internal pure returns (uint256) {
        return uint256(uint8(_HUES[number % 8])) * 2;
    }

    /// @notice A document as a data URI (RFC 2397).
    function uri(string memory mediaType, string memory document) internal pure returns (string memory) {
        return string.concat("data:", mediaType, ";base64,", Base64.encode(bytes(document)));
    }

    /// @dev Size and text of a text element of at most `width`.
    function _fitted(string memory text, uint256 width, uint256 size) private pure returns (bytes memory) {
        uint256 tenths = size * 10;
        uint256 ems = _widthOf(bytes(text));
        if (tenths * ems > width * 1_000) tenths = width * 1_000 / ems;
        string memory fraction = (tenths % 10).toString();
        return abi.encodePacked('font-size="', (tenths / 10).toString(), ".", fraction, '">', xml(text));
    }

    /// @dev The decimal number in `text` from `start` to before `end`.
    function _number(bytes memory text, uint256 start, uint256 end) private pure returns (uint256 number) {
        for (uint256 i = start; i < end; ++i) number = number * 10 + uint8(text[i]) - 0x30;
    }

    /// @dev Width in hundredths of the font size, rather too wide: of wide serif fonts.
    function _widthOf(bytes memory text) private pure returns (uint256 width) {
        for (uint256 i; i < text.length; ++i) {
            uint8 unit = uint8(text[i]);
            if (unit >= 0xf0) width += 130;
            else if (unit >= 0xe0) width += 105;
            else if (unit >= 0xc0) width += 75;
            else if (unit >= 0x80) continue; // the rest of a character
            else if (unit == 0x4d || unit == 0x57) width += 115; // M, W
            else if (unit == 0x6d || unit == 0x77) width += 98; // m, w
            else if (unit >= 0x61 || (unit >= 0x30 && unit < 0x3a)) width += 62; // small letters, digits
            else if (unit >= 0x40) width += 82; // capitals
            else width += 40; // space and points
        }
    }

    /// @dev Bytes of the UTF-8 character (RFC 3629, section 4) that begins at `i`; 0 = none, or a control character.
    function _characterSize(bytes memory text, uint256 i) private pure returns (uint256 size) {
        uint8 first = uint8(text[i]);
        if (first < 0x80) return first < 0x20 || first == 0x7f ? 0 : 1;
        if (first < 0xc2 || first > 0xf4) return 0;
        size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        if (i + size > text.length) return 0;
        uint8 second = uint8(text[i + 1]);
        uint8 least = first == 0xc2 || first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        uint8 most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (second < least || second > most) return 0;
        for (uint256 n = 2; n < size; ++n) {
            if (uint8(text[i + n]) & 0xc0 != 0x80) return 0;
        }
        if (first == 0xef && second == 0xbf && uint8(text[i + 2]) > 0xbd) return 0; // U+FFFE, U+FFFF
    }
}
