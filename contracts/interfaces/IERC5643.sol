// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ERC-5643: subscription NFTs
/// @dev Interface id 0x8c65f84d. https://eips.ethereum.org/EIPS/eip-5643
interface IERC5643 {
    /// @notice The expiry of a subscription changed.
    event SubscriptionUpdate(uint256 indexed tokenId, uint64 expiration);

    /// @notice Extends the subscription by `duration` seconds.
    function renewSubscription(uint256 tokenId, uint64 duration) external payable;

    /// @notice Ends the subscription.
    function cancelSubscription(uint256 tokenId) external payable;

    /// @notice When the subscription expires; unix seconds.
    function expiresAt(uint256 tokenId) external view returns (uint64);

    /// @notice Whether it can be renewed.
    function isRenewable(uint256 tokenId) external view returns (bool);
}
