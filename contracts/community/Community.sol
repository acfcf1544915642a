// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EnumerableSetLib} from "solady/utils/EnumerableSetLib.sol";
import {LibClone} from "solady/utils/LibClone.sol";
import {ReentrancyGuardTransient} from "solady/utils/ReentrancyGuardTransient.sol";
import {SafeCastLib} from "solady/utils/SafeCastLib.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";
import {ICrowdsale} from "../crowdsale/ICrowdsale.sol";
import {ICrowdsaleFactory} from "../crowdsale/ICrowdsaleFactory.sol";
import {IMembership} from "../membership/IMembership.sol";
import {ICommunity} from "./ICommunity.sol";
import {ShareLib} from "./ShareLib.sol";

/// @title Community
/// @notice See ICommunity. A clone with immutable arguments `currency 20 | salt 16 | parent 20`, in bytes; the last only with
/// a parent. The salt lets the factory know its communities again.
contract Community is ICommunity, ReentrancyGuardTransient {
    using EnumerableSetLib for EnumerableSetLib.AddressSet;
    using SafeCastLib for uint256;
    using ShareLib for ShareLib.Source;

    uint8 private constant _ROLES = 15; // treasurer 1, granter 2, issuer 4, publisher 8
    uint8 private constant _PUBLISHER = 8;
    uint8 private constant _SALE = 16;
    uint16 private constant _MOST_OPERATOR_CAP = 500;
    uint40 private constant _LONGEST_LOCK = 4 * 365 days;
    uint64 private constant _MANIFEST_STEP = 2 ** 32;
    uint32 private constant _FIRST_SHARES = 1;

    ICrowdsaleFactory private immutable _SALES;
    uint16 private immutable _OPERATOR_CAP_BPS;

    address private _owner; // first slot
    uint64 private _epoch;
    uint32 private _version; // of the shares that apply to new income
    address private _membership; // second slot
    uint64 private _baseSequence;
    address private _homeKey; // third slot
    uint64 private _manifestSequence;
    bytes32 private _manifestDigest;
    address private _pendingOwner;
    string private _homeUri;
    mapping(address account => uint8) private _roles;
    mapping(uint32 version => ShareLib.Shares) private _shares;
    mapping(address source => ShareLib.Source) private _sources;
    mapping(address source => mapping(address account => ShareLib.Account)) private _accounts;
    EnumerableSetLib.AddressSet private _roleHolders;
    address private _nextOperator; // one slot: announced
    uint16 private _nextOperatorBps;
    uint40 private _nextOperatorSince;

    /// @dev The implementation behind the clones is nobody's.
    /// @param operatorCap highest commission of an operator, 1/10 000
    constructor(ICrowdsaleFactory sales, uint16 operatorCap) {
        if (operatorCap > _MOST_OPERATOR_CAP) revert OperatorShareTooHigh(operatorCap, _MOST_OPERATOR_CAP);
        _membership = address(this);
        (_SALES, _OPERATOR_CAP_BPS) = (sales, operatorCap);
    }

    modifier onlyOwner() {
        if (msg.sender != _owner) revert NotOwner(msg.sender);
        _;
    }

    /// @notice Takes native coins, for instance the share that a child community owes its parent.
    receive() external payable {}

    /// @inheritdoc ICommunity
    function initialize(Setup calldata setup) external {
        if (_membership != address(0)) revert AlreadyInitialized();
        (_owner, _version) = (setup.owner, _FIRST_SHARES);
        _membership = setup.membership;
        if (setup.operator != address(0) || setup.parentBps != 0) {
            ShareLib.Shares storage shares = _shares[_FIRST_SHARES];
            (shares.operator, shares.operatorBps, shares.parentBps) =
                (setup.operator, setup.operatorBps, setup.parentBps);
        }
        emit OwnershipTransferred(address(0), setup.owner);
        emit SharesSet(setup.operator, setup.operatorBps, _parent(), setup.parentBps, new Split[](0), 0);
        _setHome(setup.homeUri, setup.homeKey, 0, 0);
    }

    /// @inheritdoc ICommunity
    function publishManifest(bytes32 digest, uint64 sequence) external {
        if (!hasRole(msg.sender, _PUBLISHER)) revert RoleMissing(msg.sender, _PUBLISHER);
        if (digest == 0) revert ManifestEmpty();
        uint64 last = _manifestSequence;
        if (sequence <= last) revert ManifestSequenceStale(sequence, last);
        uint64 most = last > type(uint64).max - _MANIFEST_STEP ? type(uint64).max : last + _MANIFEST_STEP;
        if (sequence > most) revert ManifestSequenceTooFar(sequence, most);
        _manifestSequence = sequence;
        _manifestDigest = digest;
        emit ManifestPublished(sequence, digest, _epoch, msg.sender);
    }

    /// @inheritdoc ICommunity
    function moveHome(string calldata uri, address homeKey, bytes32 baseDigest, uint64 sequence) external onlyOwner {
        uint64 base = _baseSequence;
        if (sequence < base) revert BaseSequenceStale(sequence, base);
        _setHome(uri, homeKey, baseDigest, sequence);
    }

    /// @inheritdoc ICommunity
    function setKey(bytes32 keyHash, uint40 until) external {
        emit KeySet(msg.sender, keyHash, until);
    }

    /// @inheritdoc ICommunity
    function setRoles(address account, uint8 roles_) external onlyOwner {
        if (roles_ > _ROLES) revert RolesUnknown(roles_);
        _setRoles(account, roles_ | (_roles[account] & _SALE));
    }

    /// @inheritdoc ICommunity
    function offerOwnership(address account) external onlyOwner {
        _pendingOwner = account;
        emit OwnershipOffered(msg.sender, account);
    }

    /// @inheritdoc ICommunity
    function acceptOwnership() external {
        if (msg.sender != _pendingOwner) revert NotPendingOwner(msg.sender);
        address previous = _owner;
        _owner = msg.sender;
        _pendingOwner = address(0);
        emit OwnershipTransferred(previous, msg.sender);
    }

    /// @inheritdoc ICommunity
    function lowerParentShare(uint16 parentBps) external onlyOwner {
        uint16 before = _shares[_version].parentBps;
        if (parentBps > before) revert ParentShareRaised(parentBps, before);
        ShareLib.Shares storage shares = _renewShares();
        shares.parentBps = parentBps;
        _emitShares(shares);
    }

    /// @inheritdoc ICommunity
    function setSplits(Split[] calldata splits_, uint40 lockedUntil) external onlyOwner {
        ShareLib.Shares storage shares = _shares[_version];
        if (block.timestamp < shares.splitsLockedUntil) revert SplitsLocked(shares.splitsLockedUntil);
        uint40 latest = uint40(block.timestamp) + _LONGEST_LOCK;
        if (lockedUntil > latest) revert SplitsLocked(latest);
        // The operator's cap, not its commission: another operator must always find room.
        ShareLib.check(splits_, uint256(_OPERATOR_CAP_BPS) + shares.parentBps);
        shares = _renewShares();
        delete shares.splits;
        for (uint256 i; i < splits_.length; ++i) {
            shares.splits.push(splits_[i]);
        }
        shares.splitsLockedUntil = lockedUntil;
        _emitShares(shares);
    }

    /// @inheritdoc ICommunity
    function announceOperator(address account, uint16 bps) external onlyOwner {
        uint16 most = account == address(0) ? 0 : _OPERATOR_CAP_BPS;
        if (bps > most) revert OperatorShareTooHigh(bps, most);
        uint40 since = uint40(block.timestamp) + IMembership(_membership).noticeSeconds();
        (_nextOperator, _nextOperatorBps, _nextOperatorSince) = (account, bps, since);
        emit OperatorAnnounced(account, bps, since);
    }

    /// @inheritdoc ICommunity
    function replaceOperator() external {
        uint40 since = _nextOperatorSince;
        if (since == 0 || block.timestamp < since) revert OperatorNotDue(since);
        ShareLib.Shares storage shares = _renewShares();
        (shares.operator, shares.operatorBps) = (_nextOperator, _nextOperatorBps);
        (_nextOperator, _nextOperatorBps, _nextOperatorSince) = (address(0), 0, 0);
        _emitShares(shares);
        emit OperatorAnnounced(address(0), 0, 0);
    }

    /// @inheritdoc ICommunity
    function openSale(ICrowdsale.Terms calldata terms) external onlyOwner returns (address sale) {
        sale = _SALES.make(terms);
        _setRoles(sale, _SALE);
        emit SaleOpened(sale);
    }

    /// @inheritdoc ICommunity
    /// @dev Guarded: while a token that calls back is being sent, the balance still holds what was already withdrawn.
    function collect(address source, address account) external nonReentrant returns (uint256 amount) {
        // Check:
        (uint256 earned, uint256 withdrawn) = _earnedOf(source);
        (uint256 share, uint256 rest) = _dueOf(source, account, earned, earned - withdrawn);
        amount = share + rest;
        if (amount == 0) revert NothingDue(source, account);

        // Effect:
        ShareLib.Account storage entry = _accounts[source][account];
        ShareLib.Source storage state = _sources[source];
        entry.paid += share.toUint112();
        entry.paidAsOwner += rest;
        state.paid += share.toUint112();
        _adoptShares(source, earned);
        bool held = !_isSibling(source);
        address coin = held ? source : currency();
        if (held) state.withdrawn += amount.toUint112();
        emit Collected(source, account, coin, amount, entry.paid + entry.paidAsOwner, msg.sender);

        // Interaction:
        if (!held) IMembership(source).withdrawEarnings(account, amount);
        else if (coin == address(0)) SafeTransferLib.safeTransferETH(account, amount);
        else SafeTransferLib.safeTransfer(coin, account, amount);
    }

    /// @inheritdoc ICommunity
    function dueOf(address source, address account) external view returns (uint256) {
        (uint256 earned, uint256 withdrawn) = _earnedOf(source);
        (uint256 share, uint256 rest) = _dueOf(source, account, earned, earned - withdrawn);
        return share + rest;
    }

    /// @inheritdoc ICommunity
    function owner() external view returns (address) {
        return _owner;
    }

    /// @inheritdoc ICommunity
    function pendingOwner() external view returns (address) {
        return _pendingOwner;
    }

    /// @inheritdoc ICommunity
    function rolesOf(address account) external view returns (uint8) {
        return _roles[account];
    }

    /// @inheritdoc ICommunity
    function roles() external view returns (address[] memory accounts, uint8[] memory roles_) {
        accounts = _roleHolders.values();
        roles_ = new uint8[](accounts.length);
        for (uint256 i; i < accounts.length; ++i) {
            roles_[i] = _roles[accounts[i]];
        }
    }

    /// @inheritdoc ICommunity
    function splits() external view returns (Split[] memory splits_, uint40 lockedUntil) {
        ShareLib.Shares storage shares = _shares[_version];
        return (shares.splits, shares.splitsLockedUntil);
    }

    /// @inheritdoc ICommunity
    function announcedOperator() external view returns (address account, uint16 bps, uint40 since) {
        return (_nextOperator, _nextOperatorBps, _nextOperatorSince);
    }

    /// @inheritdoc ICommunity
    function operatorCapBps() external view returns (uint16) {
        return _OPERATOR_CAP_BPS;
    }

    /// @inheritdoc ICommunity
    function membership() external view returns (address) {
        return _membership;
    }

    /// @inheritdoc ICommunity
    function badges() external view returns (address) {
        return IMembership(_membership).badges();
    }

    /// @inheritdoc ICommunity
    function store() external view returns (address) {
        return IMembership(_membership).store();
    }

    /// @inheritdoc ICommunity
    function operator() external view returns (address account, uint16 bps) {
        ShareLib.Shares storage shares = _shares[_version];
        return (shares.operator, shares.operatorBps);
    }

    /// @inheritdoc ICommunity
    function parent() external view returns (address community, uint16 bps) {
        return (_parent(), _shares[_version].parentBps);
    }

    /// @inheritdoc ICommunity
    function home() external view returns (uint64 epoch, string memory uri, address homeKey) {
        return (_epoch, _homeUri, _homeKey);
    }

    /// @inheritdoc ICommunity
    function manifest() external view returns (uint64 sequence, bytes32 digest) {
        return (_manifestSequence, _manifestDigest);
    }

    /// @inheritdoc ICommunity
    function hasRole(address account, uint8 role) public view returns (bool) {
        return account == _owner || (role != 0 && _roles[account] & role == role);
    }

    /// @inheritdoc ICommunity
    function currency() public view returns (address) {
        return address(bytes20(LibClone.argsOnClone(address(this), 0, 20)));
    }

    /// @dev Every supported chain has transient storage (Cancun).
    function _useTransientReentrancyGuardOnlyOnMainnet() internal pure override returns (bool) {
        return false;
    }

    function _setHome(string calldata uri, address homeKey, bytes32 baseDigest, uint64 sequence) private {
        if (homeKey == address(0)) revert HomeKeyMissing();
        uint64 epoch = _epoch + 1;
        (_epoch, _homeUri, _homeKey) = (epoch, uri, homeKey);
        if (sequence != 0) _baseSequence = sequence;
        emit HomeMoved(epoch, uri, homeKey, baseDigest, sequence);
    }

    // Whether the account was listed before changes nothing.
    // slither-disable-next-line unused-return
    function _setRoles(address account, uint8 roles_) private {
        _roles[account] = roles_;
        if (roles_ == 0) _roleHolders.remove(account);
        else _roleHolders.add(account);
        emit RolesSet(account, roles_);
    }

    /// @dev A new version of the shares, so far the same as the last one: at once for the siblings, native coins and the
    /// currency; for other tokens, which nothing lists, once somebody collects of them. Guarded as `collect` is.
    function _renewShares() private nonReentrant returns (ShareLib.Shares storage shares) {
        ShareLib.Shares storage before = _shares[_version];
        _version += 1;
        shares = _shares[_version];
        (shares.operator, shares.operatorBps, shares.parentBps, shares.splitsLockedUntil) =
            (before.operator, before.operatorBps, before.parentBps, before.splitsLockedUntil);
        for (uint256 i; i < before.splits.length; ++i) {
            shares.splits.push(before.splits[i]);
        }
        address[4] memory sources = [_membership, IMembership(_membership).store(), address(0), currency()];
        for (uint256 i; i < sources.length; ++i) {
            (bool known, uint256 earned,) = _booksOf(sources[i]);
            if (known) _adoptShares(sources[i], earned);
        }
    }

    function _emitShares(ShareLib.Shares storage shares) private {
        emit SharesSet(
            shares.operator, shares.operatorBps, _parent(), shares.parentBps, shares.splits, shares.splitsLockedUntil
        );
    }

    /// @dev Lets the newest shares apply to a source from what it has earned now.
    function _adoptShares(address source, uint256 earned) private {
        ShareLib.Source storage state = _sources[source];
        uint32 version = _versionOf(state);
        if (version != _version) state.adopt(_accounts[source], _shares[version], _parent(), earned, _version);
    }

    /// @dev Whether a source keeps its own books: memberships and store. Else it is a currency that the community holds.
    function _isSibling(address source) private view returns (bool) {
        address membership_ = _membership;
        return source == membership_ || (source != address(0) && source == IMembership(membership_).store());
    }

    /// @dev What a source has earned and what of it has left.
    function _earnedOf(address source) private view returns (uint256 earned, uint256 withdrawn) {
        bool known;
        (known, earned, withdrawn) = _booksOf(source);
        if (!known) revert SourceUnknown(source);
    }

    /// @dev The same; not `known` is what tells no balance.
    function _booksOf(address source) private view returns (bool known, uint256 earned, uint256 withdrawn) {
        known = true;
        if (_isSibling(source)) (earned, withdrawn) = IMembership(source).earnings();
        else {
            withdrawn = _sources[source].withdrawn;
            earned = address(this).balance;
            if (source != address(0)) (known, earned) = SafeTransferLib.checkBalanceOf(source, address(this));
            earned += withdrawn;
        }
    }

    /// @dev Due to `account` by its offices, past or present, and as owner.
    function _dueOf(address source, address account, uint256 earned, uint256 left)
        private
        view
        returns (uint256 share, uint256 rest)
    {
        ShareLib.Source storage state = _sources[source];
        ShareLib.Shares storage shares = _shares[_versionOf(state)];
        share = state.dueOf(_accounts[source][account], shares, _parent(), account, earned);
        if (account == _owner) rest = state.restOf(shares, earned, left);
    }

    function _versionOf(ShareLib.Source storage state) private view returns (uint32) {
        return state.version == 0 ? _FIRST_SHARES : state.version;
    }

    function _parent() private view returns (address) {
        return address(bytes20(LibClone.argsOnClone(address(this), 36, 56))); // no bytes: address 0
    }
}
