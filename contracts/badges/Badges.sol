// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC721} from "solady/tokens/ERC721.sol";
import {EIP712} from "solady/utils/EIP712.sol";
import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";
import {LibBitmap} from "solady/utils/LibBitmap.sol";
import {LibClone} from "solady/utils/LibClone.sol";
import {MetadataReaderLib} from "solady/utils/MetadataReaderLib.sol";
import {SignatureCheckerLib} from "solady/utils/SignatureCheckerLib.sol";
import {ICommunity} from "../community/ICommunity.sol";
import {IERC5192} from "../interfaces/IERC5192.sol";
import {IMembership} from "../membership/IMembership.sol";
import {AchievementLib} from "./AchievementLib.sol";
import {IBadgeArt} from "./IBadgeArt.sol";
import {IBadges} from "./IBadges.sol";

/// @title Badges
/// @notice See IBadges. A clone with the immutable argument `community 20`, in bytes.
/// @dev A token's extra data: `locked 1 | 0 31 | transferCount 64`, high bits to low.
contract Badges is IBadges, ERC721, EIP712 {
    using AchievementLib for AchievementLib.Record;
    using LibBitmap for LibBitmap.Bitmap;

    uint8 private constant _GRANTER = 2;
    uint256 private constant _SERIAL_BITS = 40;
    uint96 private constant _LOCKED = 1 << 95;
    uint256 private constant _MOST_NAME = 64; // bytes

    IBadgeArt private immutable _ART;

    uint32 private _achievementCount;
    mapping(uint256 achievementId => AchievementLib.Record) private _achievements;

    /// @dev Not for use itself: it belongs to no community, so that nobody can do anything with it.
    constructor(IBadgeArt art) {
        _ART = art;
    }

    modifier onlyOwner() {
        _checkOwner();
        _;
    }

    /// @inheritdoc IBadges
    function mint(uint40 badge) external {
        address holder = IMembership(membership()).markMinted(badge);
        if (holder != msg.sender) revert NotHolder(badge, msg.sender);
        _mintReferral(badge, holder);
    }

    /// @inheritdoc IBadges
    function mintFor(uint40 badge, address holder) external {
        if (msg.sender != membership()) revert NotMembership(msg.sender);
        _mintReferral(badge, holder);
    }

    /// @inheritdoc IBadges
    function refresh(uint40 badge) external {
        ownerOf(badge); // reverts TokenDoesNotExist
        emit MetadataUpdate(badge);
    }

    /// @inheritdoc IBadges
    function createAchievement(AchievementParams calldata params) external onlyOwner returns (uint32 achievementId) {
        _checkIssuer(params.issuer, msg.sender);
        achievementId = ++_achievementCount;
        AchievementLib.Record storage record = _achievements[achievementId];
        record.write(params);
        emit AchievementSet(achievementId, record.read());
    }

    /// @inheritdoc IBadges
    function setAchievementText(uint32 achievementId, string calldata description, string calldata uri)
        external
        onlyOwner
    {
        AchievementLib.Record storage record = _achievementOf(achievementId);
        record.setText(description, uri);
        emit AchievementSet(achievementId, record.read());
        uint32 made = record.made;
        if (made != 0) emit BatchMetadataUpdate(_tokenId(achievementId, 1), _tokenId(achievementId, made));
    }

    /// @inheritdoc IBadges
    function setAchievementIssuer(uint32 achievementId, address issuer, uint24 allowance) external onlyOwner {
        _checkIssuer(issuer, msg.sender);
        AchievementLib.Record storage record = _achievementOf(achievementId);
        record.setIssuer(issuer, allowance);
        emit AchievementSet(achievementId, record.read());
    }

    /// @inheritdoc IBadges
    function grantAchievement(uint32 achievementId, address[] calldata recipients)
        external
        returns (uint256 firstTokenId)
    {
        if (!ICommunity(community()).hasRole(msg.sender, _GRANTER)) revert RoleMissing(msg.sender, _GRANTER);
        AchievementLib.Record storage record = _achievementOf(achievementId);
        firstTokenId = _tokenId(achievementId, record.make(achievementId, recipients.length));
        bool isLocked = record.isLocked();
        for (uint256 i; i < recipients.length; ++i) {
            _mintAchievement(recipients[i], firstTokenId + i, isLocked);
        }
        emit AchievementGranted(achievementId, msg.sender, firstTokenId, recipients, record.made);
    }

    /// @inheritdoc IBadges
    function claimAchievement(AchievementVoucher calldata voucher, bytes calldata signature)
        external
        returns (uint256 tokenId)
    {
        // Check:
        uint32 achievementId = voucher.achievementId;
        AchievementLib.Record storage record = _achievementOf(achievementId);
        address issuer = record.issuer;
        if (block.timestamp > voucher.deadline) revert SignatureExpired(voucher.deadline);
        if (voucher.issuer != issuer) revert IssuerMismatch(achievementId, voucher.issuer, issuer);
        _checkIssuer(issuer, ICommunity(community()).owner()); // an issuer that became the owner
        bytes32 digest = _hashTypedData(AchievementLib.hash(voucher));
        if (!SignatureCheckerLib.isValidSignatureNowCalldata(issuer, digest, signature)) {
            revert SignatureInvalid(issuer);
        }

        // Effect:
        record.spend(voucher);
        tokenId = _tokenId(achievementId, record.make(achievementId, 1));
        address recipient = voucher.recipient == address(0) ? msg.sender : voucher.recipient;
        _mintAchievement(recipient, tokenId, record.isLocked());
        emit AchievementClaimed(
            achievementId, tokenId, recipient, issuer, voucher.nonce, record.made, record.allowance
        );
    }

    /// @inheritdoc IBadges
    function withdrawAchievementVoucher(uint32 achievementId, address issuer, uint256 nonce) external {
        if (msg.sender != issuer) _checkOwner();
        _achievementOf(achievementId).withdraw(achievementId, issuer, nonce);
        emit AchievementVoucherWithdrawn(achievementId, issuer, nonce, msg.sender);
    }

    /// @inheritdoc IBadges
    function burn(uint256 tokenId) external {
        if (msg.sender != ownerOf(tokenId)) revert NotHolder(tokenId, msg.sender);
        if (_isReferral(tokenId)) revert BadgeNotBurnable(tokenId);
        _setExtraData(tokenId, 0);
        _burn(tokenId);
    }

    /// @inheritdoc IBadges
    function transferCountOf(uint256 tokenId) external view returns (uint64) {
        ownerOf(tokenId); // reverts TokenDoesNotExist
        return uint64(_getExtraData(tokenId));
    }

    /// @inheritdoc IERC5192
    function locked(uint256 tokenId) external view returns (bool) {
        ownerOf(tokenId); // reverts TokenDoesNotExist
        return _getExtraData(tokenId) & _LOCKED != 0;
    }

    /// @inheritdoc IBadges
    function royaltyInfo(uint256, uint256 salePrice) external view returns (address receiver, uint256 amount) {
        return (community(), FixedPointMathLib.fullMulDiv(salePrice, IMembership(membership()).royaltyBps(), 10_000));
    }

    /// @inheritdoc IBadges
    function contractURI() external view returns (string memory) {
        return _ART.contractUri(_communityName(), symbol());
    }

    /// @inheritdoc IBadges
    function imageOf(uint256 tokenId) external view returns (string memory) {
        if (_isReferral(tokenId)) {
            return _ART.referralImage(_communityName(), IMembership(membership()), uint40(tokenId));
        }
        ownerOf(tokenId); // reverts TokenDoesNotExist
        return _ART.achievementImage(_communityName(), _achievementOfToken(tokenId), tokenId);
    }

    /// @inheritdoc IBadges
    function achievementCount() external view returns (uint32) {
        return _achievementCount;
    }

    /// @inheritdoc IBadges
    function achievementOf(uint32 achievementId) external view returns (Achievement memory) {
        return _achievementOf(achievementId).read();
    }

    /// @inheritdoc IBadges
    function achievementVoucherOf(AchievementVoucher calldata voucher)
        external
        view
        returns (bytes32 digest, bool used)
    {
        digest = _hashTypedData(AchievementLib.hash(voucher));
        used = _achievements[voucher.achievementId].used[voucher.issuer].get(voucher.nonce);
    }

    /// @inheritdoc ERC721
    /// @dev No coins are taken: the ERC lets `approve` be payable, but nothing could return them.
    function approve(address account, uint256 tokenId) public payable override {
        if (msg.value != 0) revert ValueMismatch(msg.value, 0);
        if (_getExtraData(tokenId) & _LOCKED != 0) revert TokenLocked(tokenId);
        super.approve(account, tokenId);
    }

    /// @inheritdoc IBadges
    function community() public view returns (address) {
        return address(bytes20(LibClone.argsOnClone(address(this), 0, 20)));
    }

    /// @inheritdoc IBadges
    function membership() public view returns (address) {
        return ICommunity(community()).membership();
    }

    /// @inheritdoc ERC721
    function name() public view override returns (string memory) {
        return string.concat(_communityName(), " Badges");
    }

    /// @inheritdoc ERC721
    function symbol() public view override returns (string memory) {
        return string.concat(MetadataReaderLib.readSymbol(membership(), _MOST_NAME), "-B");
    }

    /// @inheritdoc ERC721
    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        ownerOf(tokenId); // reverts TokenDoesNotExist
        if (_isReferral(tokenId)) {
            return _ART.referralUri(_communityName(), IMembership(membership()), uint40(tokenId));
        }
        return _ART.achievementUri(_communityName(), _achievementOfToken(tokenId), tokenId);
    }

    /// @inheritdoc ERC721
    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return super.supportsInterface(interfaceId) || interfaceId == type(IERC5192).interfaceId
            || interfaceId == 0x2a55205a // ERC-2981
            || interfaceId == 0x49064906; // ERC-4906
    }

    /// @dev Locked tokens are only made and burned.
    function _beforeTokenTransfer(address from, address to, uint256 tokenId) internal view override {
        if (from == address(0) || to == address(0)) return;
        if (msg.value != 0) revert ValueMismatch(msg.value, 0);
        if (_getExtraData(tokenId) & _LOCKED != 0) revert TokenLocked(tokenId);
    }

    /// @dev Counts transfers. Reverts at the 2**64th, so that no signature over a count ever revives.
    function _afterTokenTransfer(address from, address to, uint256 tokenId) internal override {
        if (from == address(0) || to == address(0)) return;
        _setExtraData(tokenId, uint64(_getExtraData(tokenId)) + uint64(1));
    }

    function _domainNameAndVersion() internal pure override returns (string memory, string memory) {
        return ("Koinon Badges", "1");
    }

    function _mintReferral(uint40 badge, address holder) private {
        _mint(holder, badge);
        emit Unlocked(badge);
    }

    /// @dev Tokens are never offered to the recipient (no `onERC721Received`): one that refuses would spoil a batch.
    function _mintAchievement(address recipient, uint256 tokenId, bool isLocked) private {
        _mintAndSetExtraDataUnchecked(recipient, tokenId, isLocked ? _LOCKED : 0); // serials are new: it cannot exist
        if (isLocked) emit Locked(tokenId);
        else emit Unlocked(tokenId);
    }

    function _communityName() private view returns (string memory) {
        return MetadataReaderLib.readName(membership(), _MOST_NAME);
    }

    function _achievementOf(uint32 achievementId) private view returns (AchievementLib.Record storage record) {
        record = _achievements[achievementId];
        if (record.flags == 0) revert AchievementUnknown(achievementId);
    }

    function _achievementOfToken(uint256 tokenId) private view returns (Achievement memory) {
        return _achievementOf(uint32(tokenId >> _SERIAL_BITS)).read();
    }

    function _checkOwner() private view {
        if (msg.sender != ICommunity(community()).owner()) revert NotOwner(msg.sender);
    }

    /// @dev The owner's key signs nothing that gives things away.
    function _checkIssuer(address issuer, address owner) private pure {
        if (issuer == owner) revert IssuerIsOwner(issuer);
    }

    function _tokenId(uint32 achievementId, uint256 serial) private pure returns (uint256) {
        return uint256(achievementId) << _SERIAL_BITS | serial;
    }

    function _isReferral(uint256 tokenId) private pure returns (bool) {
        return tokenId >> _SERIAL_BITS == 0;
    }
}
