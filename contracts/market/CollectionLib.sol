// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICommunity} from "../community/ICommunity.sol";
import {ICommunityFactory} from "../community/ICommunityFactory.sol";
import {IMembershipBase} from "../membership/IMembershipBase.sol";

/// @notice Which collections are genuine: Membership and Badges of a community of one factory.
library CollectionLib {
    /// @notice Whether the factory made the community that `membership` names, and that community names both contracts.
    /// @dev Anybody may put anything here: what does not answer as one of ours does is not genuine.
    function isGenuine(address collection, address membership, ICommunityFactory factory) internal view returns (bool) {
        (bool answered, bytes memory answer) = membership.staticcall(abi.encodeCall(IMembershipBase.community, ()));
        if (!answered || answer.length != 32) return false;
        uint256 word = abi.decode(answer, (uint256));
        if (word > type(uint160).max) return false;
        address community = address(uint160(word));
        if (!factory.isCommunity(community) || ICommunity(community).membership() != membership) return false;
        return collection == membership || collection == ICommunity(community).badges();
    }
}
