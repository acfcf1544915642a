// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IMembershipArt
/// @notice What memberships show of themselves. One contract for all communities; it keeps nothing.
interface IMembershipArt {
    /// @notice The JSON of a membership as a data URI, with its picture in it.
    /// @param name of the memberships. @param expiresAt unix seconds, exclusive; type(uint40).max = for life
    function tokenURI(string calldata name, bytes32 tierLabel, uint256 tokenId, uint40 expiresAt)
        external
        pure
        returns (string memory);

    /// @notice The JSON of the contract as a data URI (ERC-7572).
    function contractURI(string calldata name, string calldata symbol) external pure returns (string memory);
}
