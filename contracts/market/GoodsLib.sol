// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IBadges} from "../badges/IBadges.sol";
import {IMembership} from "../membership/IMembership.sol";
import {IMarket} from "./IMarket.sol";

/// @notice Whether a token is what was signed: looked at after it moved, and by the views before. The collection is genuine.
library GoodsLib {
    uint256 private constant _ACHIEVEMENTS = 2 ** 40; // the first id in Badges that no referral badge has

    /// @notice Whether the listed token is as its seller, and the buyer (`minMoney`), say.
    /// @param moves transfers since the listing was signed: 1 when the market has just moved it, else 0
    function statusOf(IMarket.Listing calldata listing, uint256 minMoney, uint256 moves)
        internal
        view
        returns (IMarket.Status)
    {
        address membership = listing.membership;
        if (listing.collection == membership) return _statusOfMembership(listing, minMoney, moves);
        uint256 tokenId = listing.tokenId;
        uint256 count = IBadges(listing.collection).transferCountOf(tokenId);
        if (count != listing.transferCount + moves) return IMarket.Status.Transferred;
        uint256 least = _greater(minMoney, listing.minAccrued);
        if (least != 0 && _accruedOf(membership, tokenId) < least) return IMarket.Status.AccruedTooLow;
        return IMarket.Status.Ready;
    }

    /// @notice Whether a token is one that the offer is for.
    function statusOf(IMarket.Offer calldata offer, uint256 tokenId) internal view returns (IMarket.Status) {
        bool referral = tokenId < _ACHIEVEMENTS;
        bool meant = offer.tokenId == 0 ? referral : tokenId == offer.tokenId;
        bool plain = offer.level == 0 && offer.minRateBps == 0 && offer.minAccrued == 0;
        if (!meant || !(plain || referral)) return IMarket.Status.TokenNotMeant;
        if (plain) return IMarket.Status.Ready;
        IMembership membership = IMembership(offer.membership);
        uint40 badge = uint40(tokenId); // below 2**40
        if (membership.ledgerOf(badge).level < offer.level) return IMarket.Status.LevelTooLow;
        if (membership.rateOf(badge) < offer.minRateBps) return IMarket.Status.RateTooLow;
        if (membership.accruedOf(badge) < offer.minAccrued) return IMarket.Status.AccruedTooLow;
        return IMarket.Status.Ready;
    }

    /// @notice Whether the market could sell the listed token now, as far as can be seen before it moves.
    function statusBefore(IMarket.Listing calldata listing) internal view returns (IMarket.Status status) {
        (address collection, uint256 tokenId) = (listing.collection, listing.tokenId);
        address holder = _holderOf(collection, tokenId);
        if (holder == address(0)) return IMarket.Status.TokenUnknown;
        status = statusOf(listing, 0, 0);
        if (status != IMarket.Status.Ready) return status;
        if (holder != listing.seller) return IMarket.Status.NotHolder;
        if (_isFixed(collection, listing.membership, tokenId)) return IMarket.Status.NotTransferable;
        return _statusOfApproval(collection, tokenId, holder);
    }

    /// @notice Whether the holder of the token could accept the offer now, as far as can be seen before it moves.
    function statusBefore(IMarket.Offer calldata offer, uint256 tokenId) internal view returns (IMarket.Status status) {
        address collection = offer.collection;
        address holder = _holderOf(collection, tokenId);
        if (holder == address(0)) return IMarket.Status.TokenUnknown;
        status = statusOf(offer, tokenId);
        if (status != IMarket.Status.Ready) return status;
        if (_isFixed(collection, offer.membership, tokenId)) return IMarket.Status.NotTransferable;
        return _statusOfApproval(collection, tokenId, holder);
    }

    function _statusOfMembership(IMarket.Listing calldata listing, uint256 minMoney, uint256 moves)
        private
        view
        returns (IMarket.Status)
    {
        IMembership membership = IMembership(listing.membership);
        uint256 tokenId = listing.tokenId;
        IMembership.State memory state = membership.stateOf(tokenId);
        if (state.transferCount != listing.transferCount + moves) return IMarket.Status.Transferred;
        if (state.tierId != listing.tierId) return IMarket.Status.TierChanged;
        if (state.expiresAt < listing.minExpiresAt) return IMarket.Status.ExpiryTooEarly;
        uint256 least = _greater(minMoney, listing.minUnearned);
        if (least != 0 && membership.unearnedOf(tokenId) < least) return IMarket.Status.UnearnedTooLow;
        if (!listing.withBadge) return IMarket.Status.Ready;
        uint40 badge = uint40(tokenId); // a membership's id has 40 bits
        if (membership.ledgerOf(badge).minted) return IMarket.Status.BadgeMinted;
        if (membership.accruedOf(badge) < listing.minAccrued) return IMarket.Status.AccruedTooLow;
        return IMarket.Status.Ready;
    }

    function _statusOfApproval(address collection, uint256 tokenId, address holder)
        private
        view
        returns (IMarket.Status)
    {
        bool approved = IERC721(collection).getApproved(tokenId) == address(this)
            || IERC721(collection).isApprovedForAll(holder, address(this));
        return approved ? IMarket.Status.Ready : IMarket.Status.NotApproved;
    }

    /// @dev Whether nobody can move the token: a locked badge, or a membership that has expired or is soulbound.
    function _isFixed(address collection, address membership, uint256 tokenId) private view returns (bool) {
        if (collection != membership) return IBadges(collection).locked(tokenId);
        IMembership.State memory state = IMembership(membership).stateOf(tokenId);
        return block.timestamp >= state.expiresAt || IMembership(membership).tierOf(state.tierId).soulbound;
    }

    /// @dev 0 for a token that does not exist.
    function _holderOf(address collection, uint256 tokenId) private view returns (address) {
        try IERC721(collection).ownerOf(tokenId) returns (address holder) {
            return holder;
        } catch {
            return address(0);
        }
    }

    /// @dev An achievement accrues nothing.
    function _accruedOf(address membership, uint256 tokenId) private view returns (uint256) {
        return tokenId < _ACHIEVEMENTS ? IMembership(membership).accruedOf(uint40(tokenId)) : 0;
    }

    function _greater(uint256 one, uint256 other) private pure returns (uint256) {
        return one > other ? one : other;
    }
}
