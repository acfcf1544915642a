// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibClone} from "solady/utils/LibClone.sol";
import {IMembership} from "../membership/IMembership.sol";
import {ICommunity} from "./ICommunity.sol";
import {ICommunityFactory} from "./ICommunityFactory.sol";

/// @title CommunityFactory
/// @notice See ICommunityFactory. It has no owner and no setting that can change.
contract CommunityFactory is ICommunityFactory {
    uint16 private constant _PARENT_CAP_BPS = 1_000;
    uint40 private constant _LEAST_NOTICE = 7 days;
    uint40 private constant _MOST_NOTICE = 90 days;
    uint256 private constant _MOST_NAME = 64; // bytes
    uint256 private constant _MOST_SYMBOL = 16; // bytes

    address private immutable _COMMUNITY; // implementation behind the clones
    address private immutable _MEMBERSHIP;
    uint16 private immutable _OPERATOR_CAP_BPS;

    mapping(address community => bool) private _opened;

    /// @param operatorCap highest operator's commission, 1/10 000; at most 500
    constructor(address community, address membership, uint16 operatorCap) {
        if (operatorCap > 500) revert OperatorShareTooHigh(operatorCap, 500);
        (_COMMUNITY, _MEMBERSHIP, _OPERATOR_CAP_BPS) = (community, membership, operatorCap);
    }

    /// @inheritdoc ICommunityFactory
    function open(Opening calldata opening) external returns (address community, address membership) {
        _check(opening);
        bytes32 salt = _saltOf(msg.sender, opening);
        community = LibClone.cloneDeterministic(_COMMUNITY, _communityArguments(opening), salt);
        membership = LibClone.cloneDeterministic(_MEMBERSHIP, _membershipArguments(opening, community), salt);
        _opened[community] = true;
        _emitOpened(opening, community, membership);
        ICommunity(community).initialize(
            ICommunity.Setup({
                owner: msg.sender,
                membership: membership,
                operator: opening.operator,
                operatorBps: opening.operatorBps,
                parentBps: opening.parentBps,
                homeUri: opening.homeUri,
                homeKey: opening.homeKey
            })
        );
        IMembership(membership).initialize(opening.tiers);
    }

    /// @inheritdoc ICommunityFactory
    function addressesOf(address founder, Opening calldata opening)
        external
        view
        returns (address community, address membership)
    {
        bytes32 salt = _saltOf(founder, opening);
        community =
            LibClone.predictDeterministicAddress(_COMMUNITY, _communityArguments(opening), salt, address(this));
        membership = LibClone.predictDeterministicAddress(
            _MEMBERSHIP, _membershipArguments(opening, community), salt, address(this)
        );
    }

    /// @inheritdoc ICommunityFactory
    function operatorCapBps() external view returns (uint16) {
        return _OPERATOR_CAP_BPS;
    }

    /// @inheritdoc ICommunityFactory
    function isCommunity(address community) public view returns (bool) {
        return _opened[community];
    }

    /// @dev Reverts unless the opening keeps the caps and every outside address is what it claims to be.
    function _check(Opening calldata opening) private view {
        uint256 nameLength = bytes(opening.name).length;
        uint256 symbolLength = bytes(opening.symbol).length;
        if (nameLength == 0 || nameLength > _MOST_NAME) revert NameInvalid(opening.name);
        if (symbolLength == 0 || symbolLength > _MOST_SYMBOL) revert SymbolInvalid(opening.symbol);
        if (opening.noticeSeconds < _LEAST_NOTICE || opening.noticeSeconds > _MOST_NOTICE) {
            revert NoticeOutOfRange(opening.noticeSeconds, _LEAST_NOTICE, _MOST_NOTICE);
        }
        if (opening.homeKey == address(0)) revert HomeKeyMissing();
        if (opening.currency != address(0) && opening.currency.code.length == 0) {
            revert CurrencyNotContract(opening.currency);
        }
        uint16 operatorCap = opening.operator == address(0) ? 0 : _OPERATOR_CAP_BPS;
        if (opening.operatorBps > operatorCap) revert OperatorShareTooHigh(opening.operatorBps, operatorCap);
        uint16 parentCap = opening.parent == address(0) ? 0 : _PARENT_CAP_BPS;
        if (opening.parentBps > parentCap) revert ParentShareTooHigh(opening.parentBps, parentCap);
        if (opening.parent != address(0)) _checkParent(opening.parent, opening.parentMembership);
    }

    function _checkParent(address parent, uint256 tokenId) private view {
        if (!isCommunity(parent)) revert ParentUnknown(parent);
        IMembership membership = IMembership(ICommunity(parent).membership());
        if (!membership.isValid(tokenId) || membership.ownerOf(tokenId) != msg.sender) {
            revert ParentMembershipMissing(parent, msg.sender);
        }
    }

    function _emitOpened(Opening calldata opening, address community, address membership) private {
        emit CommunityOpened(
            community,
            msg.sender,
            membership,
            address(0),
            address(0),
            opening.currency,
            opening.noticeSeconds,
            opening.operator,
            opening.operatorBps,
            _OPERATOR_CAP_BPS,
            opening.parent,
            opening.parentBps,
            opening.name,
            opening.symbol,
            opening.homeUri,
            opening.homeKey
        );
    }

    function _saltOf(address founder, Opening calldata opening) private pure returns (bytes32) {
        return keccak256(abi.encode(founder, opening));
    }

    function _communityArguments(Opening calldata opening) private pure returns (bytes memory) {
        if (opening.parent == address(0)) return abi.encodePacked(opening.currency);
        return abi.encodePacked(opening.currency, opening.parent);
    }

    function _membershipArguments(Opening calldata opening, address community) private pure returns (bytes memory) {
        return abi.encodePacked(
            community,
            opening.currency,
            opening.noticeSeconds,
            uint8(bytes(opening.name).length),
            opening.name,
            opening.symbol
        );
    }
}
