// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Proxy} from "@openzeppelin/contracts/proxy/Proxy.sol";
import {IBadges} from "../badges/IBadges.sol";
import {ConsentLib} from "./ConsentLib.sol";
import {EarningLib} from "./EarningLib.sol";
import {IMembershipHolder} from "./IMembershipHolder.sol";
import {MembershipBook} from "./MembershipBook.sol";
import {ReferralLib} from "./ReferralLib.sol";
import {TierLib} from "./TierLib.sol";
import {VoucherLib} from "./VoucherLib.sol";

/// @title MembershipHolder
/// @notice See IMembershipHolder. What is not here either is at the MembershipOffice.
/// @dev Runs by delegatecall through Membership and MembershipDesk, on the storage of the first.
contract MembershipHolder is IMembershipHolder, MembershipBook, Proxy {
    using EarningLib for State;
    using ReferralLib for uint256;
    using TierLib for TierLib.Record;
    using TierLib for TierLib.Terms;

    address private immutable _OFFICE;

    constructor(address office) {
        _OFFICE = office;
    }

    /// @inheritdoc IMembershipHolder
    function changeTier(
        uint256 tokenId,
        uint16 tierId,
        uint16 periods,
        uint96 price,
        address expectedCurrency,
        uint40 minExpiresAt,
        bytes32[] calldata proof
    ) external payable {
        // Check:
        (address holder, State memory state) = _held(tokenId);
        TierLib.Record storage tier = _tiers[tierId];
        TierLib.Terms memory terms = tier.terms;
        uint16 previous = state.tierId;
        if (terms.earningSeconds == 0) revert TierUnknown(tierId);
        if (tierId == previous) revert MembershipMismatch(tokenId, tierId);
        tier.checkOnSale(terms, tierId);
        tier.checkListed(terms, tierId, holder, proof);
        if (terms.flags & TierLib.INVITED != 0) revert VoucherNeeded(tierId);
        if (price != terms.price) revert PriceMismatch(price, terms.price);

        // Effect:
        uint256 ledger;
        (_totals.earned, ledger) = _settle(tokenId, state, _totals.earned);
        if (price == 0 && (state.unearned != 0 || _tiers[previous].terms.price != 0)) revert TierIsFree(tierId);
        uint256 amount = _convert(state, terms, periods, state.badge == 0 ? 0 : _rateOf(ledger));
        _checkTopUp(expectedCurrency, holder, amount, terms.periodSeconds == 0);
        if (state.expiresAt < minExpiresAt) revert ExpiryTooEarly(state.expiresAt, minExpiresAt);
        _leaveSeat(state);
        terms.takeSeat(tierId);
        tier.storeSeats(terms);
        state.tierId = tierId;
        if (amount != 0) {
            state.flags |= EarningLib.CHOSEN;
            _startCounting(state, terms);
        }
        _endConsent(tokenId, holder);
        (uint96 packedTerms, uint224 money) = _save(tokenId, holder, state);
        emit MembershipTierChanged(tokenId, holder, tierId, previous, amount, periods, packedTerms, money);

        // Interaction:
        _pull(expectedCurrency, msg.sender, amount);
    }

    /// @inheritdoc IMembershipHolder
    function cancel(uint256 tokenId, address to) public returns (uint256 refund) {
        // Check:
        (address holder, State memory state) = _held(tokenId);
        if (block.timestamp >= state.expiresAt) revert MembershipExpired(tokenId, state.expiresAt);

        // Effect:
        (_totals.earned,) = _settle(tokenId, state, _totals.earned);
        refund = state.end(block.timestamp);
        _endConsent(tokenId, holder);
        (uint96 terms, uint224 money) = _save(tokenId, holder, state);
        emit MembershipCancelled(tokenId, holder, to, refund, terms, money);

        // Interaction:
        if (refund != 0) _send(to, refund);
    }

    /// @inheritdoc IMembershipHolder
    function burn(uint256 tokenId, address to) external returns (uint256 refund) {
        // Check:
        (address holder, State memory state) = _held(tokenId);

        // Effect:
        uint256 ledger = _ledgers[tokenId];
        bool mints = state.earnedAt != 0 && ledger & ReferralLib.MINTED == 0;
        if (mints) _markMinted(uint40(tokenId));
        (_totals.earned,) = _settle(tokenId, state, _totals.earned);
        refund = state.end(block.timestamp);
        _endConsent(tokenId, holder);
        _leaveSeat(state);
        (uint40 badge, bool counted) = state.remembered();
        _burn(tokenId);
        _setAux(holder, EarningLib.memorize(badge, counted));
        emit SubscriptionUpdate(tokenId, uint64(block.timestamp));
        emit MembershipBurned(tokenId, holder, to, refund, badge, counted);

        // Interaction:
        if (mints) IBadges(badges()).mintFor(uint40(tokenId), holder);
        if (refund != 0) _send(to, refund);
    }

    /// @inheritdoc IMembershipHolder
    function changeWallet(
        uint256 tokenId,
        address to,
        uint40 deadline,
        bytes calldata holderSignature,
        bytes calldata recipientSignature
    ) external {
        address holder = ownerOf(tokenId);
        State memory state = _stateOf(tokenId, holder);
        if (balanceOf(to) != 0) revert AlreadyMember(to);
        bytes32 digest = _hashTypedData(
            VoucherLib.walletChangeHashOf(tokenId, holder, to, state.transferCount, deadline)
        );
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        if (msg.sender != holder) _checkSignature(holder, digest, holderSignature);
        if (msg.sender != to) _checkSignature(to, digest, recipientSignature);
        _transfer(holder, to, tokenId);
    }

    /// @inheritdoc IMembershipHolder
    function setAutoRenew(uint256 tokenId, Consent calldata consent) external {
        (address holder, State memory state) = _held(tokenId);
        if (consent.periodsLeft == 0) _endConsent(tokenId, holder);
        else _agree(tokenId, state, consent);
    }

    /// @inheritdoc IMembershipHolder
    function addFunds(address account) external payable {
        address coin = currency();
        if (coin != address(0)) revert CurrencyMismatch(address(0), coin);
        _addFunds(account, msg.value);
    }

    /// @inheritdoc IMembershipHolder
    function withdrawFunds(address to, uint256 amount) external {
        _takeFunds(msg.sender, amount);
        _send(to, amount);
    }

    /// @inheritdoc IMembershipHolder
    function adoptRates(uint40 badge) external {
        uint256 ledger = _ledgers[badge];
        if (msg.sender != _badgeOwner(badge, ledger)) revert NotBadgeOwner(badge, msg.sender);
        if (!ledger.exists() && !_everPaid(badge, msg.sender)) revert BadgeUnknown(badge);
        uint16 version = _totals.ratesVersion;
        Rates memory before = _ratesOf(ledger.versionOf());
        Rates memory next = _ratesOf(version);
        if (
            next.bronzeBps < before.bronzeBps || next.silverBps < before.silverBps || next.goldBps < before.goldBps
        ) revert RatesLower(badge, version);
        ledger = ledger.used(version).adopted(version).grown(0, false, next);
        _setLedger(badge, 0, ledger);
    }

    /// @inheritdoc IMembershipHolder
    function cancelSubscription(uint256 tokenId) external payable {
        if (msg.value != 0) revert ValueMismatch(msg.value, 0);
        cancel(tokenId, msg.sender);
    }

    /// @inheritdoc IMembershipHolder
    function isRenewable(uint256 tokenId) external view returns (bool) {
        if (!_exists(tokenId)) return false;
        address holder = ownerOf(tokenId);
        State memory state = _stateOf(tokenId, holder);
        TierLib.Record storage tier = _tiers[state.tierId];
        TierLib.Terms memory terms = tier.terms;
        if (state.expiresAt == TierLib.FOR_LIFE || tier.isRetired(terms)) return false;
        if (state.flags & EarningLib.RELEASED != 0 && terms.isFull()) return false;
        if (_later(state.expiresAt) + terms.periodSeconds > terms.limit()) return false;
        if (block.timestamp < state.expiresAt + TierLib.RENEWAL_GRACE) return true;
        return tier.isOnSale(terms) && terms.flags & TierLib.LISTED == 0;
    }

    /// @inheritdoc IMembershipHolder
    function renewalStatus(uint256 tokenId)
        external
        view
        returns (RenewalStatus status, uint96 price, uint40 opensAt, uint40 closesAt)
    {
        if (!_exists(tokenId)) return (RenewalStatus.Unknown, 0, 0, 0);
        address holder = ownerOf(tokenId);
        State memory state = _stateOf(tokenId, holder);
        TierLib.Record storage tier = _tiers[state.tierId];
        (status, price, opensAt, closesAt) =
            ConsentLib.statusOf(_agreements[tokenId], state, tier, tier.terms);
        if (status == RenewalStatus.Due) status = _moneyStatus(currency(), holder, price);
    }

    /// @inheritdoc IMembershipHolder
    function consentOf(uint256 tokenId) external view returns (Consent memory consent) {
        State memory state = _stateOf(tokenId, ownerOf(tokenId));
        ConsentLib.Agreement memory agreement = _agreements[tokenId];
        if (!ConsentLib.isLive(agreement, state)) return consent;
        return Consent(agreement.maxPrice, agreement.periodsLeft, agreement.until);
    }

    /// @dev What is not here is at the office.
    function _implementation() internal view override returns (address) {
        return _OFFICE;
    }

    /// @dev The caller's membership.
    function _held(uint256 tokenId) private view returns (address holder, State memory state) {
        holder = ownerOf(tokenId);
        if (msg.sender != holder) revert NotHolder(tokenId, msg.sender);
        state = _stateOf(tokenId, holder);
    }

    /// @dev Checks currency and value. What a tier for life costs on top rises with every second, while what is unearned
    /// falls, and nobody knows the time of the block that a transaction will be in: more coins may come, up to which all
    /// that is not due is the holder's funds.
    function _checkTopUp(address expectedCurrency, address holder, uint256 amount, bool forLife) private {
        bool over = forLife && expectedCurrency == address(0) && msg.value > amount;
        _checkValue(expectedCurrency, over ? msg.value : amount);
        if (over) _addFunds(holder, msg.value - amount);
    }

    /// @dev Turns a settled membership into one of another tier: what is unearned buys time at that tier's price and is
    /// earned over that tier's earning time for it.
    /// @return amount due on top
    function _convert(State memory state, TierLib.Terms memory terms, uint16 periods, uint256 rate)
        private
        view
        returns (uint256 amount)
    {
        (uint256 unearned, uint256 price, uint256 period) = (state.unearned, terms.price, terms.periodSeconds);
        uint256 earning = uint256(terms.earningSeconds) * periods;
        if (period == 0) {
            state.expiresAt = terms.extended(block.timestamp, periods);
            amount = price > unearned ? price - unearned : 0;
        } else {
            uint256 bought = price == 0 ? 0 : unearned * period / price;
            if (bought == 0 && periods == 0) revert PeriodsInvalid(periods); // no time, but a seat of the tier
            state.expiresAt = terms.until(block.timestamp + bought + period * periods);
            if (price != 0) earning += unearned * terms.earningSeconds / price;
            amount = price * periods;
        }
        state.blend(amount, rate);
        uint256 earnedAt = block.timestamp + earning;
        if (state.unearned != 0) state.earnedAt = uint40(earnedAt < state.expiresAt ? earnedAt : state.expiresAt);
        else if (state.earnedAt > block.timestamp) state.earnedAt = uint40(block.timestamp);
    }
}
