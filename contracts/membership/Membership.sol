// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Proxy} from "@openzeppelin/contracts/proxy/Proxy.sol";
import {ERC721} from "solady/tokens/ERC721.sol";
import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {IBadges} from "../badges/IBadges.sol";
import {IERC5643} from "../interfaces/IERC5643.sol";
import {ConsentLib} from "./ConsentLib.sol";
import {EarningLib} from "./EarningLib.sol";
import {IMembership} from "./IMembership.sol";
import {MembershipBook} from "./MembershipBook.sol";
import {ReferralLib} from "./ReferralLib.sol";
import {TierLib} from "./TierLib.sol";

/// @title Membership
/// @notice See IMembership: what happens often. All other calls go to the MembershipDesk behind it, at this address and
/// on this storage; both are fixed when the factory is deployed.
contract Membership is IMembership, MembershipBook, Proxy {
    using EarningLib for State;
    using ReferralLib for uint256;
    using TierLib for TierLib.Record;
    using TierLib for TierLib.Terms;

    uint256 private constant _SETTLE_INTERVAL = 1 days;
    uint256 private constant _TIP_PARTS = 50; // a tip is at most a fiftieth of the price
    bytes4 private constant _ERC4906 = 0x49064906;

    address private immutable _DESK;

    /// @dev The implementation behind the clones is nobody's.
    constructor(address desk) {
        _totals.initialized = true;
        _DESK = desk;
    }

    /// @inheritdoc IMembership
    function initialize(TierParams[] calldata tiers) external {
        if (_totals.initialized) revert AlreadyInitialized();
        _totals.initialized = true;
        _totals.tiers = uint16(tiers.length);
        for (uint16 i; i < tiers.length; ++i) {
            TierLib.create(_tiers[i + 1], i + 1, tiers[i]);
        }
    }

    /// @inheritdoc IMembership
    function join(
        uint16 tierId,
        uint16 periods,
        uint96 price,
        address expectedCurrency,
        address recipient,
        uint40 badge
    ) external payable returns (uint256 tokenId) {
        // Check:
        TierLib.Record storage tier = _tiers[tierId];
        TierLib.Terms memory terms = tier.terms;
        if (badge != 0 && recipient != msg.sender) revert BadgeNotChosen(badge, recipient);
        uint256 charged = _entryPrice(terms, badge, recipient);
        _checkEntry(recipient, tierId, terms, charged);
        tier.checkOnSale(terms, tierId);
        tier.checkListed(terms, tierId, recipient, new bytes32[](0));
        if (terms.flags & TierLib.INVITED != 0) revert VoucherNeeded(tierId);
        uint256 amount = _checkPayment(price, charged, periods, expectedCurrency);
        uint40 until = terms.extended(block.timestamp, periods);

        // Effect:
        tokenId = _enter(tier, terms, Entry(tierId, periods, until, badge, recipient, msg.sender, amount));

        // Interaction:
        _pull(expectedCurrency, msg.sender, amount);
    }

    /// @inheritdoc IMembership
    function renew(uint256 tokenId, uint16 periods, uint96 price, address expectedCurrency) external payable {
        // Check:
        address holder = ownerOf(tokenId); // reverts TokenDoesNotExist
        State memory state = _stateOf(tokenId, holder);
        TierLib.Record storage tier = _tiers[state.tierId];
        TierLib.Terms memory terms = tier.terms;
        uint256 charged = _renewalPrice(tier, terms, state, holder, new bytes32[](0));
        uint256 amount = _checkPayment(price, charged, periods, expectedCurrency);
        uint40 until = terms.extended(_later(state.expiresAt), periods);

        // Effect:
        _extend(tier, terms, state, Payment(tokenId, holder, msg.sender, amount, 0, periods, until), 0);

        // Interaction:
        _pull(expectedCurrency, msg.sender, amount);
    }

    /// @inheritdoc IMembership
    function renewFor(uint256 tokenId, uint96 tip) external {
        // Check:
        address holder = _ownerOf(tokenId);
        if (holder == address(0)) revert RenewalImpossible(tokenId, RenewalStatus.Unknown);
        State memory state = _stateOf(tokenId, holder);
        TierLib.Record storage tier = _tiers[state.tierId];
        TierLib.Terms memory terms = tier.terms;
        ConsentLib.Agreement memory agreement = _agreements[tokenId];
        (RenewalStatus status, uint96 price,,) = ConsentLib.statusOf(agreement, state, tier, terms);
        address coin = currency();
        // A status is a name, not an amount that a stranger could push past the value asked for.
        // slither-disable-next-line incorrect-equality
        if (status == RenewalStatus.Due) status = _moneyStatus(coin, holder, price);
        if (status != RenewalStatus.Due) revert RenewalImpossible(tokenId, status);
        if (tip > price / _TIP_PARTS) revert TipTooHigh(tip, price / _TIP_PARTS);
        uint40 until = terms.extended(_later(state.expiresAt), 1);

        // Effect:
        agreement.periodsLeft -= 1;
        _agreements[tokenId] = agreement;
        Consent memory left = Consent(agreement.maxPrice, agreement.periodsLeft, agreement.until);
        emit AutoRenewSet(tokenId, holder, state.tierId, left);
        _extend(tier, terms, state, Payment(tokenId, holder, holder, price, tip, 1, until), 0);
        if (coin == address(0)) _takeFunds(holder, price);
        if (tip != 0) _addFunds(msg.sender, tip);

        // Interaction:
        _pull(coin, holder, price);
    }

    /// @inheritdoc IMembership
    function settle(uint256[] calldata tokenIds) external {
        uint112 earned = _totals.earned;
        for (uint256 i; i < tokenIds.length; ++i) {
            uint256 tokenId = tokenIds[i];
            address holder = _ownerOf(tokenId);
            if (holder == address(0)) continue;
            State memory state = _stateOf(tokenId, holder);
            bool early = block.timestamp < state.settledAt + _SETTLE_INTERVAL && block.timestamp < state.earnedAt;
            if ((early || state.unearned == 0) && !_counts(state)) continue;
            (earned,) = _settle(tokenId, state, earned);
            _setAux(holder, state.packMoney());
        }
        _totals.earned = earned;
    }

    /// @inheritdoc IMembership
    function claim(uint40[] calldata badges_, address to) external returns (uint256 amount) {
        for (uint256 i; i < badges_.length; ++i) {
            amount += _claim(badges_[i], to);
        }
        if (amount == 0) revert NothingToClaim(badges_.length == 0 ? 0 : badges_[badges_.length - 1]);
        _send(to, amount);
    }

    /// @inheritdoc IMembership
    function creditBadge(uint40 badge, uint256 amount) external payable {
        if (msg.sender != store()) revert NotSibling(msg.sender);
        uint256 value = currency() == address(0) ? amount : 0;
        if (msg.value != value) revert ValueMismatch(msg.value, value);
        _setLedger(badge, amount, _ledgers[badge].paid(amount));
    }

    /// @inheritdoc IMembership
    function markMinted(uint40 badge) external returns (address holder) {
        if (msg.sender != badges()) revert NotSibling(msg.sender);
        return _markMinted(badge);
    }

    /// @inheritdoc IMembership
    function withdrawEarnings(address to, uint256 amount) external {
        // Check:
        if (msg.sender != community()) revert NotCommunity(msg.sender);
        Totals memory totals = _totals;
        uint256 left = totals.earned - totals.withdrawn;
        if (amount > left) revert EarningsExceeded(amount, left);

        // Effect:
        totals.withdrawn += uint112(amount); // amount <= left, which is 112 bits
        _totals = totals;
        emit EarningsWithdrawn(to, amount, totals.withdrawn);

        // Interaction:
        _send(to, amount);
    }

    /// @inheritdoc IMembership
    function tierCount() external view returns (uint16) {
        return _totals.tiers;
    }

    /// @inheritdoc IMembership
    function tierOf(uint16 tierId) external view returns (Tier memory) {
        return _tierOf(tierId).read();
    }

    /// @inheritdoc IMembership
    function isValid(uint256 tokenId) external view returns (bool) {
        return _exists(tokenId) && block.timestamp < _getExtraData(tokenId) >> 56;
    }

    /// @inheritdoc IMembership
    function expiresAt(uint256 tokenId) external view returns (uint64) {
        return stateOf(tokenId).expiresAt;
    }

    /// @inheritdoc IMembership
    function renewalPrice(uint256 tokenId) external view returns (uint96) {
        address holder = ownerOf(tokenId);
        State memory state = _stateOf(tokenId, holder);
        TierLib.Record storage tier = _tiers[state.tierId];
        return tier.renewalPrice(tier.terms, state.tierId, state.expiresAt);
    }

    /// @inheritdoc IMembership
    function earnings() external view returns (uint256 earnedTotal, uint256 withdrawnTotal) {
        return (_totals.earned, _totals.withdrawn);
    }

    /// @inheritdoc IMembership
    function unearnedOf(uint256 tokenId) external view returns (uint256) {
        State memory state = stateOf(tokenId);
        return state.unearned - state.earnedOf(block.timestamp);
    }

    /// @inheritdoc IMembership
    function ledgerOf(uint40 badge) external view returns (Ledger memory) {
        return _ledgers[badge].read(_claimed[badge]);
    }

    /// @inheritdoc IMembership
    function accruedOf(uint40 badge) external view returns (uint256) {
        return _ledgers[badge].incomeOf() - _claimed[badge];
    }

    /// @inheritdoc IMembership
    function rateOf(uint40 badge) external view returns (uint16) {
        return _rateOf(_ledgers[badge].used(_totals.ratesVersion));
    }

    /// @inheritdoc IMembership
    function badgeOwnerOf(uint40 badge) external view returns (address) {
        uint256 ledger = _ledgers[badge];
        address owner = _badgeOwner(badge, ledger);
        return owner == address(0) || ledger.exists() || _everPaid(badge, owner) ? owner : address(0);
    }

    /// @inheritdoc IMembership
    function fundsOf(address account) external view returns (uint256) {
        return _funds[account];
    }

    /// @inheritdoc ERC721
    /// @dev No coins are taken: the ERC lets `approve` be payable, but nothing could return them.
    function approve(address account, uint256 id) public payable override {
        if (msg.value != 0) revert ValueMismatch(msg.value, 0);
        super.approve(account, id);
    }

    /// @inheritdoc ERC721
    /// @dev Both safe transfers end here. An expired or soulbound membership does not move, except by changeWallet.
    function transferFrom(address from, address to, uint256 tokenId) public payable override {
        if (msg.value != 0) revert ValueMismatch(msg.value, 0);
        uint96 terms = _getExtraData(tokenId);
        uint40 expires = uint40(terms >> 56);
        if (block.timestamp >= expires) revert MembershipExpired(tokenId, expires);
        uint16 tierId = uint16(terms >> 40);
        if (_tiers[tierId].terms.flags & TierLib.SOULBOUND != 0) revert TierSoulbound(tierId);
        if (to != address(0) && balanceOf(to) != 0) revert AlreadyMember(to);
        super.transferFrom(from, to, tokenId);
    }

    /// @inheritdoc IMembership
    function stateOf(uint256 tokenId) public view returns (State memory) {
        return _stateOf(tokenId, ownerOf(tokenId));
    }

    /// @inheritdoc ERC721
    function ownerOf(uint256 tokenId) public view override(ERC721, IMembership) returns (address) {
        return super.ownerOf(tokenId);
    }

    /// @inheritdoc ERC721
    function supportsInterface(bytes4 id) public view override returns (bool) {
        return id == type(IERC5643).interfaceId || id == type(IERC2981).interfaceId || id == _ERC4906
            || super.supportsInterface(id);
    }

    /// @dev What is not here is at the desk.
    function _implementation() internal view override returns (address) {
        return _DESK;
    }

    /// @dev Pays out one badge on paper; the caller sends the sum.
    function _claim(uint40 badge, address to) private returns (uint256 amount) {
        // Check:
        uint256 ledger = _ledgers[badge];
        address owner = _badgeOwner(badge, ledger);
        if (msg.sender != owner) _checkOperator(badge, ledger, owner, to);

        // Effect:
        uint256 before = _claimed[badge];
        amount = ledger.incomeOf() - before;
        bool mints = ledger & ReferralLib.MINTED == 0;
        if (mints) _markMinted(badge);
        if (amount != 0) {
            _claimed[badge] = before + amount;
            emit BadgeClaimed(badge, owner, to, amount, before + amount);
        }

        // Interaction:
        if (mints) IBadges(badges()).mintFor(badge, owner);
    }

    /// @dev An account that the owner of a minted badge approved may claim, but to the owner only.
    function _checkOperator(uint40 badge, uint256 ledger, address owner, address to) private view {
        if (ledger & ReferralLib.MINTED != 0 && to == owner) {
            ERC721 tokens = ERC721(badges());
            if (tokens.getApproved(badge) == msg.sender || tokens.isApprovedForAll(owner, msg.sender)) return;
        }
        revert NotBadgeOwner(badge, msg.sender);
    }
}
