// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICrowdsale} from "../crowdsale/ICrowdsale.sol";

/// @title ICommunity
/// @notice The hub of one community: who owns it, who gets which share of its income, where it is served,
/// and the anchors of its log.
/// @dev Amounts are base units of the source's currency, times unix seconds, `Bps` 1/10 000.
interface ICommunity {
    /// @notice First state of a community.
    struct Setup {
        address owner;
        address membership; // knows its siblings: badges and store
        address operator;
        uint16 operatorBps;
        uint16 parentBps;
        string homeUri;
        address homeKey;
    }

    /// @notice Part of the founder's share that goes to somebody else, in 1/10 000 of all that is earned.
    struct Split {
        address account;
        uint16 bps;
    }

    /// @notice The manifest with this sequence is `digest`: the sha2-256 of a dag-cbor block (CIDv1).
    event ManifestPublished(uint64 indexed sequence, bytes32 digest, uint64 epoch, address publisher);

    /// @notice Epoch `epoch` of the log began: served at `uri`, heads signed by `homeKey`.
    /// @param baseDigest sha2-256 of the last record (dag-cbor) of the epoch before; 0 in epoch 1
    /// @param sequence number of that record; 0 in epoch 1
    event HomeMoved(uint64 indexed epoch, string uri, address homeKey, bytes32 baseDigest, uint64 sequence);

    /// @notice `account` lets the key with this hash sign its acts until `until` (unix seconds, exclusive).
    /// `until` 0 revokes it; `keyHash` 0 stands for all keys of the account.
    event KeySet(address indexed account, bytes32 indexed keyHash, uint40 until);

    /// @notice The roles of `account` are now exactly `roles`.
    /// @dev Bit set: 1 treasurer, 2 granter, 4 issuer, 8 publisher, 16 sale (given for good, by openSale only).
    event RolesSet(address indexed account, uint8 roles);

    /// @notice Ownership was offered to `pendingOwner`; 0 takes an offer back.
    event OwnershipOffered(address indexed owner, address indexed pendingOwner);

    /// @notice The community belongs to `owner`; its roles were not touched.
    event OwnershipTransferred(address indexed previousOwner, address indexed owner);

    /// @notice Shares of the income that is earned from now on, 1/10 000; the owner gets the rest and all dust.
    /// @param splits of co-founders, not to be changed before `splitsLockedUntil`
    event SharesSet(
        address operator, uint16 operatorBps, address parent, uint16 parentBps, Split[] splits, uint40 splitsLockedUntil
    );

    /// @notice Another operator will take over at `since`; 0 = no more: it was taken back or has happened.
    event OperatorAnnounced(address indexed operator, uint16 bps, uint40 since);

    /// @notice A crowdsale of this community was opened; it may sell memberships.
    event SaleOpened(address indexed sale);

    /// @notice `amount` of `currency` that `source` had earned was paid to `account`.
    /// @param taken all that `account` has ever been paid from this source
    event Collected(
        address indexed source, address indexed account, address currency, uint256 amount, uint256 taken, address by
    );

    /// @notice Only the owner of the community may do this.
    error NotOwner(address caller);
    /// @notice Only the account that ownership was offered to may take it.
    error NotPendingOwner(address caller);
    /// @notice `caller` is not the owner and has no such role (its bit, see ICommunity.RolesSet).
    error RoleMissing(address caller, uint8 role);
    /// @notice The owner gives roles 1 to 15; 16 belongs to sales.
    error RolesUnknown(uint8 roles);
    /// @notice A manifest with a number as high was published.
    error ManifestSequenceStale(uint64 given, uint64 published);
    /// @notice The number leaves out too many; at most `most`.
    error ManifestSequenceTooFar(uint64 given, uint64 most);
    /// @notice A manifest has a digest.
    error ManifestEmpty();
    /// @notice A home signs with a key.
    error HomeKeyMissing();
    /// @notice Records up to `base` belong to earlier epochs for good.
    error BaseSequenceStale(uint64 given, uint64 base);
    /// @notice The source is no sibling and no token: it tells no balance.
    error SourceUnknown(address source);
    /// @notice The source owes the account nothing now.
    error NothingDue(address source, address account);
    /// @notice Tokens could not be sent.
    error TransferFailed();
    /// @notice The recipient refused native coins.
    error ETHTransferFailed();
    /// @notice The parent's share may only fall; `allowed` is that of today. 1/10 000.
    error ParentShareRaised(uint16 given, uint16 allowed);
    /// @notice The commission is above the cap, which is 0 for nobody. 1/10 000.
    error OperatorShareTooHigh(uint16 bps, uint16 capBps);
    /// @notice The announced operator takes over at `since` (unix seconds); 0 = none was announced.
    error OperatorNotDue(uint40 since);
    /// @notice Splits are locked until then; or the lock would last longer than to then. Unix seconds.
    error SplitsLocked(uint40 until);
    /// @notice A part is 0, of nobody or of an account twice (`bps` is its), or there are too many parts (their
    /// number), or they leave too little (the sum, with the operator's cap and the parent's share). 1/10 000.
    error SplitsInvalid(uint256 bps);
    /// @notice A clone is wired once; an implementation never.
    error AlreadyInitialized();

