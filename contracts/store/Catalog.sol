// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721Metadata} from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";
import {ERC1155} from "solady/tokens/ERC1155.sol";
import {Base64} from "solady/utils/Base64.sol";
import {LibClone} from "solady/utils/LibClone.sol";
import {LibString} from "solady/utils/LibString.sol";
import {ICommunity} from "../community/ICommunity.sol";
import {IMembership} from "../membership/IMembership.sol";
import {CidLib} from "./CidLib.sol";
import {IStore} from "./IStore.sol";
import {ProductLib} from "./ProductLib.sol";

/// @title Catalog
/// @notice The part of a Store without money: its products and who changes them, and licenses as tokens. See IStore.
abstract contract Catalog is IStore, ERC1155 {
    using ProductLib for ProductLib.Record;
    using ProductLib for ProductLib.Terms;

    /// @dev One slot.
    struct Index {
        address membership; // of the community, which never changes; 0 until the first listing
        uint48 products;
        uint16 communityBps; // of the policy, once one was set
        bool policySet;
        bool membersMayNot; // list
    }

    uint16 private constant _DEFAULT_COMMUNITY_BPS = 1_000;
    uint16 private constant _COMMUNITY_CAP_BPS = 5_000;

    Index private _index;
    mapping(uint256 productId => ProductLib.Record) private _products;

    modifier onlyOwner() {
        if (msg.sender != _owner()) revert NotOwner(msg.sender);
        _;
    }

    modifier onlyCreator(uint256 productId) {
        if (msg.sender != _productOf(productId).creator) revert NotCreator(productId, msg.sender);
        _;
    }

    /// @inheritdoc IStore
    function list(ProductParams calldata params, uint256 membershipId) external returns (uint256 productId) {
        _checkMayList(membershipId);
        (uint16 communityBps,) = policy();
        if (params.communityBps != communityBps) revert CommunityShareMismatch(params.communityBps, communityBps);
        Index memory index = _index;
        if (index.membership == address(0)) index.membership = membership();
        productId = ++index.products;
        _index = index;
        _products[productId].write(params, msg.sender);
        _emitSet(productId);
        emit URI(CidLib.uriOf(params.digest), productId);
    }

    /// @inheritdoc IStore
    function setPrice(uint256 productId, uint96 price) external onlyCreator(productId) {
        _products[productId].price.price = price;
        _emitSet(productId);
    }

    /// @inheritdoc IStore
    function publishVersion(uint256 productId, bytes32 label, bytes32 digest) external onlyCreator(productId) {
        _products[productId].publish(label, digest);
        _emitSet(productId);
        emit URI(CidLib.uriOf(digest), productId);
    }

    /// @inheritdoc IStore
    function setPayout(uint256 productId, address payout) external onlyCreator(productId) {
        if (payout == address(0)) revert AccountMissing();
        _products[productId].price.payout = payout;
        _emitSet(productId);
    }

    /// @inheritdoc IStore
    function setCreator(uint256 productId, address creator) external onlyCreator(productId) {
        if (creator == address(0)) revert AccountMissing();
        _products[productId].creator = creator;
        _emitSet(productId);
    }

    /// @inheritdoc IStore
    function setListed(uint256 productId, bool listed) external {
        ProductLib.Record storage product = _productOf(productId);
        uint8 mine = msg.sender == product.creator ? ProductLib.DELISTED : 0;
        if (msg.sender == _owner()) mine |= ProductLib.BARRED;
        if (mine == 0) revert NotCreator(productId, msg.sender);
        uint8 flags = product.terms.flags;
        product.terms.flags = listed ? flags & ~mine : flags | mine;
        _emitSet(productId);
    }

    /// @inheritdoc IStore
    function retire(uint256 productId, uint40 retiresAt) external onlyCreator(productId) {
        ProductLib.Record storage product = _products[productId];
        uint40 before = product.terms.retiresAt;
        if (before != 0) revert ProductRetired(productId, before);
        uint40 least = uint40(block.timestamp) + IMembership(membership()).noticeSeconds();
        if (retiresAt < least) revert RetirementTooSoon(productId, retiresAt, least);
        product.terms.retiresAt = retiresAt;
        _emitSet(productId);
    }

    /// @inheritdoc IStore
    function setPolicy(uint16 communityBps, bool membersMayList) external onlyOwner {
        if (communityBps > _COMMUNITY_CAP_BPS) revert CommunityShareTooHigh(communityBps, _COMMUNITY_CAP_BPS);
        (_index.communityBps, _index.policySet, _index.membersMayNot) = (communityBps, true, !membersMayList);
        emit PolicySet(communityBps, membersMayList);
    }

    /// @inheritdoc IStore
    function productCount() external view returns (uint256) {
        return _index.products;
    }

    /// @inheritdoc IStore
    function productOf(uint256 productId) external view returns (Product memory) {
        return _productOf(productId).read();
    }

    /// @inheritdoc IStore
    function isLicensed(address account, uint256 productId) external view returns (bool) {
        return block.timestamp < licenseOf(account, productId);
    }

    /// @inheritdoc IStore
    function royaltyInfo(uint256 productId, uint256 salePrice)
        external
        view
        returns (address receiver, uint256 amount)
    {
        ProductLib.Record storage product = _productOf(productId);
        return (product.price.payout, salePrice * product.terms.royaltyBps / 10_000);
    }

    /// @inheritdoc IStore
    function contractURI() external view returns (string memory) {
        string memory name = LibString.escapeJSON(IERC721Metadata(membership()).name());
        return string.concat(
            "data:application/json;base64,", Base64.encode(bytes(string.concat('{"name":"', name, ': store"}')))
        );
    }

    /// @inheritdoc IStore
    function releaseSeat(uint256 productId, address account) public {
        ProductLib.Record storage product = _productOf(productId);
        ProductLib.Terms memory terms = product.terms;
        terms.release(product.licenses[account], productId, account);
        product.terms = terms;
        emit LicenseSeatReleased(productId, account, terms.units);
    }

    /// @inheritdoc IStore
    function licenseOf(address account, uint256 productId) public view returns (uint40 validUntil) {
        ProductLib.Record storage product = _products[productId];
        if (product.terms.periodSeconds != 0) return product.licenses[account].validUntil;
        return balanceOf(account, productId) == 0 ? 0 : type(uint40).max;
    }

    /// @inheritdoc IStore
    function policy() public view returns (uint16 communityBps, bool membersMayList) {
        Index memory index = _index;
        return (index.policySet ? index.communityBps : _DEFAULT_COMMUNITY_BPS, !index.membersMayNot);
    }

    /// @inheritdoc IStore
    function membership() public view returns (address known) {
        known = _index.membership;
        if (known == address(0)) known = ICommunity(community()).membership();
    }

    /// @inheritdoc IStore
    function community() public view returns (address) {
        return address(bytes20(LibClone.argsOnClone(address(this), 0, 20)));
    }

    /// @inheritdoc IStore
    function currency() public view returns (address) {
        return address(bytes20(LibClone.argsOnClone(address(this), 20, 40)));
    }

    /// @inheritdoc ERC1155
    function uri(uint256 productId) public view override returns (string memory) {
        return CidLib.uriOf(_productOf(productId).digest);
    }

    /// @inheritdoc ERC1155
    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == 0x2a55205a || super.supportsInterface(interfaceId); // ERC-2981
    }

    /// @dev Licenses with a period are the account's own.
    function _beforeTokenTransfer(address from, address, uint256[] memory ids, uint256[] memory, bytes memory)
        internal
        view
        override
    {
        if (from == address(0)) return;
        for (uint256 i; i < ids.length; ++i) {
            if (_products[ids[i]].terms.periodSeconds != 0) revert LicenseBound(ids[i]);
        }
    }

    function _useBeforeTokenTransfer() internal pure override returns (bool) {
        return true;
    }

    function _productOf(uint256 productId) internal view returns (ProductLib.Record storage product) {
        product = _products[productId];
        if (product.terms.version == 0) revert ProductUnknown(productId);
    }

    function _owner() internal view returns (address) {
        return ICommunity(community()).owner();
    }

    function _emitSet(uint256 productId) private {
        ProductLib.Record storage product = _products[productId];
        emit ProductSet(productId, product.creator, product.read());
    }

    function _checkMayList(uint256 membershipId) private view {
        if (membershipId == 0 || _index.membersMayNot) {
            if (msg.sender == _owner()) return;
            if (_index.membersMayNot) revert ListingClosed(msg.sender);
        }
        IMembership sibling = IMembership(membership());
        if (!sibling.isValid(membershipId) || sibling.ownerOf(membershipId) != msg.sender) {
            revert MembershipInvalid(membershipId, msg.sender);
        }
    }
}
