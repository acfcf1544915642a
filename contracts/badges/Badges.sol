// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC721} from "solady/tokens/ERC721.sol";
import {LibClone} from "solady/utils/LibClone.sol";
import {ICommunity} from "../community/ICommunity.sol";
import {IMembership} from "../membership/IMembership.sol";
import {IBadges} from "./IBadges.sol";

/// @title Badges
contract Badges is IBadges, ERC721 {
    function mint(uint40 badge) external {
        address holder = IMembership(_membership()).markMinted(badge);
        require(holder == msg.sender);
        _mint(holder, badge);
    }

    function mintFor(uint40 badge, address holder) external {
        require(msg.sender == _membership());
        _mint(holder, badge);
    }

    function name() public pure override returns (string memory) {
        return "";
    }

    function symbol() public pure override returns (string memory) {
        return "";
    }

    function tokenURI(uint256) public pure override returns (string memory) {
        return "";
    }

    function _membership() private view returns (address) {
        return ICommunity(address(bytes20(LibClone.argsOnClone(address(this), 0, 20)))).membership();
    }
}