    /// @notice Anchors a manifest. Only the owner or a publisher; `sequence` must exceed the last one,
    /// by 2**32 at most (so that no publisher can use the numbers up).
    function publishManifest(bytes32 digest, uint64 sequence) external;

    /// @notice Moves the community to another home and starts the next epoch. Only the owner.
    /// @dev Records of the old epoch count up to `sequence`; that must not be behind the last move's.
    function moveHome(string calldata uri, address homeKey, bytes32 baseDigest, uint64 sequence) external;

    /// @notice Delegates to or revokes a signing key of the caller. Anybody, for itself only.
    function setKey(bytes32 keyHash, uint40 until) external;

    /// @notice Gives `account` exactly `roles`. Only the owner.
    function setRoles(address account, uint8 roles) external;

    /// @notice Offers the community to `pendingOwner`, who must accept. Only the owner.
    function offerOwnership(address pendingOwner) external;

    /// @notice Lowers the share of the parent on income earned from now on. Only the owner.
    /// @dev Memberships, store, native coins and the currency follow at once, as with all changes of shares; other tokens that
    /// the community was sent once somebody has collected of them.
    function lowerParentShare(uint16 parentBps) external;

    /// @notice Divides the founder's share among co-founders: at most 16, none twice, not the owner's rest. Only the owner.
    /// @dev Reverts SplitsLocked before the date that the splits in force are locked until.
    /// @param lockedUntil unix seconds; at most 4 years ahead
    function setSplits(Split[] calldata splits, uint40 lockedUntil) external;

    /// @notice Another operator, or another commission within the immutable cap, from `noticeSeconds` on. Only the owner.
    /// @dev 0 and 0 for none. What the old one is due until then stays its own. A second call replaces the first.
    function announceOperator(address account, uint16 bps) external;

    /// @notice Lets the announced operator take over, once the notice has passed. Anybody.
    function replaceOperator() external;

    /// @notice Makes a crowdsale, and its token if it sells one. Only the owner.
    function openSale(ICrowdsale.Terms calldata terms) external returns (address sale);

    /// @notice Wires the clone to its membership and writes its first state.
    /// Called once, by the factory, in the transaction that makes the clone.
    function initialize(Setup calldata setup) external;

    /// @notice Takes the offered ownership.
    function acceptOwnership() external;

    /// @notice Pays `account` all that `source` owes it, in the source's currency: the community's membership contract, its
    /// store, or for money that the community itself was sent, its currency (0 for native coins).
    /// @dev Anybody may call; the money goes to `account` only. Reverts NothingDue when that is 0.
    function collect(address source, address account) external returns (uint256 amount);

    /// @notice What `collect` would pay now, without settling first. Base units.
    function dueOf(address source, address account) external view returns (uint256);

    /// @notice Whether `account` has `role` or is the owner.
    function hasRole(address account, uint8 role) external view returns (bool);

    /// @notice Who has every power in the community.
    function owner() external view returns (address);
    /// @notice Whom the ownership was offered to; 0 = nobody.
    function pendingOwner() external view returns (address);
    /// @notice The bits of an account's roles, see RolesSet. The owner has every power besides.
    function rolesOf(address account) external view returns (uint8);

    /// @notice All accounts with a role, and which. The owner has every power besides.
    function roles() external view returns (address[] memory accounts, uint8[] memory roles_);

    /// @notice Co-founders' parts of what is earned, and until when they are locked.
    function splits() external view returns (Split[] memory splits_, uint40 lockedUntil);
    /// @notice The operator that takes over at `since` (unix seconds); all 0 when none was announced. `bps`: 1/10 000.
    function announcedOperator() external view returns (address account, uint16 bps, uint40 since);
    /// @notice Highest commission of an operator, 1/10 000. Fixed.
    function operatorCapBps() external view returns (uint16);
    /// @notice The Membership of the community.
    function membership() external view returns (address);
    /// @notice The Badges of the community.
    function badges() external view returns (address);
    /// @notice The Store of the community.
    function store() external view returns (address);
    /// @notice The one payment currency; 0 = native coins. Fixed.
    function currency() external view returns (address);
    /// @notice Who hosts the community, and its commission of what is earned, 1/10 000.
    function operator() external view returns (address account, uint16 bps);
    /// @notice The community that this one springs from (0 = none), and its share of what is earned, 1/10 000.
    function parent() external view returns (address community, uint16 bps);
    /// @notice Where the community is served, in which epoch of its log, and the key that signs there.
    function home() external view returns (uint64 epoch, string memory uri, address homeKey);
    /// @notice The newest manifest: its number, and the sha2-256 of its block. 0 = none.
    function manifest() external view returns (uint64 sequence, bytes32 digest);
}
