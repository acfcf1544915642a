// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IBadges} from "../badges/IBadges.sol";
import {IMembership} from "../membership/IMembership.sol";
import {IMarket} from "./IMarket.sol";

/// @notice Whether a token is what was signed: looked at after it moved, and by the views before.
library GoodsLib {
    uint256 private constant _ACHIEVEMENTS = 2 ** 40; // the first id in Badges that is not a referral badge's

    /// @notice Whether the listed token is as its seller, and the buyer (`minMoney`), want it.
    /// @param moves transfers since the listing was signed: 1 once the market has moved it, 0 before
    function statusOf(IMarket.Listing calldata listing, uint256 minMoney, uint256 moves)
        internal
        view
        returns (IMarket.Status)
    {
        address membership = listing.membership;
        if (listing.collection == membership) return _statusOfMembership(listing, minMoney, moves);
        uint256 count = IBadges(listing.collection).transferCountOf(listing.tokenId);
        if (count != listing.transferCount + moves) return IMarket.Status.Transferred;
        uint256 least = minMoney > listing.minAccrued ? minMoney : listing.minAccrued;
        if (least == 0) return IMarket.Status.Ready;
        if (_accruedOf(membership, listing.tokenId) < least) return IMarket.Status.AccruedTooLow;
        return IMarket.Status.Ready;
    }

    /// @notice Whether a token is one that the offer is for.
    function statusOf(IMarket.Offer calldata offer, uint256 tokenId)
        internal
        view
        returns (IMarket.Status)
    {
        bool referral = tokenId < _ACHIEVEMENTS;
        if (offer.tokenId == 0 ? !referral : tokenId != offer.tokenId) return IMarket.Status.TokenNotMeant;
        if (offer.level == 0 && offer.minAccrued == 0) return IMarket.Status.Ready;
        if (!referral) return IMarket.Status.TokenNotMeant;
        IMembership.Ledger memory ledger = IMembership(offer.membership).ledgerOf(uint40(tokenId)); // below 2**40
        if (ledger.level < offer.level) return IMarket.Status.LevelTooLow;
        if (ledger.income - ledger.claimed < offer.minAccrued) return IMarket.Status.AccruedTooLow;
        return IMarket.Status.Ready;
    }

    /// @notice The same for a view, before the token moves, and whether it could.
    function statusBefore(IMarket.Listing calldata listing)
        internal
        view
        returns (IMarket.Status status)
    {
        address holder = _holderOf(listing.collection, listing.tokenId);
        if (holder == address(0)) return IMarket.Status.TokenUnknown;
        status = statusOf(listing, 0, 0);
        if (status != IMarket.Status.Ready) return status;
        if (holder != listing.seller) return IMarket.Status.NotHolder;
        return _statusOfTransfer(listing.collection, listing.membership, listing.tokenId, holder);
    }

    /// @notice The same for a view, before the token moves, and whether it could.
    function statusBefore(IMarket.Offer calldata offer, uint256 tokenId)
        internal
        view
        returns (IMarket.Status status)
    {
        address holder = _holderOf(offer.collection, tokenId);
        if (holder == address(0)) return IMarket.Status.TokenUnknown;
        status = statusOf(offer, tokenId);
        if (status != IMarket.Status.Ready) return status;
        return _statusOfTransfer(offer.collection, offer.membership, tokenId, holder);
    }

    function _statusOfTransfer(address collection, address membership, uint256 tokenId, address holder)
        private
        view
        returns (IMarket.Status)
    {
        if (collection == membership) {
            IMembership.State memory state = IMembership(membership).stateOf(tokenId);
            bool soulbound = IMembership(membership).tierOf(state.tierId).soulbound;
            if (soulbound || block.timestamp >= state.expiresAt) return IMarket.Status.NotTransferable;
        }
        if (IERC721(collection).getApproved(tokenId) == address(this)) return IMarket.Status.Ready;
        if (IERC721(collection).isApprovedForAll(holder, address(this))) return IMarket.Status.Ready;
        return IMarket.Status.NotApproved;
    }

    /// @dev 0 for a token that does not exist.
    function _holderOf(address collection, uint256 tokenId) private view returns (address) {
        try IERC721(collection).ownerOf(tokenId) returns (address holder) {
            return holder;
        } catch {
            return address(0);
        }
    }

    function _statusOfMembership(IMarket.Listing calldata listing, uint256 minMoney, uint256 moves)
        private
        view
        returns (IMarket.Status)
    {
        IMembership membership = IMembership(listing.collection);
        IMembership.State memory state = membership.stateOf(listing.tokenId);
        if (state.transferCount != listing.transferCount + moves) return IMarket.Status.Transferred;
        if (state.tierId != listing.tierId) return IMarket.Status.TierChanged;
        if (state.expiresAt < listing.minExpiresAt) return IMarket.Status.ExpiryTooEarly;
        uint256 least = minMoney > listing.minUnearned ? minMoney : listing.minUnearned;
        if (least != 0 && membership.unearnedOf(listing.tokenId) < least) return IMarket.Status.UnearnedTooLow;
        if (!listing.withBadge) return IMarket.Status.Ready;
        uint40 badge = uint40(listing.tokenId); // a membership's id has 40 bits
        if (membership.ledgerOf(badge).minted) return IMarket.Status.BadgeMinted;
        if (membership.accruedOf(badge) < listing.minAccrued) return IMarket.Status.AccruedTooLow;
        return IMarket.Status.Ready;
    }

    /// @dev An achievement accrues nothing.
    function _accruedOf(address membership, uint256 tokenId) private view returns (uint256) {
        return tokenId < _ACHIEVEMENTS ? IMembership(membership).accruedOf(uint40(tokenId)) : 0;
    }
}
