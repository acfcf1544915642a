// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Base64} from "solady/utils/Base64.sol";
import {LibString} from "solady/utils/LibString.sol";

/// @notice What a membership shows of itself.
library MembershipArt {
    function tokenURI(string memory name, bytes32 tierLabel, uint256 tokenId, uint40 expiresAt)
        internal
        pure
        returns (string memory)
    {
        string memory label = LibString.fromSmallString(LibString.normalizeSmallString(tierLabel));
        bytes memory json = abi.encodePacked(
            '{"name":"', LibString.escapeJSON(name), " #", LibString.toString(tokenId),
            '","attributes":[{"trait_type":"tier","value":"', LibString.escapeJSON(label),
            '"},{"display_type":"date","trait_type":"expires","value":', LibString.toString(expiresAt), "}]}"
        );
        return string.concat("data:application/json;base64,", Base64.encode(json));
    }

    function contractURI(string memory name, string memory symbol) internal pure returns (string memory) {
        bytes memory json = abi.encodePacked(
            '{"name":"', LibString.escapeJSON(name), '","symbol":"', LibString.escapeJSON(symbol), '"}'
        );
        return string.concat("data:application/json;base64,", Base64.encode(json));
    }
}
