// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibBytes} from "solady/utils/LibBytes.sol";
import {LibClone} from "solady/utils/LibClone.sol";
import {LevelLib} from "../membership/LevelLib.sol";
import {IMembership} from "../membership/IMembership.sol";
import {ICommunity} from "./ICommunity.sol";
import {ICommunityFactory} from "./ICommunityFactory.sol";

/// @title CommunityFactory
/// @notice See ICommunityFactory. It has no owner and no setting that can change.
contract CommunityFactory is ICommunityFactory {
    uint16 private constant _PARENT_CAP_BPS = 1_000;
    uint16 private constant _ROYALTY_CAP_BPS = 1_000;
    uint40 private constant _LEAST_NOTICE = 7 days;
    uint40 private constant _MOST_NOTICE = 90 days;
    uint256 private constant _MOST_NAME = 64; // bytes
    uint256 private constant _MOST_SYMBOL = 16; // bytes
    uint256 private constant _LEAST_CODE = 45 + 36; // bytes; of a clone, and its currency and salt

    address private immutable _COMMUNITY; // implementations behind the clones
    address private immutable _BADGES;
    address private immutable _STORE;
    address private immutable _MEMBERSHIP;
    uint16 private immutable _OPERATOR_CAP_BPS; // the community's

    constructor(address community, address badges, address store, address membership) {
        (_COMMUNITY, _BADGES, _STORE, _MEMBERSHIP) = (community, badges, store, membership);
        _OPERATOR_CAP_BPS = ICommunity(community).operatorCapBps();
    }

    /// @inheritdoc ICommunityFactory
    function open(Opening calldata opening) external returns (address community, address membership) {
        _check(opening);
        bytes32 salt = _saltOf(msg.sender, opening);
        community = LibClone.cloneDeterministic(_COMMUNITY, _communityArguments(opening, salt), salt);
        address badges = LibClone.cloneDeterministic(_BADGES, abi.encodePacked(community), salt);
        address store = LibClone.cloneDeterministic(_STORE, abi.encodePacked(community, opening.currency), salt);
        IMembership.Rates memory rates = _ratesOf(opening);
        membership = LibClone.cloneDeterministic(
            _MEMBERSHIP, _membershipArguments(opening, rates, community, badges, store), salt
        );
        _emitOpened(opening, rates, community, membership, badges, store);
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
        returns (address community, address membership, address badges, address store)
    {
        bytes32 salt = _saltOf(founder, opening);
        community = _predict(_COMMUNITY, _communityArguments(opening, salt), salt);
        badges = _predict(_BADGES, abi.encodePacked(community), salt);
        store = _predict(_STORE, abi.encodePacked(community, opening.currency), salt);
        membership = _predict(
            _MEMBERSHIP, _membershipArguments(opening, _ratesOf(opening), community, badges, store), salt
        );
    }

    /// @inheritdoc ICommunityFactory
    function operatorCapBps() external view returns (uint16) {
        return _OPERATOR_CAP_BPS;
    }

    /// @inheritdoc ICommunityFactory
    function isCommunity(address community) public view returns (bool) {
        if (community.code.length < _LEAST_CODE) return false; // too short to have arguments, which Solady would not see
        bytes memory arguments = LibClone.argsOnClone(community);
        return community == _predict(_COMMUNITY, arguments, _left(LibBytes.load(arguments, 20)));
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
        if (opening.royaltyBps > _ROYALTY_CAP_BPS) revert RoyaltyTooHigh(opening.royaltyBps, _ROYALTY_CAP_BPS);
        if (!LevelLib.isSound(opening.rates)) revert RatesInvalid();
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

    function _emitOpened(
        Opening calldata opening,
        IMembership.Rates memory rates,
        address community,
        address membership,
        address badges,
        address store
    ) private {
        emit CommunityOpened(
            community,
            msg.sender,
            membership,
            badges,
            store,
            opening.currency,
            opening.noticeSeconds,
            opening.royaltyBps,
            rates,
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

    function _predict(address implementation, bytes memory arguments, bytes32 salt) private view returns (address) {
        return LibClone.predictDeterministicAddress(implementation, arguments, salt, address(this));
    }

    function _saltOf(address founder, Opening calldata opening) private pure returns (bytes32) {
        return _left(keccak256(abi.encode(founder, opening)));
    }

    /// @dev The first 16 bytes: enough that nobody finds a second opening for a salt, and cheaper to keep in a clone.
    function _left(bytes32 word) private pure returns (bytes32) {
        return bytes32(bytes16(word));
    }

    /// @dev The first rates, with the cheapest paid tier as the unit of volume.
    function _ratesOf(Opening calldata opening) private pure returns (IMembership.Rates memory rates) {
        rates = opening.rates;
        rates.volumeUnit = 0;
        for (uint256 i; i < opening.tiers.length; ++i) {
            uint96 price = opening.tiers[i].price;
            if (price != 0 && (rates.volumeUnit == 0 || price < rates.volumeUnit)) rates.volumeUnit = price;
        }
    }

    function _communityArguments(Opening calldata opening, bytes32 salt) private pure returns (bytes memory) {
        if (opening.parent == address(0)) return abi.encodePacked(opening.currency, bytes16(salt));
        return abi.encodePacked(opening.currency, bytes16(salt), opening.parent);
    }

    // The length of the name stands before name and symbol: no two openings give the same bytes.
    // slither-disable-next-line encode-packed-collision
    function _membershipArguments(
        Opening calldata opening,
        IMembership.Rates memory rates,
        address community,
        address badges,
        address store
    ) private pure returns (bytes memory) {
        return abi.encodePacked(
            community,
            opening.currency,
            badges,
            store,
            opening.noticeSeconds,
            opening.royaltyBps,
            LevelLib.pack(rates),
            uint8(bytes(opening.name).length),
            opening.name,
            opening.symbol
        );
    }
}
