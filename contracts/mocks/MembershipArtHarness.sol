// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ArtLib} from "../art/ArtLib.sol";
import {MembershipArt} from "../membership/MembershipArt.sol";

/// @notice Lets tests call the libraries that draw.
contract MembershipArtHarness {
    function tokenURI(string calldata name, bytes32 tierLabel, uint256 tokenId, uint40 expiresAt)
        external
        pure
        returns (string memory)
    {
        return MembershipArt.tokenURI(name, tierLabel, tokenId, expiresAt);
    }

    function contractURI(string calldata name, string calldata symbol) external pure returns (string memory) {
        return MembershipArt.contractURI(name, symbol);
    }

    function clean(bytes calldata text) external pure returns (bytes memory) {
        return bytes(ArtLib.clean(string(text)));
    }
}
