// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "solady/tokens/ERC20.sol";
import {ERC20Votes} from "solady/tokens/ERC20Votes.sol";
import {LibClone} from "solady/utils/LibClone.sol";
import {ReentrancyGuardTransient} from "solady/utils/ReentrancyGuardTransient.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";
import {ICommunity} from "../community/ICommunity.sol";
import {ICommunityToken} from "./ICommunityToken.sol";

/// @title CommunityToken
/// @notice See ICommunityToken. A clone with immutable arguments:
/// `community 20 | currency 20 | maximum 13 | restricted 1 | length of name 1 | name | symbol`, in bytes.
contract CommunityToken is ICommunityToken, ERC20Votes, ReentrancyGuardTransient {
    bytes4 private constant _ERC165 = 0x01ffc9a7; // interface ids
    bytes4 private constant _ERC1404 = 0xab84a5c8;
    uint256 private constant _NAME_AT = 55; // first byte of the name among the arguments

    address private _sale; // first slot
    uint40 private _lockedUntil;
    address private _attestor;
    uint256 private _incomeIndex;
    uint256 private _distributed;
    mapping(address account => Holder) private _holders;
    mapping(address account => Income) private _incomes;

    /// @dev The implementation behind the clones is nobody's.
    constructor() {
        _sale = address(this);
    }

    modifier onlySale() {
        if (msg.sender != _sale) revert NotSale(msg.sender);
        _;
    }

    modifier onlyRestricted() {
        if (!restricted()) revert NotRestricted();
        _;
    }

    modifier onlyAttestor() {
        if (msg.sender != _attestor && msg.sender != ICommunity(community()).owner()) revert NotAttestor(msg.sender);
        _;
    }

    /// @inheritdoc ICommunityToken
    function initialize(address sale_) external {
        if (_sale != address(0)) revert AlreadyInitialized();
        _sale = sale_;
    }

    /// @inheritdoc ICommunityToken
    function lock(uint40 until) external onlySale {
        _lockedUntil = until;
        emit LockupSet(until);
    }

    /// @inheritdoc ICommunityToken
    function mint(address account, uint256 amount) external onlySale {
        uint256 left = maximum() - totalSupply();
        if (amount > left) revert MaximumExceeded(amount, left);
        _mint(account, amount);
    }

    /// @inheritdoc ICommunityToken
    function setAttestor(address attestor_) external onlyRestricted {
        if (msg.sender != ICommunity(community()).owner()) revert NotOwner(msg.sender);
        _attestor = attestor_;
        emit AttestorSet(attestor_, msg.sender);
    }

    /// @inheritdoc ICommunityToken
    function attest(address[] calldata accounts, uint40 until) external onlyRestricted onlyAttestor {
        for (uint256 i; i < accounts.length; ++i) {
            Holder storage holder = _holders[accounts[i]];
            holder.attestedUntil = until;
            emit HolderSet(accounts[i], holder, msg.sender);
        }
    }

    /// @inheritdoc ICommunityToken
    function setFrozen(address account, bool frozen) external onlyRestricted onlyAttestor {
        Holder storage holder = _holders[account];
        holder.frozen = frozen;
        emit HolderSet(account, holder, msg.sender);
    }

    /// @inheritdoc ICommunityToken
    function distribute(uint128 amount, address expectedCurrency) external payable onlyRestricted nonReentrant {
        // Check:
        address coin = currency();
        if (expectedCurrency != coin) revert CurrencyMismatch(expectedCurrency, coin);
        uint256 value = coin == address(0) ? amount : 0;
        if (msg.value != value) revert ValueMismatch(msg.value, value);
        uint256 supply = totalSupply();
        if (supply == 0) revert NothingHeld();
        if (amount == 0) revert NothingToDistribute();
        uint256 most = type(uint128).max - _distributed; // so that no index overflows
        if (amount > most) revert IncomeTooLarge(amount, most);

        // Effect:
        uint256 total = _distributed + amount;
        uint256 index = _incomeIndex + (uint256(amount) << 128) / supply;
        (_distributed, _incomeIndex) = (total, index);
        emit IncomeDistributed(msg.sender, amount, supply, index, total);

        // Interaction:
        if (coin == address(0)) return;
        uint256 before = SafeTransferLib.balanceOf(coin, address(this));
        SafeTransferLib.safeTransferFrom(coin, msg.sender, address(this), amount);
        uint256 received = SafeTransferLib.balanceOf(coin, address(this)) - before;
        if (received != amount) revert TransferShort(received, amount);
    }

    /// @inheritdoc ICommunityToken
    function claimIncome(address account, address to) external nonReentrant returns (uint256 amount) {
        // Check:
        if (msg.sender != account && to != account) revert NotHolder(account, msg.sender);
        if (_holders[account].frozen) revert TransferRestricted(Restriction.RecipientFrozen);
        amount = _owedTo(account, _incomeIndex);
        if (amount == 0) revert NothingToClaim(account);

        // Effect:
        Income storage income = _incomes[account];
        (income.index, income.owed) = (_incomeIndex, 0);
        income.claimed += uint128(amount); // at most all that was distributed, which is 128 bits
        emit IncomeClaimed(account, to, amount, income.claimed);

        // Interaction:
        address coin = currency();
        if (coin == address(0)) SafeTransferLib.safeTransferETH(to, amount);
        else SafeTransferLib.safeTransfer(coin, to, amount);
    }

    /// @inheritdoc ICommunityToken
    function detectTransferRestriction(address from, address to, uint256) external view returns (uint8) {
        return uint8(_restrictionOf(from, to));
    }

    /// @inheritdoc ICommunityToken
    function messageForTransferRestriction(uint8 restriction) external pure returns (string memory) {
        if (restriction == uint8(Restriction.None)) return "The transfer is allowed.";
        if (restriction == uint8(Restriction.SenderNotAttested)) return "The sender is not attested.";
        if (restriction == uint8(Restriction.RecipientNotAttested)) return "The recipient is not attested.";
        if (restriction == uint8(Restriction.SenderFrozen)) return "The sender is frozen.";
        if (restriction == uint8(Restriction.RecipientFrozen)) return "The recipient is frozen.";
        if (restriction == uint8(Restriction.LockedUp)) return "The token is locked up.";
        return "Unknown restriction.";
    }

    /// @inheritdoc ICommunityToken
    function supportsInterface(bytes4 interfaceId) external view returns (bool) {
        return interfaceId == _ERC165 || (interfaceId == _ERC1404 && restricted());
    }

    /// @inheritdoc ICommunityToken
    function sale() external view returns (address) {
        return _sale;
    }

    /// @inheritdoc ICommunityToken
    function attestor() external view returns (address) {
        return _attestor;
    }

    /// @inheritdoc ICommunityToken
    function lockedUntil() external view returns (uint40) {
        return _lockedUntil;
    }

    /// @inheritdoc ICommunityToken
    function holderOf(address account) external view returns (Holder memory) {
        return _holders[account];
    }

    /// @inheritdoc ICommunityToken
    function isAttested(address account) external view returns (bool) {
        return block.timestamp < _holders[account].attestedUntil;
    }

    /// @inheritdoc ICommunityToken
    function incomeIndex() external view returns (uint256) {
        return _incomeIndex;
    }

    /// @inheritdoc ICommunityToken
    function distributed() external view returns (uint256) {
        return _distributed;
    }

    /// @inheritdoc ICommunityToken
    function incomeOf(address account) external view returns (uint256 due, uint256 claimed) {
        return (_owedTo(account, _incomeIndex), _incomes[account].claimed);
    }

    /// @inheritdoc ICommunityToken
    function community() public view returns (address) {
        return address(bytes20(_arguments(0, 20)));
    }

    /// @inheritdoc ICommunityToken
    function currency() public view returns (address) {
        return address(bytes20(_arguments(20, 40)));
    }

    /// @inheritdoc ICommunityToken
    function maximum() public view returns (uint256) {
        return uint104(bytes13(_arguments(40, 53)));
    }

    /// @inheritdoc ICommunityToken
    function restricted() public view returns (bool) {
        return bytes1(_arguments(53, 54)) != 0;
    }

    /// @inheritdoc ERC20
    function name() public view override returns (string memory) {
        return string(_arguments(_NAME_AT, _NAME_AT + uint8(bytes1(_arguments(_NAME_AT - 1, _NAME_AT)))));
    }

    /// @inheritdoc ERC20
    function symbol() public view override returns (string memory) {
        return string(_arguments(_NAME_AT + uint8(bytes1(_arguments(_NAME_AT - 1, _NAME_AT))), type(uint256).max));
    }

    /// @inheritdoc ERC20Votes
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /// @inheritdoc ERC20Votes
    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    /// @dev Checks that tokens may move, and counts what both sides have earned so far.
    function _beforeTokenTransfer(address from, address to, uint256) internal override {
        if (!restricted()) return;
        Restriction restriction = _restrictionOf(from, to);
        if (restriction != Restriction.None) revert TransferRestricted(restriction);
        uint256 index = _incomeIndex;
        if (index == 0) return;
        if (from != address(0)) _countIncome(from, index);
        _countIncome(to, index);
    }

    /// @dev Nobody may spend what the holder did not allow.
    function _givePermit2InfiniteAllowance() internal pure override returns (bool) {
        return false;
    }

    /// @dev Every supported chain has transient storage (Cancun).
    function _useTransientReentrancyGuardOnlyOnMainnet() internal pure override returns (bool) {
        return false;
    }

    function _countIncome(address account, uint256 index) private {
        Income storage income = _incomes[account];
        if (income.index == index) return;
        income.owed = uint128(_owedTo(account, index)); // at most all that was distributed, which is 128 bits
        income.index = index;
    }

    /// @dev Rounded down. `balance * (index - income.index)` is at most all that was distributed since, times 2**128:
    /// at each distribution the balance was this one, and at most the supply.
    function _owedTo(address account, uint256 index) private view returns (uint256) {
        Income storage income = _incomes[account];
        return income.owed + ((balanceOf(account) * (index - income.index)) >> 128);
    }

    function _restrictionOf(address from, address to) private view returns (Restriction) {
        if (!restricted()) return Restriction.None;
        Holder memory recipient = _holders[to];
        if (block.timestamp >= recipient.attestedUntil) return Restriction.RecipientNotAttested;
        if (recipient.frozen) return Restriction.RecipientFrozen;
        if (from == address(0)) return Restriction.None;
        Holder memory sender = _holders[from];
        if (block.timestamp >= sender.attestedUntil) return Restriction.SenderNotAttested;
        if (sender.frozen) return Restriction.SenderFrozen;
        return block.timestamp < _lockedUntil ? Restriction.LockedUp : Restriction.None;
    }

    function _arguments(uint256 start, uint256 end) private view returns (bytes memory) {
        return LibClone.argsOnClone(address(this), start, end);
    }
}
