// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Proxy} from "@openzeppelin/contracts/proxy/Proxy.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {ICommunity} from "../community/ICommunity.sol";
import {EarningLib} from "./EarningLib.sol";
import {IMembershipDesk} from "./IMembershipDesk.sol";
import {MembershipBook} from "./MembershipBook.sol";
import {ReferralLib} from "./ReferralLib.sol";
import {TierLib} from "./TierLib.sol";
import {VoucherLib} from "./VoucherLib.sol";

/// @title MembershipDesk
/// @notice See IMembershipDesk. What is not here either is at the MembershipHolder.
/// @dev Runs by delegatecall from the Membership, on its storage; by itself it has no members and no money.
contract MembershipDesk is IMembershipDesk, MembershipBook, Proxy {
    using EarningLib for State;
    using ReferralLib for uint256;
    using TierLib for TierLib.Record;
    using TierLib for TierLib.Terms;
    using VoucherLib for Voucher;

    uint8 private constant _SALE = 16; // role

    address private immutable _HOLDER;

    constructor(address holder) {
        _HOLDER = holder;
    }

    /// @inheritdoc IMembershipDesk
    function joinWith(
        uint16 tierId,
        uint16 periods,
        uint96 price,
        address expectedCurrency,
        address recipient,
        uint40 badge,
        JoinExtras calldata extras
    ) external payable returns (uint256 tokenId) {
        // Check:
        if (extras.releasedId != 0) _releaseSeat(extras.releasedId);
        TierLib.Record storage tier = _tiers[tierId];
        TierLib.Terms memory terms = tier.terms;
        _checkBinding(tierId, recipient, badge, extras);
        uint96 charged = _entryPrice(terms, badge, recipient);
        charged = extras.voucher.priceOf(terms.price, charged);
        _checkEntry(recipient, tierId, terms, charged);
        tier.checkOnSale(terms, tierId);
        tier.checkListed(terms, tierId, recipient, extras.proof);
        uint256 amount = _checkPayment(price, charged, periods, expectedCurrency);
        uint40 until = _firstExpiry(terms, periods, extras.voucher);
        bytes32 digest = _checkVoucher(tierId, terms, recipient, extras);

        // Effect:
        tokenId = _enter(tier, terms, Entry(tierId, periods, until, badge, recipient, msg.sender, amount));
        if (digest != 0) _useVoucher(digest, extras.voucher.issuer, tokenId);
        if (extras.consent.periodsLeft != 0) {
            if (recipient != msg.sender) revert NotHolder(tokenId, msg.sender);
            _agree(tokenId, _stateOf(tokenId, ownerOf(tokenId)), extras.consent);
        }

        // Interaction:
        _permit(expectedCurrency, extras.permit);
        _pull(expectedCurrency, msg.sender, amount);
    }

    /// @inheritdoc IMembershipDesk
    function renewWith(
        uint256 tokenId,
        uint16 periods,
        uint96 price,
        address expectedCurrency,
        uint40 badge,
        bytes32[] calldata proof,
        Permit calldata permit
    ) external payable {
        // Check:
        address holder = ownerOf(tokenId);
        State memory state = _stateOf(tokenId, holder);
        TierLib.Record storage tier = _tiers[state.tierId];
        TierLib.Terms memory terms = tier.terms;
        uint256 charged = _renewalPrice(tier, terms, state, holder, proof);
        uint256 amount = _checkPayment(price, charged, periods, expectedCurrency);
        uint40 until = terms.extended(_later(state.expiresAt), periods);
        if (badge != 0) {
            if (state.badge != 0) revert BadgeAlreadyBound(tokenId, state.badge);
            bool first = state.flags & EarningLib.CHOSEN == 0 && amount != 0;
            if (!first || holder != msg.sender) revert BadgeNotChosen(badge, holder);
        }

        // Effect:
        _extend(tier, terms, state, Payment(tokenId, holder, msg.sender, amount, 0, periods, until), badge);

        // Interaction:
        _permit(expectedCurrency, permit);
        _pull(expectedCurrency, msg.sender, amount);
    }

    /// @inheritdoc IMembershipDesk
    function sell(uint16 tierId, uint16 periods, uint256 amount, address recipient, uint40 badge, uint256 tokenId)
        external
        payable
        returns (uint256)
    {
        // Check:
        if (ICommunity(community()).rolesOf(msg.sender) & _SALE == 0) revert RoleMissing(msg.sender, _SALE);
        TierLib.Record storage tier = _tiers[tierId];
        TierLib.Terms memory terms = tier.terms;
        address coin = currency();
        _checkValue(coin, amount);
        badge = _eligible(badge, recipient);

        // Effect:
        if (tokenId == 0) {
            _checkEntry(recipient, tierId, terms, 1);
            uint40 until = terms.extended(block.timestamp, periods);
            tokenId = _enter(tier, terms, Entry(tierId, periods, until, badge, recipient, msg.sender, amount));
        } else {
            if (ownerOf(tokenId) != recipient) revert NotHolder(tokenId, recipient);
            State memory state = _stateOf(tokenId, recipient);
            if (state.tierId != tierId) revert MembershipMismatch(tokenId, state.tierId);
            if (state.badge != 0 || state.flags & EarningLib.CHOSEN != 0) badge = 0;
            uint40 until = terms.extended(_later(state.expiresAt), periods);
            _extend(tier, terms, state, Payment(tokenId, recipient, msg.sender, amount, 0, periods, until), badge);
        }

        // Interaction:
        _pull(coin, msg.sender, amount);
        return tokenId;
    }

    /// @inheritdoc IMembershipDesk
    function giftMany(
        uint16 tierId,
        uint16 periods,
        uint96 price,
        address expectedCurrency,
        address[] calldata recipients
    ) external payable {
        // Check:
        TierLib.Record storage tier = _tiers[tierId];
        TierLib.Terms memory terms = tier.terms;
        if (terms.earningSeconds == 0) revert TierUnknown(tierId);
        if (terms.price == 0) revert GiftNotPaid(tierId);
        tier.checkOnSale(terms, tierId);
        if (terms.flags & TierLib.INVITED != 0) revert VoucherNeeded(tierId);
        if (price != terms.price) revert PriceMismatch(price, terms.price);
        uint256 each = uint256(price) * periods;
        _checkValue(expectedCurrency, each * recipients.length);
        uint40 until = terms.extended(block.timestamp, periods);

        // Effect:
        for (uint256 i; i < recipients.length; ++i) {
            address recipient = recipients[i];
            if (balanceOf(recipient) != 0) revert AlreadyMember(recipient);
            tier.checkListed(terms, tierId, recipient, new bytes32[](0));
            _enter(tier, terms, Entry(tierId, periods, until, 0, recipient, msg.sender, each));
        }

        // Interaction:
        _pull(expectedCurrency, msg.sender, each * recipients.length);
    }

    /// @inheritdoc IMembershipDesk
    function releaseSeat(uint256 tokenId) external {
        _releaseSeat(tokenId);
    }

    /// @inheritdoc IMembershipDesk
    function renewSubscription(uint256 tokenId, uint64 duration) external payable {
        address holder = ownerOf(tokenId);
        State memory state = _stateOf(tokenId, holder);
        TierLib.Record storage tier = _tiers[state.tierId];
        TierLib.Terms memory terms = tier.terms;
        uint256 period = terms.periodSeconds;
        if (period == 0 || duration % period != 0 || duration / period > type(uint16).max) {
            revert PeriodsInvalid(duration);
        }
        uint16 periods = uint16(duration / period);
        uint256 amount = uint256(_renewalPrice(tier, terms, state, holder, new bytes32[](0))) * periods;
        _checkValue(address(0), amount); // in an ERC-20 nothing would guard the price: refused
        uint40 until = terms.extended(_later(state.expiresAt), periods);
        _extend(tier, terms, state, Payment(tokenId, holder, msg.sender, amount, 0, periods, until), 0);
    }

    /// @inheritdoc IMembershipDesk
    function joinPrice(uint16 tierId, uint40 badge, Voucher calldata voucher) external view returns (uint96) {
        TierLib.Terms memory terms = _tierOf(tierId).terms;
        return voucher.priceOf(terms.price, _entryPrice(terms, badge, address(0)));
    }

    /// @inheritdoc IMembershipDesk
    function voucherOf(Voucher calldata voucher) external view returns (bytes32 digest, uint32 used) {
        digest = _hashTypedData(voucher.hashOf());
        return (digest, _voucherUses[digest]);
    }

    /// @inheritdoc IMembershipDesk
    function withdrawVoucher(Voucher calldata voucher) external {
        if (msg.sender != voucher.issuer) _checkOwner();
        bytes32 digest = _hashTypedData(voucher.hashOf());
        _voucherUses[digest] = type(uint32).max;
        emit VoucherUsed(digest, voucher.issuer, 0, type(uint32).max);
    }

    /// @dev What is not here is at the MembershipHolder.
    function _implementation() internal view override returns (address) {
        return _HOLDER;
    }

    /// @dev A badge is chosen by who joins: by calling, or by a signature, which works once.
    function _checkBinding(uint16 tierId, address recipient, uint40 badge, JoinExtras calldata extras) private {
        if (badge == 0 || recipient == msg.sender) return;
        if (extras.bindingSignature.length == 0) revert BadgeNotChosen(badge, recipient);
        if (block.timestamp > extras.bindingDeadline) revert SignatureExpired(extras.bindingDeadline);
        bytes32 digest =
            _hashTypedData(VoucherLib.bindingHashOf(recipient, tierId, badge, extras.bindingDeadline));
        if (_voucherUses[digest] != 0) revert VoucherUsedUp(digest, 1);
        _voucherUses[digest] = 1;
        emit VoucherUsed(digest, recipient, 0, 1);
        _checkSignature(recipient, digest, extras.bindingSignature);
    }

    /// @dev The digest of a voucher that lets the recipient join, 0 where none is given and none is needed.
    function _checkVoucher(uint16 tierId, TierLib.Terms memory terms, address recipient, JoinExtras calldata extras)
        private
        view
        returns (bytes32 digest)
    {
        Voucher calldata voucher = extras.voucher;
        if (voucher.issuer == address(0)) {
            if (terms.flags & TierLib.INVITED != 0) revert VoucherNeeded(tierId);
            return 0;
        }
        digest = _hashTypedData(voucher.hashOf());
        if (!voucher.fits(tierId, recipient)) revert VoucherInvalid(digest);
        if (_voucherUses[digest] >= voucher.uses) revert VoucherUsedUp(digest, voucher.uses);
        _checkRole(voucher.issuer, _ISSUER);
        _checkSignature(voucher.issuer, digest, extras.voucherSignature);
    }

    function _useVoucher(bytes32 digest, address issuer, uint256 tokenId) private {
        uint32 used = _voucherUses[digest] + 1;
        _voucherUses[digest] = used;
        emit VoucherUsed(digest, issuer, tokenId, used);
    }

    /// @dev When a membership ends that begins now: after the paid periods, or after a trial.
    function _firstExpiry(TierLib.Terms memory terms, uint16 periods, Voucher calldata voucher)
        private
        view
        returns (uint40)
    {
        bool trial = voucher.issuer != address(0) && voucher.kind == VoucherKind.Trial;
        if (!trial) return terms.extended(block.timestamp, periods);
        if (periods != 0) revert PeriodsInvalid(periods);
        return terms.until(block.timestamp + voucher.value);
    }

    /// @dev Sets the allowance that the payer signed. One that fails may have been used by somebody else before.
    function _permit(address coin, Permit calldata permit) private {
        if (permit.deadline == 0 || coin == address(0)) return;
        try IERC20Permit(coin).permit(
            msg.sender, address(this), permit.value, permit.deadline, permit.v, permit.r, permit.s
        ) {} catch {}
    }

    /// @dev The badge, if it exists and belongs to somebody else; a sale already took the money, so nothing reverts.
    function _eligible(uint40 badge, address recipient) private view returns (uint40) {
        if (badge == 0) return 0;
        uint256 ledger = _ledgers[badge];
        address owner = _badgeOwner(badge, ledger);
        bool known = owner != address(0) && (ledger.exists() || _everPaid(badge, owner));
        return known && owner != recipient ? badge : 0;
    }
}
