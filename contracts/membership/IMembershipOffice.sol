// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMembershipBase} from "./IMembershipBase.sol";

/// @title IMembershipOffice
/// @notice What a community's people do with its memberships, and what a membership shows of itself: at the address of the
/// Membership, which hands these calls on.
interface IMembershipOffice is IMembershipBase {
    /// @notice Unpaid time for an account.
    struct Grant {
        address recipient;
        uint16 tierId;
        uint40 seconds_;
        uint256 tokenId; // the recipient's membership in that tier; 0 = it has none and gets one
    }

    /// @notice Gives unpaid time, to new members and to members. Only a granter or the owner.
    /// @dev Time ahead stays within the limit of paid time. A grant never changes what is unearned.
    function grant(Grant[] calldata grants) external;

    /// @notice Ends a membership now and adds what is unearned to the holder's funds. Only a granter or the owner.
    /// @dev Sold for life: only while it is being earned (MembershipEarned).
    function revoke(uint256 tokenId) external;

    /// @notice Makes a tier; ids rise from 1. Only the owner, as all that follow.
    function createTier(TierParams calldata params) external returns (uint16 tierId);

    /// @notice Joins cost `price` at once; renewals after the notice if it is a rise.
    function setTierPrice(uint16 tierId, uint96 price) external;

    /// @notice Stops or reopens joins; renewals go on.
    function setTierPaused(uint16 tierId, bool paused) external;

    /// @notice Who may join, and what an invitee saves.
    function setTierAccess(uint16 tierId, bool invitationOnly, bytes32 allowRoot, uint16 inviteeDiscountBps) external;

    /// @notice Renames a tier.
    function setTierLabel(uint16 tierId, bytes32 label) external;

    /// @notice Ends joins at once and renewals at `retiresAt`, a full notice away at least; only once.
    function retireTier(uint16 tierId, uint40 retiresAt) external;

    /// @notice Rates of badges that are first used from now on; the unit of volume is the cheapest paid price of today.
    function setRates(Rates calldata rates) external returns (uint16 version);

    /// @notice Sends a token that is not the currency, or native coins in an ERC-20 community, to `to`. Treasurer or owner.
    function sweep(address token, address to) external returns (uint256 amount);

    /// @notice The rates of a version. 0 is the one of the opening.
    function ratesOf(uint16 version) external view returns (Rates memory);
    /// @notice The newest version of the rates: what badges get that are first used now.
    function ratesVersion() external view returns (uint16);

    /// @notice ERC-2981: to the Community, in the currency of the sale.
    function royaltyInfo(uint256 tokenId, uint256 salePrice) external view returns (address receiver, uint256 amount);

    /// @notice The metadata of a membership, as its tokenURI: JSON with the picture in it.
    function metadataOf(uint256 tokenId) external view returns (string memory);

    /// @notice ERC-7572.
    function contractURI() external view returns (string memory);
}
