// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";
import {ICommunity} from "../community/ICommunity.sol";
import {ConsentLib} from "./ConsentLib.sol";
import {EarningLib} from "./EarningLib.sol";
import {IMembershipArt} from "./IMembershipArt.sol";
import {IMembershipOffice} from "./IMembershipOffice.sol";
import {LevelLib} from "./LevelLib.sol";
import {MembershipBook} from "./MembershipBook.sol";
import {TierLib} from "./TierLib.sol";

/// @title MembershipOffice
/// @notice See IMembershipOffice.
/// @dev Runs by delegatecall through the three others, on the storage of the first.
contract MembershipOffice is IMembershipOffice, MembershipBook {
    using EarningLib for State;
    using TierLib for TierLib.Record;
    using TierLib for TierLib.Terms;

    IMembershipArt private immutable _ART;

    constructor(IMembershipArt art) {
        _ART = art;
    }

    modifier onlyOwner() {
        _checkOwner();
        _;
    }

    /// @inheritdoc IMembershipOffice
    function grant(Grant[] calldata grants) external {
        _checkRole(msg.sender, _GRANTER);
        for (uint256 i; i < grants.length; ++i) {
            Grant calldata each = grants[i];
            if (each.tokenId == 0) _grantNew(each);
            else _grantMore(each);
        }
    }

    /// @inheritdoc IMembershipOffice
    function revoke(uint256 tokenId) external {
        // Check:
        _checkRole(msg.sender, _GRANTER);
        address holder = ownerOf(tokenId);
        State memory state = _stateOf(tokenId, holder);
        if (block.timestamp >= state.expiresAt) revert MembershipExpired(tokenId, state.expiresAt);
        if (state.expiresAt == TierLib.FOR_LIFE && block.timestamp >= state.earnedAt) {
            revert MembershipEarned(tokenId);
        }

        // Effect:
        (_totals.earned,) = _settle(tokenId, state, _totals.earned);
        uint256 refund = state.end(block.timestamp);
        _endConsent(tokenId, holder);
        (uint96 terms, uint224 money) = _save(tokenId, holder, state);
        emit MembershipRevoked(tokenId, holder, msg.sender, refund, terms, money);
        if (refund != 0) _addFunds(holder, refund);
    }

    /// @inheritdoc IMembershipOffice
    function createTier(TierParams calldata params) external onlyOwner returns (uint16 tierId) {
        tierId = _totals.tiers + 1;
        _totals.tiers = tierId;
        TierLib.create(_tiers[tierId], tierId, params);
    }

    /// @inheritdoc IMembershipOffice
    function setTierPrice(uint16 tierId, uint96 price) external onlyOwner {
        TierLib.Record storage tier = _tierOf(tierId);
        tier.setPrice(tierId, price, noticeSeconds());
        emit TierSet(tierId, tier.read());
    }

    /// @inheritdoc IMembershipOffice
    function setTierPaused(uint16 tierId, bool paused) external onlyOwner {
        TierLib.Record storage tier = _tierOf(tierId);
        uint8 flags = tier.terms.flags;
        tier.terms.flags = paused ? flags | TierLib.PAUSED : flags & ~TierLib.PAUSED;
        emit TierSet(tierId, tier.read());
    }

    /// @inheritdoc IMembershipOffice
    function setTierAccess(uint16 tierId, bool invitationOnly, bytes32 allowRoot, uint16 inviteeDiscountBps)
        external
        onlyOwner
    {
        if (inviteeDiscountBps > TierLib.MOST_DISCOUNT) revert TierParamsInvalid(tierId);
        TierLib.Record storage tier = _tierOf(tierId);
        uint8 flags = tier.terms.flags & ~(TierLib.LISTED | TierLib.INVITED);
        if (allowRoot != 0) flags |= TierLib.LISTED;
        if (invitationOnly) flags |= TierLib.INVITED;
        tier.terms.flags = flags;
        tier.terms.inviteeDiscountBps = inviteeDiscountBps;
        tier.allowRoot = allowRoot;
        emit TierSet(tierId, tier.read());
    }

    /// @inheritdoc IMembershipOffice
    function setTierLabel(uint16 tierId, bytes32 label) external onlyOwner {
        if (label == 0) revert TierParamsInvalid(tierId);
        TierLib.Record storage tier = _tierOf(tierId);
        tier.label = label;
        emit TierSet(tierId, tier.read());
        emit BatchMetadataUpdate(uint256(tierId) << _SERIAL_BITS, (uint256(tierId + 1) << _SERIAL_BITS) - 1);
    }

    /// @inheritdoc IMembershipOffice
    function retireTier(uint16 tierId, uint40 retiresAt) external onlyOwner {
        TierLib.Record storage tier = _tierOf(tierId);
        uint40 before = tier.dates.retiresAt;
        if (before != 0) revert TierRetired(tierId, before);
        uint40 least = uint40(block.timestamp) + noticeSeconds();
        if (retiresAt < least) revert RetirementTooSoon(tierId, retiresAt, least);
        tier.dates.retiresAt = retiresAt;
        tier.terms.flags |= TierLib.RETIRED;
        emit TierSet(tierId, tier.read());
    }

    /// @inheritdoc IMembershipOffice
    function setRates(Rates calldata rates) external onlyOwner returns (uint16 version) {
        if (!LevelLib.isSound(rates)) revert RatesInvalid();
        Rates memory next = rates;
        next.volumeUnit = _cheapestPrice();
        _totals.ratesVersion += 1; // reverts at the 256th
        version = _totals.ratesVersion;
        _rates[version] = LevelLib.pack(next);
        emit RatesSet(version, next);
    }

    /// @inheritdoc IMembershipOffice
    function sweep(address token, address to) external returns (uint256 amount) {
        _checkRole(msg.sender, _TREASURER);
        address coin = currency();
        if (token == coin) revert CurrencyNotSwept(coin);
        if (token == address(0)) {
            amount = address(this).balance;
            emit Swept(token, to, amount);
            SafeTransferLib.safeTransferETH(to, amount);
        } else {
            amount = SafeTransferLib.balanceOf(token, address(this));
            emit Swept(token, to, amount);
            SafeTransferLib.safeTransfer(token, to, amount);
        }
    }

    /// @inheritdoc IMembershipOffice
    function ratesOf(uint16 version) external view returns (Rates memory) {
        return _ratesOf(version);
    }

    /// @inheritdoc IMembershipOffice
    function ratesVersion() external view returns (uint16) {
        return _totals.ratesVersion;
    }

    /// @inheritdoc IMembershipOffice
    function royaltyInfo(uint256, uint256 salePrice) external view returns (address receiver, uint256 amount) {
        return (community(), salePrice * royaltyBps() / 10_000);
    }

    /// @inheritdoc IMembershipOffice
    function contractURI() external view returns (string memory) {
        return _ART.contractURI(name(), symbol());
    }

    /// @inheritdoc IMembershipOffice
    function metadataOf(uint256 tokenId) external view returns (string memory) {
        State memory state = _stateOf(tokenId, ownerOf(tokenId));
        return _ART.tokenURI(name(), _tiers[state.tierId].label, tokenId, state.expiresAt);
    }

    function _grantNew(Grant calldata each) private {
        TierLib.Record storage tier = _tierOf(each.tierId);
        TierLib.Terms memory terms = tier.terms;
        if (balanceOf(each.recipient) != 0) revert AlreadyMember(each.recipient);
        uint40 until = terms.until(block.timestamp + each.seconds_);
        uint256 tokenId = _enter(tier, terms, Entry(each.tierId, 0, until, 0, each.recipient, msg.sender, 0));
        (uint96 packedTerms, uint224 money) = (_getExtraData(tokenId), _getAux(each.recipient));
        emit MembershipGranted(tokenId, each.recipient, msg.sender, packedTerms, money);
    }

    function _grantMore(Grant calldata each) private {
        address holder = ownerOf(each.tokenId);
        if (holder != each.recipient) revert NotHolder(each.tokenId, each.recipient);
        State memory state = _stateOf(each.tokenId, holder);
        if (state.tierId != each.tierId) revert MembershipMismatch(each.tokenId, state.tierId);
        TierLib.Record storage tier = _tiers[state.tierId];
        TierLib.Terms memory terms = tier.terms;
        if (state.flags & EarningLib.RELEASED != 0) {
            terms.takeSeat(state.tierId);
            tier.storeSeats(terms);
            state.flags &= ~EarningLib.RELEASED;
        }
        state.expiresAt = terms.until(_later(state.expiresAt) + each.seconds_);
        (uint96 packedTerms, uint224 money) = _save(each.tokenId, holder, state);
        emit MembershipGranted(each.tokenId, holder, msg.sender, packedTerms, money);
    }

    /// @dev The cheapest price of a paid tier; 0 where there is none.
    function _cheapestPrice() private view returns (uint96 cheapest) {
        for (uint256 tierId = _totals.tiers; tierId != 0; --tierId) {
            uint96 price = _tiers[tierId].terms.price;
            if (price != 0 && (cheapest == 0 || price < cheapest)) cheapest = price;
        }
    }
}
