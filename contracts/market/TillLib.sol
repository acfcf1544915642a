// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What is known of the sales of a collection by a page, and native coins that wait to be paid out, in one word.
/// @dev High bits to low: `0 15 | opened 1 | royaltyBps 16 | fees 112 | royalties 112`. The coins of a till lie in the market,
/// so no sum can outgrow its 112 bits, which hold more than the base units of any native coin.
library TillLib {
    uint256 private constant _OPENED = 1 << 240;

    /// @notice A till of a genuine collection whose community gets `royaltyBps` of each sale, for good.
    function opened(uint16 royaltyBps) internal pure returns (uint256) {
        return _OPENED | (uint256(royaltyBps) << 224);
    }

    /// @notice The till with what a sale adds.
    function add(uint256 till, uint256 royalty, uint256 fee) internal pure returns (uint256) {
        return till + royalty + (fee << 112);
    }

    /// @notice The till when all that waits has been paid.
    function emptied(uint256 till) internal pure returns (uint256) {
        return till >> 224 << 224;
    }

    function royaltyBpsOf(uint256 till) internal pure returns (uint16) {
        return uint16(till >> 224);
    }

    function royaltiesOf(uint256 till) internal pure returns (uint112) {
        return uint112(till);
    }

    function feesOf(uint256 till) internal pure returns (uint112) {
        return uint112(till >> 112);
    }
}
