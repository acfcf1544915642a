// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC721} from "solady/tokens/ERC721.sol";
import {Base64} from "solady/utils/Base64.sol";
import {LibClone} from "solady/utils/LibClone.sol";
import {LibString} from "solady/utils/LibString.sol";
import {ReentrancyGuardTransient} from "solady/utils/ReentrancyGuardTransient.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";
import {ICommunity} from "../community/ICommunity.sol";
import {EarningLib} from "./EarningLib.sol";
import {IMembership} from "./IMembership.sol";
import {TierLib} from "./TierLib.sol";

/// @title Membership
/// @notice See IMembership. A clone with immutable arguments:
/// `community 20 | currency 20 | noticeSeconds 5 | length of name 1 | name | symbol`, in bytes.
contract Membership is IMembership, ERC721, ReentrancyGuardTransient {
    using EarningLib for State;
    using TierLib for TierLib.Record;
    using TierLib for TierLib.Terms;

    /// @dev One slot.
    struct Totals {
        uint112 earned; // by the community, ever
        uint112 withdrawn; // of it
        uint16 tiers;
        bool initialized;
    }

    uint256 private constant _SETTLE_INTERVAL = 1 days;
    uint256 private constant _SERIAL_BITS = 24;

    Totals private _totals;
    mapping(uint256 tierId => TierLib.Record) private _tiers;

    /// @dev The implementation behind the clones is nobody's.
    constructor() {
        _totals.initialized = true;
    }

    modifier onlyOwner() {
        if (msg.sender != ICommunity(community()).owner()) revert NotOwner(msg.sender);
        _;
    }

    /// @inheritdoc IMembership
    function initialize(TierParams[] calldata tiers) external {
        if (_totals.initialized) revert AlreadyInitialized();
        _totals.initialized = true;
        for (uint256 i; i < tiers.length; ++i) {
            _createTier(tiers[i]);
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
        if (badge != 0) revert BadgeUnknown(badge);
        if (balanceOf(recipient) != 0) revert AlreadyMember(recipient);
        TierLib.Record storage tier = _tiers[tierId];
        TierLib.Terms memory terms = tier.terms;
        if (terms.earningSeconds == 0) revert TierUnknown(tierId);
        tier.checkOnSale(terms, tierId);
        if (terms.seats == (terms.cap == 0 ? type(uint24).max : terms.cap)) revert TierSoldOut(tierId, terms.seats);
        if (terms.price == 0 && recipient != msg.sender) revert GiftNotPaid(tierId);
        uint256 amount = _checkPayment(price, terms.price, periods, expectedCurrency);
        State memory state;
        state.expiresAt = terms.extended(block.timestamp, periods);

        // Effect:
        terms.seats += 1;
        terms.serial += 1;
        tier.terms = terms;
        tokenId = (uint256(tierId) << _SERIAL_BITS) | terms.serial;
        state.tierId = tierId;
        state.settledAt = uint40(block.timestamp);
        state.credit(amount, uint256(terms.earningSeconds) * periods, block.timestamp);
        _mintAndSetExtraDataUnchecked(recipient, tokenId, state.packExtra());
        _setAux(recipient, state.packAux());
        emit MembershipJoined(tokenId, recipient, tierId, msg.sender, amount, periods, state);

        // Interaction:
        _pull(expectedCurrency, amount);
    }

    /// @inheritdoc IMembership
    function renew(uint256 tokenId, uint16 periods, uint96 price, address expectedCurrency) external payable {
        // Check:
        address holder = ownerOf(tokenId); // reverts TokenDoesNotExist
        State memory state = EarningLib.unpack(_getExtraData(tokenId), _getAux(holder));
        uint16 tierId = state.tierId;
        TierLib.Record storage tier = _tiers[tierId];
        TierLib.Terms memory terms = tier.terms;
        uint96 charged = tier.renewalPrice(terms, tierId, state.expiresAt);
        uint256 amount = _checkPayment(price, charged, periods, expectedCurrency);
        uint256 from = state.expiresAt > block.timestamp ? state.expiresAt : block.timestamp;
        uint40 until = terms.extended(from, periods);

        // Effect:
        _totals.earned = _settle(tokenId, state, _totals.earned);
        state.expiresAt = until;
        state.credit(amount, uint256(terms.earningSeconds) * periods, block.timestamp);
        _setExtraData(tokenId, state.packExtra());
        _setAux(holder, state.packAux());
        emit MembershipRenewed(tokenId, holder, tierId, msg.sender, amount, periods, state);

        // Interaction:
        _pull(expectedCurrency, amount);
    }

    /// @inheritdoc IMembership
    function settle(uint256[] calldata tokenIds) external {
        uint112 earned = _totals.earned;
        for (uint256 i; i < tokenIds.length; ++i) {
            uint256 tokenId = tokenIds[i];
            address holder = _ownerOf(tokenId);
            if (holder == address(0)) continue;
            State memory state = EarningLib.unpack(_getExtraData(tokenId), _getAux(holder));
            bool early = block.timestamp < state.settledAt + _SETTLE_INTERVAL && block.timestamp < state.earnedAt;
            if (early || state.unearned == 0) continue;
            earned = _settle(tokenId, state, earned);
            _setAux(holder, state.packAux());
        }
        _totals.earned = earned;
    }

    /// @inheritdoc IMembership
    function createTier(TierParams calldata params) external onlyOwner returns (uint16 tierId) {
        return _createTier(params);
    }

    /// @inheritdoc IMembership
    function setTierPrice(uint16 tierId, uint96 price) external onlyOwner {
        TierLib.Record storage tier = _tierOf(tierId);
        tier.setPrice(tierId, price, noticeSeconds());
        emit TierSet(tierId, tier.read());
    }

    /// @inheritdoc IMembership
    function setTierPaused(uint16 tierId, bool paused) external onlyOwner {
        TierLib.Record storage tier = _tierOf(tierId);
        uint8 flags = tier.terms.flags;
        tier.terms.flags = paused ? flags | TierLib.PAUSED : flags & ~TierLib.PAUSED;
        emit TierSet(tierId, tier.read());
    }

    /// @inheritdoc IMembership
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
        address coin = currency();
        if (coin == address(0)) SafeTransferLib.safeTransferETH(to, amount);
        else SafeTransferLib.safeTransfer(coin, to, amount);
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
        return _exists(tokenId) && block.timestamp < _expiresAt(tokenId);
    }

    /// @inheritdoc IMembership
    function expiresAt(uint256 tokenId) external view returns (uint64) {
        return stateOf(tokenId).expiresAt;
    }

    /// @inheritdoc IMembership
    function renewalPrice(uint256 tokenId) external view returns (uint96) {
        State memory state = stateOf(tokenId);
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

    /// @inheritdoc ERC721
    /// @dev No coins are taken: the ERC lets `approve` be payable, but nothing could return them.
    function approve(address account, uint256 id) public payable override {
        if (msg.value != 0) revert ValueMismatch(msg.value, 0);
        super.approve(account, id);
    }

    /// @inheritdoc IMembership
    function noticeSeconds() public view returns (uint40) {
        return uint40(bytes5(_arguments(40, 45)));
    }

    /// @inheritdoc IMembership
    function community() public view returns (address) {
        return address(bytes20(_arguments(0, 20)));
    }

    /// @inheritdoc IMembership
    function currency() public view returns (address) {
        return address(bytes20(_arguments(20, 40)));
    }

    /// @inheritdoc ERC721
    function name() public view override returns (string memory) {
        return string(_arguments(46, 46 + uint8(bytes1(_arguments(45, 46)))));
    }

    /// @inheritdoc ERC721
    function symbol() public view override returns (string memory) {
        return string(_arguments(46 + uint8(bytes1(_arguments(45, 46))), type(uint256).max));
    }

    /// @inheritdoc IMembership
    function stateOf(uint256 tokenId) public view returns (State memory) {
        return EarningLib.unpack(_getExtraData(tokenId), _getAux(ownerOf(tokenId)));
    }

    /// @inheritdoc ERC721
    function ownerOf(uint256 tokenId) public view override(ERC721, IMembership) returns (address) {
        return super.ownerOf(tokenId);
    }

    /// @inheritdoc ERC721
    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        State memory state = stateOf(tokenId);
        string memory label = LibString.fromSmallString(LibString.normalizeSmallString(_tiers[state.tierId].label));
        bytes memory json = abi.encodePacked(
            '{"name":"', LibString.escapeJSON(name()), " #", LibString.toString(tokenId),
            '","attributes":[{"trait_type":"tier","value":"', LibString.escapeJSON(label),
            '"},{"display_type":"date","trait_type":"expires","value":', LibString.toString(state.expiresAt), "}]}"
        );
        return string.concat("data:application/json;base64,", Base64.encode(json));
    }

    /// @dev Checks that a membership may move; for a mint there is nothing to check here.
    function _beforeTokenTransfer(address from, address to, uint256 tokenId) internal view override {
        if (from == address(0)) return;
        if (msg.value != 0) revert ValueMismatch(msg.value, 0);
        uint96 extra = _getExtraData(tokenId);
        uint40 expires = uint40(extra >> 56);
        if (block.timestamp >= expires) revert MembershipExpired(tokenId, expires);
        uint16 tierId = uint16(extra >> 40);
        if (_tiers[tierId].terms.flags & TierLib.SOULBOUND != 0) revert TierSoulbound(tierId);
        if (to != address(0) && balanceOf(to) != 0) revert AlreadyMember(to);
    }

    /// @dev Money, times and counters live beside the holder's balance: they follow the token.
    function _afterTokenTransfer(address from, address to, uint256 tokenId) internal override {
        if (from == address(0)) return;
        State memory state = EarningLib.unpack(_getExtraData(tokenId), _getAux(from));
        state.transferCount += 1; // reverts at the 65,536th, so that no signature over a count ever revives
        _setAux(from, 0);
        _setAux(to, state.packAux());
        emit MembershipMoved(tokenId, from, to, state);
    }

    /// @dev Every supported chain has transient storage (Cancun).
    function _useTransientReentrancyGuardOnlyOnMainnet() internal pure override returns (bool) {
        return false;
    }

    /// @dev Settles `state` in memory; the caller stores it. No badge has a share until referral badges exist.
    /// @return earnedTotal of the community, after
    function _settle(uint256 tokenId, State memory state, uint112 earnedBefore) private returns (uint112 earnedTotal) {
        uint256 earned = state.settle(block.timestamp);
        earnedTotal = earnedBefore + uint96(earned); // at most `unearned`, which is 96 bits
        if (earned != 0) emit MembershipSettled(tokenId, earned, 0, earnedTotal, state);
    }

    function _createTier(TierParams calldata params) private returns (uint16 tierId) {
        tierId = _totals.tiers + 1;
        if (!TierLib.isSound(params)) revert TierParamsInvalid(tierId);
        _totals.tiers = tierId;
        TierLib.Record storage tier = _tiers[tierId];
        tier.write(params);
        emit TierSet(tierId, tier.read());
    }

    /// @dev Pulls an ERC-20 payment, which must arrive exactly; native coins came with the call.
    /// Guarded, since a token that calls back could let one arrival count for two payments.
    function _pull(address coin, uint256 amount) private {
        if (coin != address(0) && amount != 0) _pullToken(coin, amount);
    }

    function _pullToken(address coin, uint256 amount) private nonReentrant {
        uint256 before = SafeTransferLib.balanceOf(coin, address(this));
        SafeTransferLib.safeTransferFrom(coin, msg.sender, address(this), amount);
        uint256 received = SafeTransferLib.balanceOf(coin, address(this)) - before;
        if (received != amount) revert TransferShort(received, amount);
    }

    /// @dev The amount due, after price, currency and value were checked.
    function _checkPayment(uint96 expected, uint96 price, uint16 periods, address expectedCurrency)
        private
        view
        returns (uint256 amount)
    {
        address coin = currency();
        if (expectedCurrency != coin) revert CurrencyMismatch(expectedCurrency, coin);
        if (expected != price) revert PriceMismatch(expected, price);
        amount = uint256(price) * periods;
        uint256 value = coin == address(0) ? amount : 0;
        if (msg.value != value) revert ValueMismatch(msg.value, value);
    }

    function _tierOf(uint16 tierId) private view returns (TierLib.Record storage tier) {
        tier = _tiers[tierId];
        if (tier.terms.earningSeconds == 0) revert TierUnknown(tierId);
    }

    function _expiresAt(uint256 tokenId) private view returns (uint40) {
        return uint40(_getExtraData(tokenId) >> 56);
    }

    function _arguments(uint256 start, uint256 end) private view returns (bytes memory) {
        return LibClone.argsOnClone(address(this), start, end);
    }
}
