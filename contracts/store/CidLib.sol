// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Writes the CID of a raw block down.
library CidLib {
    bytes32 private constant _ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"; // RFC 4648, lower case

    /// @notice `ipfs://` and the CIDv1 (raw, sha2-256) in multibase base32.
    /// @dev 288 bits: the prefix 01 55 12 20 is `afkrei` and two bits 0, which open the first character of the digest;
    /// two bits 0 close the last one.
    function uriOf(bytes32 digest) internal pure returns (string memory) {
        bytes memory text = new bytes(52);
        for (uint256 i; i < 51; ++i) {
            text[i] = _ALPHABET[(uint256(digest) >> (253 - 5 * i)) & 31];
        }
        text[51] = _ALPHABET[(uint256(digest) << 2) & 31];
        return string.concat("ipfs://bafkrei", string(text));
    }
}
