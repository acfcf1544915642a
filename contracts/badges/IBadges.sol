// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC5192} from "../interfaces/IERC5192.sol";

/// @title IBadges
/// @notice The badges of one community as ERC-721 tokens: referral badges, which invite and earn, and achievements.
/// @dev A referral badge has the id of its membership, below 2**40. An achievement has `achievementId << 40 | serial`.
/// What a referral badge earns, and its level, stand in the Membership. Times are unix seconds, prices base units.
interface IBadges is IERC5192 {
    /// @notice What an owner states of a new achievement.
    struct AchievementParams {
        bytes32 label; // fixed; UTF-8, zero padded; not empty
        uint32 cap; // fixed; most tokens that are ever made of it; 0 = no limit
        bool locked; // fixed; its tokens cannot be transferred (ERC-5192)
        address issuer; // signs vouchers for it; 0 = nobody; never the owner
        uint24 allowance; // vouchers of the issuer that can be used; 0 without an issuer
        string description; // at most 500 bytes
        string uri; // more about it: https:// or ipfs://, at most 200 bytes; may be empty
    }

    /// @notice The whole state of an achievement.
    struct Achievement {
        bytes32 label;
        uint32 cap;
        uint32 made; // tokens, also those that were burned
        bool locked;
        address issuer;
        uint24 allowance; // left
        string description;
        string uri;
    }

    /// @notice Signed by the issuer of an achievement (EIP-712, EIP-1271). It works once.
    struct AchievementVoucher {
        address issuer;
        uint32 achievementId;
        address recipient; // 0 = whoever claims it first
        uint40 deadline; // works up to and including this second
        uint256 nonce; // of vouchers of one issuer for one achievement with the same nonce only one works
    }

    /// @notice The state of an achievement is now this.
    event AchievementSet(uint32 indexed achievementId, Achievement achievement);

    /// @notice Each of `recipients` got a token of an achievement; their ids rise by 1 from `firstTokenId`.
    /// @param made tokens of the achievement, after
    event AchievementGranted(
        uint32 indexed achievementId, address indexed by, uint256 firstTokenId, address[] recipients, uint32 made
    );

    /// @notice A voucher made a token for `recipient`. @param made tokens of the achievement. @param allowance left
    event AchievementClaimed(
        uint32 indexed achievementId,
        uint256 indexed tokenId,
        address indexed recipient,
        address issuer,
        uint256 nonce,
        uint32 made,
        uint24 allowance
    );

    /// @notice No voucher of `issuer` with this nonce works any more.
    event AchievementVoucherWithdrawn(
        uint32 indexed achievementId, address indexed issuer, uint256 indexed nonce, address by
    );

    /// @notice ERC-4906: the metadata of a token, or of a range of tokens, changed.
    event MetadataUpdate(uint256 _tokenId);
    /// @notice ERC-4906: the metadata of a range of tokens changed.
    event BatchMetadataUpdate(uint256 _fromTokenId, uint256 _toTokenId);

    /// @notice No such achievement was made.
    error AchievementUnknown(uint32 achievementId);
    /// @notice The label is empty, or vouchers are allowed without an issuer.
    error AchievementInvalid(bytes32 label, address issuer, uint24 allowance);
    /// @notice Bytes of a description or uri, and how many there may be.
    error AchievementTextTooLong(uint256 length, uint256 most);
    /// @notice The uri begins neither with https:// nor with ipfs://.
    error AchievementUriInvalid(string uri);
    /// @notice `amount` more tokens were asked for, and `left` can be made.
    error AchievementCapExceeded(uint32 achievementId, uint256 amount, uint256 left);
    /// @notice The issuer's vouchers that could be used are used.
    error AllowanceUsedUp(uint32 achievementId, address issuer);
    /// @notice The owner's key signs nothing that gives things away.
    error IssuerIsOwner(address issuer);
    /// @notice The voucher is of an issuer that is not the achievement's of today.
    error IssuerMismatch(uint32 achievementId, address given, address issuer);
    /// @notice A voucher with this nonce was used or withdrawn.
    error VoucherUsed(uint32 achievementId, address issuer, uint256 nonce);
    /// @notice The signature is not the account's (by key or EIP-1271).
    error SignatureInvalid(address account);
    /// @notice The signature worked up to and including `deadline`.
    error SignatureExpired(uint40 deadline);
    /// @notice The token can be burned, but neither approved nor transferred (ERC-5192).
    error TokenLocked(uint256 tokenId);
    /// @notice A referral badge is for good.
    error BadgeNotBurnable(uint256 tokenId);
    /// @notice `value` native coins were sent where exactly `due` are.
    error ValueMismatch(uint256 value, uint256 due);
    /// @notice Only the holder of the token, or of the badge's membership, may do this.
    error NotHolder(uint256 tokenId, address caller);
    /// @notice Only the Membership of the community may do this.
    error NotMembership(address caller);
    /// @notice Only the owner of the community may do this.
    error NotOwner(address caller);
    /// @notice `caller` is not the owner and has no such role (its bit, see ICommunity.RolesSet).
    error RoleMissing(address caller, uint8 role);

