// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibClone} from "solady/utils/LibClone.sol";
import {ReentrancyGuardTransient} from "solady/utils/ReentrancyGuardTransient.sol";
import {SafeCastLib} from "solady/utils/SafeCastLib.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";
import {IMembership} from "../membership/IMembership.sol";
import {ICommunity} from "./ICommunity.sol";
import {ShareLib} from "./ShareLib.sol";

/// @title Community
/// @notice See ICommunity. A clone with immutable arguments `currency 20 | parent 20`, in bytes; without a parent it
/// has only the first.
contract Community is ICommunity, ReentrancyGuardTransient {
    using SafeCastLib for uint256;
    using ShareLib for ShareLib.Source;

    uint8 private constant _ROLES = 15; // treasurer 1, granter 2, issuer 4, publisher 8
    uint8 private constant _PUBLISHER = 8;
    uint64 private constant _MANIFEST_STEP = 2 ** 32;
    uint32 private constant _FIRST_SHARES = 1;

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

    /// @dev The implementation behind the clones is nobody's.
    constructor() {
        _membership = address(this);
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
        _shares[_FIRST_SHARES] = ShareLib.Shares(setup.operator, setup.operatorBps, setup.parentBps);
        emit OwnershipTransferred(address(0), setup.owner);
        emit SharesSet(setup.operator, setup.operatorBps, _parent(), setup.parentBps);
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
    function setRoles(address account, uint8 roles) external onlyOwner {
        if (roles > _ROLES) revert RolesUnknown(roles);
        _roles[account] = roles;
        emit RolesSet(account, roles);
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
        ShareLib.Shares memory shares = _shares[_version];
        if (parentBps > shares.parentBps) revert ParentShareRaised(parentBps, shares.parentBps);
        shares.parentBps = parentBps;
        _version += 1;
        _shares[_version] = shares;
        (uint256 earned,) = _earnedOf(_membership);
        _adoptShares(_membership, earned);
        emit SharesSet(shares.operator, shares.operatorBps, _parent(), parentBps);
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
        bool held = source != _membership;
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
    function membership() external view returns (address) {
        return _membership;
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

    /// @dev Lets the newest shares apply to a source from what it has earned now. Received money keeps the shares under
    /// which it came until somebody collects it, since nothing lists the currencies of strangers.
    function _adoptShares(address source, uint256 earned) private {
        ShareLib.Source storage state = _sources[source];
        uint32 version = _versionOf(state);
        if (version == _version) return;
        ShareLib.Shares memory shares = _shares[version];
        mapping(address => ShareLib.Account) storage accounts = _accounts[source];
        state.carry(accounts[shares.operator], earned, shares.operatorBps);
        state.carry(accounts[_parent()], earned, shares.parentBps);
        (state.baseline, state.version) = (earned.toUint112(), _version);
    }

    /// @dev What a source has earned and what of it has left: memberships, or a currency that the community holds.
    function _earnedOf(address source) private view returns (uint256 earned, uint256 withdrawn) {
        if (source == _membership) return IMembership(source).earnings();
        withdrawn = _sources[source].withdrawn;
        if (source == address(0)) return (address(this).balance + withdrawn, withdrawn);
        (bool known, uint256 balance) = SafeTransferLib.checkBalanceOf(source, address(this));
        if (!known) revert SourceUnknown(source);
        return (balance + withdrawn, withdrawn);
    }

    /// @dev Due to `account` as operator or parent, past or present, and as owner.
    function _dueOf(address source, address account, uint256 earned, uint256 left)
        private
        view
        returns (uint256 share, uint256 rest)
    {
        ShareLib.Source storage state = _sources[source];
        ShareLib.Shares memory shares = _shares[_versionOf(state)];
        share = state.dueOf(
            _accounts[source][account],
            earned,
            account == shares.operator ? shares.operatorBps : 0,
            account == _parent() ? shares.parentBps : 0
        );
        if (account == _owner) rest = state.restOf(shares, earned, left);
    }

    function _versionOf(ShareLib.Source storage state) private view returns (uint32 version) {
        version = state.version;
        if (version == 0) version = _FIRST_SHARES;
    }

    function _parent() private view returns (address) {
        return address(bytes20(LibClone.argsOnClone(address(this), 20, 40))); // no bytes: address 0
    }
}
