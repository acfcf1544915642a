// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMembership} from "../membership/IMembership.sol";
import {IBadges} from "./IBadges.sol";

/// @title IBadgeArt
/// @notice What badges show of themselves. One contract for all communities; it keeps nothing.
/// @dev `name` is the community's. It, labels and a currency's symbol are hostile: whatever they hold, JSON and SVG are
/// well-formed and show it as text.
interface IBadgeArt {
    /// @notice The JSON of a referral badge as a data URI: level, counted members, share and income of the moment.
    function referralUri(string calldata name, IMembership membership, uint40 badge)
        external
        view
        returns (string memory);

    /// @notice The JSON of an achievement's token as a data URI.
    function achievementUri(string calldata name, IBadges.Achievement calldata achievement, uint256 tokenId)
        external
        pure
        returns (string memory);

    /// @notice The JSON of the contract as a data URI (ERC-7572).
    function contractUri(string calldata name, string calldata symbol) external pure returns (string memory);

    /// @notice The picture of a referral badge as SVG.
    function referralImage(string calldata name, IMembership membership, uint40 badge)
        external
        view
        returns (string memory);

    /// @notice The picture of an achievement's token as SVG.
    function achievementImage(string calldata name, IBadges.Achievement calldata achievement, uint256 tokenId)
        external
        pure
        returns (string memory);
}