    /// @notice Makes the referral badge of the caller's membership a token of the caller.
    /// @dev Reverts NotHolder; BadgeUnknown (of Membership) when it was never paid for, or is a token already.
    function mint(uint40 badge) external;

    /// @notice Makes the referral badge of a membership a token of `holder`. Only the Membership.
    function mintFor(uint40 badge, address holder) external;

    /// @notice Tells marketplaces that level, members or income of a badge have changed. Anybody.
    function refresh(uint40 badge) external;

    /// @notice Makes an achievement; ids rise from 1. Only the owner.
    function createAchievement(AchievementParams calldata params) external returns (uint32 achievementId);

    /// @notice Changes what is told about an achievement. Only the owner.
    function setAchievementText(uint32 achievementId, string calldata description, string calldata uri) external;

    /// @notice From now on `issuer` signs the vouchers of an achievement; `allowance` more can be used. Only the owner.
    /// @dev 0 and 0 ends all. Those of an earlier issuer work again when it is set again, unless withdrawn or past.
    function setAchievementIssuer(uint32 achievementId, address issuer, uint24 allowance) external;

    /// @notice Gives a token of an achievement to each of `recipients`. Only a granter or the owner.
    /// @dev An account can get several. No granter can take one away.
    function grantAchievement(uint32 achievementId, address[] calldata recipients)
        external
        returns (uint256 firstTokenId);

    /// @notice Makes a token of an achievement by a voucher: for its recipient, whoever calls, or else for the caller.
    /// @dev Who signs for anybody lets whoever sees it first take it, also out of a pending transaction.
    function claimAchievement(AchievementVoucher calldata voucher, bytes calldata signature)
        external
        returns (uint256 tokenId);

    /// @notice Ends a voucher that was not used. Only its issuer or the owner.
    function withdrawAchievementVoucher(uint32 achievementId, address issuer, uint256 nonce) external;

    /// @notice Ends an achievement's token, also a locked one. Only its holder; a referral badge is never burned.
    /// @dev It counts for the cap as before.
    function burn(uint256 tokenId) external;

    /// @notice How often a token was transferred since it was made. A signature over it never revives.
    function transferCountOf(uint256 tokenId) external view returns (uint64);

    /// @notice ERC-2981: to the Community, in the currency of the sale.
    function royaltyInfo(uint256 tokenId, uint256 salePrice) external view returns (address receiver, uint256 amount);

    /// @notice ERC-7572.
    function contractURI() external view returns (string memory);

    /// @notice The picture of a token as SVG; also of a referral badge that is not a token yet.
    function imageOf(uint256 tokenId) external view returns (string memory);

    /// @notice How many achievements were made; it is the id of the last one.
    function achievementCount() external view returns (uint32);
    /// @notice The whole state of an achievement.
    function achievementOf(uint32 achievementId) external view returns (Achievement memory);

    /// @notice EIP-712 digest of a voucher, and whether its nonce was used or withdrawn.
    function achievementVoucherOf(AchievementVoucher calldata voucher)
        external
        view
        returns (bytes32 digest, bool used);

    /// @notice The community that the badges belong to.
    function community() external view returns (address);
    /// @notice The Membership of that community, which keeps what badges earn.
    function membership() external view returns (address);
}
