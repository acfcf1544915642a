// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ConsentLib} from "./ConsentLib.sol";
import {EarningLib} from "./EarningLib.sol";
import {MembershipState} from "./MembershipState.sol";
import {ReferralLib} from "./ReferralLib.sol";
import {TierLib} from "./TierLib.sol";

/// @title MembershipBook
/// @notice How a membership begins, goes on, earns for its badge and the community, and gives its seat back.
abstract contract MembershipBook is MembershipState {
    using EarningLib for State;
    using ReferralLib for uint256;
    using TierLib for TierLib.Record;
    using TierLib for TierLib.Terms;

    /// @dev A first payment, after everything about it was checked.
    struct Entry {
        uint16 tierId;
        uint16 periods;
        uint40 expiresAt;
        uint40 badge; // given by the joiner
        address recipient;
        address payer;
        uint256 amount;
    }

    /// @dev A payment for a membership that exists, after everything about it was checked.
    struct Payment {
        uint256 tokenId;
        address holder;
        address payer;
        uint256 amount; // with the tip
        uint256 tip;
        uint16 periods;
        uint40 expiresAt; // the new one
    }

    /// @dev Makes a member. The payment has not been pulled yet.
    function _enter(TierLib.Record storage tier, TierLib.Terms memory terms, Entry memory entry)
        internal
        returns (uint256 tokenId)
    {
        State memory state;
        (uint40 kept, bool counted) = EarningLib.recall(_getAux(entry.recipient));
        uint256 ledger = _bind(state, terms, entry, kept);
        if (counted) (state.flags, state.countAt) = (state.flags | EarningLib.COUNTED, 0);
        terms.takeSeat(entry.tierId);
        terms.serial += 1;
        tier.storeSeats(terms);
        tokenId = (uint256(entry.tierId) << _SERIAL_BITS) | terms.serial;
        state.expiresAt = entry.expiresAt;
        state.tierId = entry.tierId;
        state.settledAt = uint40(block.timestamp);
        uint256 rate = entry.amount == 0 || state.badge == 0 ? 0 : _rateOf(ledger);
        state.credit(entry.amount, uint256(terms.earningSeconds) * entry.periods, rate, block.timestamp);
        (uint96 packedTerms, uint224 money) = (state.packTerms(), state.packMoney());
        _mintAndSetExtraDataUnchecked(entry.recipient, tokenId, packedTerms);
        _setAux(entry.recipient, money);
        emit MembershipJoined(
            tokenId, entry.recipient, entry.tierId, entry.payer, entry.amount, entry.periods, packedTerms, money
        );
        emit SubscriptionUpdate(tokenId, state.expiresAt);
    }

    /// @dev Binds a new member to the badge that its wallet kept, or else to the given one.
    function _bind(State memory state, TierLib.Terms memory terms, Entry memory entry, uint40 kept)
        private
        returns (uint256 ledger)
    {
        if (entry.recipient == entry.payer && entry.amount != 0) state.flags = EarningLib.CHOSEN;
        if (kept != 0) (state.badge, ledger) = (kept, _ledgers[kept]);
        else if (entry.badge != 0) (state.badge, ledger) = (entry.badge, _useBadge(entry.badge, entry.payer, entry.recipient));
        else return 0;
        state.flags = EarningLib.CHOSEN; // by the joiner, with whoever's money
        if (entry.amount != 0) state.countAt = terms.countAt();
    }

    /// @dev The ledger of a badge that somebody binds itself to; its first use fixes its rates.
    function _useBadge(uint40 badge, address payer, address recipient) internal returns (uint256 ledger) {
        ledger = _ledgers[badge];
        address owner = _badgeOwner(badge, ledger);
        if (owner == address(0) || (!ledger.exists() && !_everPaid(badge, owner))) revert BadgeUnknown(badge);
        if (owner == payer || owner == recipient) revert SelfReferral(badge, owner);
        if (!ledger.exists()) {
            ledger = ledger.used(_totals.ratesVersion);
            _setLedger(badge, 0, ledger);
        }
    }

    /// @dev Adds a payment to a membership and stores it; the payment has not been pulled yet. A released seat is taken again.
    /// @param badge that the holder binds itself to now; 0 = none
    function _extend(
        TierLib.Record storage tier,
        TierLib.Terms memory terms,
        State memory state,
        Payment memory payment,
        uint40 badge
    ) internal {
        if (state.flags & EarningLib.RELEASED != 0) {
            terms.takeSeat(state.tierId);
            tier.storeSeats(terms);
            state.flags &= ~EarningLib.RELEASED;
        }
        uint256 ledger;
        (_totals.earned, ledger) = _settle(payment.tokenId, state, _totals.earned);
        if (badge != 0) {
            ledger = _useBadge(badge, payment.payer, payment.holder);
            state.badge = badge;
            state.flags |= EarningLib.CHOSEN; // by the holder, with whoever's money
        }
        if (payment.amount != 0) {
            if (payment.payer == payment.holder) state.flags |= EarningLib.CHOSEN;
            _startCounting(state, terms);
        }
        state.expiresAt = payment.expiresAt;
        uint256 rate = state.badge == 0 ? 0 : _rateOf(ledger);
        state.credit(
            payment.amount - payment.tip, uint256(terms.earningSeconds) * payment.periods, rate, block.timestamp
        );
        (uint96 packedTerms, uint224 money) = _save(payment.tokenId, payment.holder, state);
        emit MembershipRenewed(
            payment.tokenId,
            payment.holder,
            payment.payer,
            payment.amount,
            payment.tip,
            payment.periods,
            packedTerms,
            money
        );
    }

    /// @dev A paid, bound member that does not count yet will.
    function _startCounting(State memory state, TierLib.Terms memory terms) internal view {
        if (state.badge == 0 || state.countAt != 0 || state.flags & EarningLib.COUNTED != 0) return;
        state.countAt = terms.countAt();
    }

    /// @dev Stores a membership whose expiry changed.
    function _save(uint256 tokenId, address holder, State memory state) internal returns (uint96 terms, uint224 money) {
        (terms, money) = (state.packTerms(), state.packMoney());
        _setExtraData(tokenId, terms);
        _setAux(holder, money);
        emit SubscriptionUpdate(tokenId, state.expiresAt);
        emit MetadataUpdate(tokenId);
    }

    /// @dev Settles `state` in memory, and credits its badge; the caller stores state and total.
    /// @return earnedTotal of the community, after. @return ledger of the badge, after; 0 without one
    function _settle(uint256 tokenId, State memory state, uint112 earnedBefore)
        internal
        returns (uint112 earnedTotal, uint256 ledger)
    {
        uint256 earned = state.settle(block.timestamp);
        uint40 badge = state.badge;
        uint256 share;
        if (badge != 0) {
            ledger = _ledgers[badge];
            bool counts = _counts(state);
            if (earned != 0 || counts) {
                if (counts) (state.flags, state.countAt) = (state.flags | EarningLib.COUNTED, 0);
                share = state.shareOf(earned);
                ledger = ledger.paid(share).grown(earned, counts, _ratesOf(ledger.versionOf()));
                _ledgers[badge] = ledger;
                earnedTotal = earnedBefore + uint96(earned - share);
                emit MembershipSettled(tokenId, badge, earned, share, earnedTotal, ledger, state.packMoney());
                return (earnedTotal, ledger);
            }
        }
        earnedTotal = earnedBefore + uint96(earned); // at most `unearned`, which is 96 bits
        if (earned != 0) emit MembershipSettled(tokenId, 0, earned, 0, earnedTotal, 0, state.packMoney());
    }

    /// @dev Whether the next settlement counts the member for its badge.
    function _counts(State memory state) internal view returns (bool) {
        return state.badge != 0 && state.countAt != 0 && block.timestamp >= uint256(state.countAt) * 1 hours;
    }

    /// @dev The badge of a membership that was ever paid is now a token.
    function _markMinted(uint40 badge) internal returns (address holder) {
        uint256 ledger = _ledgers[badge];
        holder = _ownerOf(badge);
        if (ledger & ReferralLib.MINTED != 0 || holder == address(0) || !_everPaid(badge, holder)) {
            revert BadgeUnknown(badge);
        }
        _setLedger(badge, 0, ledger.used(_totals.ratesVersion) | ReferralLib.MINTED);
    }

    /// @dev Consent for the membership's tier, until its next transfer.
    function _agree(uint256 tokenId, State memory state, Consent calldata consent) internal {
        _agreements[tokenId] = ConsentLib.Agreement({
            maxPrice: consent.maxPrice,
            until: consent.until,
            periodsLeft: consent.periodsLeft,
            tierId: state.tierId,
            transferCount: state.transferCount
        });
        emit AutoRenewSet(tokenId, msg.sender, state.tierId, consent);
    }

    /// @dev Whether the holder's money for a renewal by a keeper is there.
    function _moneyStatus(address coin, address holder, uint256 price) internal view returns (RenewalStatus) {
        if (coin == address(0)) return _funds[holder] < price ? RenewalStatus.BalanceTooLow : RenewalStatus.Due;
        if (SafeTransferLib.balanceOf(coin, holder) < price) return RenewalStatus.BalanceTooLow;
        uint256 allowance = IERC20(coin).allowance(holder, address(this));
        return allowance < price ? RenewalStatus.AllowanceTooLow : RenewalStatus.Due;
    }

    function _endConsent(uint256 tokenId, address holder) internal {
        if (_agreements[tokenId].tierId == 0) return;
        delete _agreements[tokenId];
        emit AutoRenewSet(tokenId, holder, 0, Consent(0, 0, 0));
    }

    /// @dev Gives the seat back, unless somebody released it before.
    function _leaveSeat(State memory state) internal {
        if (state.flags & EarningLib.RELEASED != 0) state.flags &= ~EarningLib.RELEASED;
        else _tiers[state.tierId].terms.seats -= 1;
    }

    function _releaseSeat(uint256 tokenId) internal {
        address holder = ownerOf(tokenId);
        State memory state = _stateOf(tokenId, holder);
        uint256 freeFrom = uint256(state.expiresAt) + TierLib.SEAT_GRACE;
        if (block.timestamp < freeFrom || state.flags & EarningLib.RELEASED != 0) {
            revert MembershipNotExpired(tokenId, uint40(freeFrom < TierLib.FOR_LIFE ? freeFrom : TierLib.FOR_LIFE));
        }
        _leaveSeat(state);
        state.flags |= EarningLib.RELEASED;
        uint224 money = state.packMoney();
        _setAux(holder, money);
        emit SeatReleased(tokenId, state.tierId, _tiers[state.tierId].terms.seats, money);
    }
}
