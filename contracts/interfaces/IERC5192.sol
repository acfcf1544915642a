// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ERC-5192: minimal soulbound NFTs
/// @dev Interface id 0xb45a3c0e. https://eips.ethereum.org/EIPS/eip-5192
interface IERC5192 {
    /// @notice The token cannot be transferred any more. Also emitted when a token is minted locked.
    event Locked(uint256 tokenId);

    /// @notice The token can be transferred. Also emitted when a token is minted so.
    event Unlocked(uint256 tokenId);

    /// @notice Whether the token cannot be transferred. Reverts for a token that does not exist.
    function locked(uint256 tokenId) external view returns (bool);
}
