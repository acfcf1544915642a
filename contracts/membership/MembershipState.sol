// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC721} from "solady/tokens/ERC721.sol";
import {EIP712} from "solady/utils/EIP712.sol";
import {LibClone} from "solady/utils/LibClone.sol";
import {ReentrancyGuardTransient} from "solady/utils/ReentrancyGuardTransient.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";
import {SignatureCheckerLib} from "solady/utils/SignatureCheckerLib.sol";
import {ICommunity} from "../community/ICommunity.sol";
import {ConsentLib} from "./ConsentLib.sol";
import {EarningLib} from "./EarningLib.sol";
import {IMembershipBase} from "./IMembershipBase.sol";
import {IMembershipOffice} from "./IMembershipOffice.sol";
import {LevelLib} from "./LevelLib.sol";
import {ReferralLib} from "./ReferralLib.sol";
import {TierLib} from "./TierLib.sol";

/// @title MembershipState
/// @notice What the four contracts of a membership share: one storage, its terms, and how money comes and goes.
/// @dev All run at the address of a clone with immutable arguments, in bytes:
/// `community 20 | currency 20 | badges 20 | store 20 | noticeSeconds 5 | royaltyBps 2 | first rates 22 | length of name 1 | name | symbol`.
abstract contract MembershipState is IMembershipBase, ERC721, EIP712, ReentrancyGuardTransient {
    using EarningLib for State;
    using ReferralLib for uint256;
    using TierLib for TierLib.Record;
    using TierLib for TierLib.Terms;

    /// @dev One slot.
    struct Totals {
        uint112 earned; // by the community, ever
        uint112 withdrawn; // of it
        uint16 tiers;
        uint8 ratesVersion; // newest
        bool initialized;
    }

    uint256 internal constant _SERIAL_BITS = 24;
    uint8 internal constant _TREASURER = 1; // roles
    uint8 internal constant _GRANTER = 2;
    uint8 internal constant _ISSUER = 4;

    Totals internal _totals;
    mapping(uint256 tierId => TierLib.Record) internal _tiers;
    mapping(uint256 badge => uint256) internal _ledgers;
    mapping(uint256 badge => uint256) internal _claimed;
    mapping(uint256 tokenId => ConsentLib.Agreement) internal _agreements;
    mapping(address account => uint256) internal _funds;
    mapping(bytes32 digest => uint32) internal _voucherUses;
    // Written by setRates of the office, which runs on this storage.
    // slither-disable-next-line uninitialized-state
    mapping(uint256 version => bytes22) internal _rates; // from version 1 on

    /// @inheritdoc IMembershipBase
    function community() public view returns (address) {
        return address(bytes20(_arguments(0, 20)));
    }

    /// @inheritdoc IMembershipBase
    function currency() public view returns (address) {
        return address(bytes20(_arguments(20, 40)));
    }

    /// @inheritdoc IMembershipBase
    function badges() public view returns (address) {
        return address(bytes20(_arguments(40, 60)));
    }

    /// @inheritdoc IMembershipBase
    function store() public view returns (address) {
        return address(bytes20(_arguments(60, 80)));
    }

    /// @inheritdoc IMembershipBase
    function noticeSeconds() public view returns (uint40) {
        return uint40(bytes5(_arguments(80, 85)));
    }

    /// @inheritdoc IMembershipBase
    function royaltyBps() public view returns (uint16) {
        return uint16(bytes2(_arguments(85, 87)));
    }

    /// @inheritdoc ERC721
    function name() public view override returns (string memory) {
        return string(_arguments(110, 110 + uint8(bytes1(_arguments(109, 110)))));
    }

    /// @inheritdoc ERC721
    function symbol() public view override returns (string memory) {
        return string(_arguments(110 + uint8(bytes1(_arguments(109, 110))), type(uint256).max));
    }

    /// @inheritdoc ERC721
    /// @dev Asked of the office through this contract's own face: a view cannot hand a call on.
    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        return IMembershipOffice(address(this)).metadataOf(tokenId);
    }

    /// @dev Money, times and counters live beside the holder's balance: they follow the token. Consent ends with the count;
    /// whoever receives a membership has not chosen its badge.
    function _afterTokenTransfer(address from, address to, uint256 tokenId) internal override {
        if (from == address(0) || to == address(0)) return;
        uint224 money = EarningLib.moved(_getAux(from));
        _setAux(from, 0);
        _setAux(to, money);
        emit MembershipMoved(tokenId, from, to, _getExtraData(tokenId), money);
    }

    /// @dev Every supported chain has transient storage (Cancun).
    function _useTransientReentrancyGuardOnlyOnMainnet() internal pure override returns (bool) {
        return false;
    }

    function _setLedger(uint40 badge, uint256 amount, uint256 ledger) internal {
        _ledgers[badge] = ledger;
        emit BadgeLedgerSet(badge, amount, ledger);
    }

    function _addFunds(address account, uint256 amount) internal {
        uint256 funds = _funds[account] + amount;
        _funds[account] = funds;
        emit FundsSet(account, funds);
    }

    function _takeFunds(address account, uint256 amount) internal {
        uint256 funds = _funds[account];
        if (amount > funds) revert FundsTooLow(account, amount, funds);
        _funds[account] = funds - amount;
        emit FundsSet(account, funds - amount);
    }

    /// @dev Pulls an ERC-20 payment, which must arrive exactly; native coins came with the call.
    /// Guarded, since a token that calls back could let one arrival count for two payments.
    function _pull(address coin, address payer, uint256 amount) internal {
        if (coin != address(0) && amount != 0) _pullToken(coin, payer, amount);
    }

    /// @dev Sends what the contract owes. Guarded like a pull: nothing leaves in the middle of an arrival.
    function _send(address to, uint256 amount) internal {
        address coin = currency();
        if (coin == address(0)) SafeTransferLib.safeTransferETH(to, amount);
        else _sendToken(coin, to, amount);
    }

    /// @dev Checks price, currency and value; the amount due.
    function _checkPayment(uint256 expected, uint256 price, uint256 periods, address expectedCurrency)
        internal
        view
        returns (uint256 amount)
    {
        if (expected != price) revert PriceMismatch(expected, price);
        amount = price * periods;
        _checkValue(expectedCurrency, amount);
    }

    // Called by payable functions only, some of them in the contracts behind.
    // slither-disable-next-line msg-value-in-nonpayable
    function _checkValue(address expectedCurrency, uint256 amount) internal view {
        address coin = currency();
        if (expectedCurrency != coin) revert CurrencyMismatch(expectedCurrency, coin);
        uint256 value = coin == address(0) ? amount : 0;
        if (msg.value != value) revert ValueMismatch(msg.value, value);
    }

    /// @dev Reverts unless `recipient`, which may pay itself, may become a member for this payment.
    function _checkEntry(address recipient, uint16 tierId, TierLib.Terms memory terms, uint256 price) internal view {
        if (balanceOf(recipient) != 0) revert AlreadyMember(recipient);
        if (terms.earningSeconds == 0) revert TierUnknown(tierId);
        if (price == 0 && recipient != msg.sender) revert GiftNotPaid(tierId);
    }

    /// @dev What a renewal of one period costs now. After the grace the rules of a join hold.
    function _renewalPrice(
        TierLib.Record storage tier,
        TierLib.Terms memory terms,
        State memory state,
        address holder,
        bytes32[] memory proof
    ) internal view returns (uint96) {
        if (block.timestamp >= uint256(state.expiresAt) + TierLib.RENEWAL_GRACE) {
            tier.checkListed(terms, state.tierId, holder, proof);
        }
        return tier.renewalPrice(terms, state.tierId, state.expiresAt);
    }

    function _stateOf(uint256 tokenId, address holder) internal view returns (State memory) {
        return EarningLib.unpack(_getExtraData(tokenId), _getAux(holder));
    }

    /// @dev Price of a period of a first payment. Who comes back with the badge that it kept pays in full.
    function _entryPrice(TierLib.Terms memory terms, uint40 badge, address recipient) internal view returns (uint96) {
        (uint40 kept,) = EarningLib.recall(_getAux(recipient));
        return badge == 0 || kept != 0 ? terms.price : TierLib.discounted(terms.price, terms.inviteeDiscountBps);
    }

    /// @dev When paid time begins that is added to an expiry.
    function _later(uint40 expiresAt_) internal view returns (uint256) {
        return expiresAt_ > block.timestamp ? expiresAt_ : block.timestamp;
    }

    /// @dev Owner of a badge; 0 when there is no such badge.
    function _badgeOwner(uint40 badge, uint256 ledger) internal view returns (address) {
        return ledger & ReferralLib.MINTED != 0 ? ERC721(badges()).ownerOf(badge) : _ownerOf(badge);
    }

    /// @dev Whether a membership was ever paid: only then its badge exists.
    function _everPaid(uint256 tokenId, address holder) internal view returns (bool) {
        return _stateOf(tokenId, holder).earnedAt != 0;
    }

    function _rateOf(uint256 ledger) internal view returns (uint16) {
        return LevelLib.rateOf(_ratesOf(ledger.versionOf()), ledger.levelOf());
    }

    function _ratesOf(uint256 version) internal view returns (Rates memory) {
        return LevelLib.unpack(version == 0 ? bytes22(_arguments(87, 109)) : _rates[version]);
    }

    function _tierOf(uint16 tierId) internal view returns (TierLib.Record storage tier) {
        tier = _tiers[tierId];
        if (tier.terms.earningSeconds == 0) revert TierUnknown(tierId);
    }

    function _arguments(uint256 start, uint256 end) internal view returns (bytes memory) {
        return LibClone.argsOnClone(address(this), start, end);
    }

    // The payer is the caller, or in renewFor a holder that consented to this price.
    // slither-disable-next-line arbitrary-send-erc20
    function _pullToken(address coin, address payer, uint256 amount) private nonReentrant {
        uint256 before = SafeTransferLib.balanceOf(coin, address(this));
        SafeTransferLib.safeTransferFrom(coin, payer, address(this), amount);
        uint256 received = SafeTransferLib.balanceOf(coin, address(this)) - before;
        if (received != amount) revert TransferShort(received, amount);
    }

    function _sendToken(address coin, address to, uint256 amount) private nonReentrant {
        SafeTransferLib.safeTransfer(coin, to, amount);
    }

    function _checkOwner() internal view {
        if (msg.sender != ICommunity(community()).owner()) revert NotOwner(msg.sender);
    }

    /// @dev The owner has every role.
    function _checkRole(address account, uint8 role) internal view {
        if (!ICommunity(community()).hasRole(account, role)) revert RoleMissing(account, role);
    }

    function _domainNameAndVersion() internal pure override returns (string memory, string memory) {
        return ("Koinon Membership", "1");
    }

    /// @dev By key or by contract (EIP-1271).
    function _checkSignature(address signer, bytes32 digest, bytes calldata signature) internal view {
        if (!SignatureCheckerLib.isValidSignatureNowCalldata(signer, digest, signature)) {
            revert SignatureInvalid(signer);
        }
    }
}
