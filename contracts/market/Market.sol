// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";
import {ICommunityFactory} from "../community/ICommunityFactory.sol";
import {IMembership} from "../membership/IMembership.sol";
import {CollectionLib} from "./CollectionLib.sol";
import {GoodsLib} from "./GoodsLib.sol";
import {IMarket} from "./IMarket.sol";
import {MarketAccounts} from "./MarketAccounts.sol";
import {TillLib} from "./TillLib.sol";

/// @title Market
/// @notice See IMarket. It has no owner and no setting.
contract Market is MarketAccounts {
    using TillLib for uint256;

    /// @dev Where a price goes.
    struct Split {
        uint256 royalty;
        uint256 fee;
        uint256 proceeds;
    }

    uint256 private constant _BPS = 10_000;
    uint256 private constant _FEE_CAP_BPS = 500;

    ICommunityFactory private immutable _FACTORY;

    mapping(bytes32 key => uint256 till) private _tills;

    constructor(address factory) {
        _FACTORY = ICommunityFactory(factory);
    }

    /// @inheritdoc IMarket
    // The seller signed this listing. Guarded: until the end nothing else of the market can run.
    // slither-disable-next-line arbitrary-send-erc20,reentrancy-no-eth
    function buy(Listing calldata listing, bytes calldata signature, address recipient, uint96 minMoney)
        external
        payable
        nonReentrant
    {
        // Check:
        bytes32 digest = listingDigest(listing);
        address collection = listing.collection;
        address seller = listing.seller;
        address currency = listing.currency;
        uint96 price = listing.price;
        uint256 tokenId = listing.tokenId;
        address membership = listing.membership;
        address feeRecipient = listing.feeRecipient;
        _checkBuyer(listing.buyer);
        uint256 due = currency == address(0) ? price : 0;
        if (msg.value != due) revert ValueMismatch(msg.value, due);
        Status status = _statusOf(listing, digest, signature);
        if (status != Status.Ready) revert ListingUnavailable(digest, status);

        // Effect:
        Split memory split = _take(collection, membership, feeRecipient, currency, price, listing.feeBps);
        if (split.proceeds < listing.minProceeds) revert ListingUnavailable(digest, Status.ProceedsTooLow);
        if (recipient == address(0)) recipient = msg.sender;
        emit ListingBought(
            collection,
            tokenId,
            seller,
            msg.sender,
            recipient,
            currency,
            price,
            split.royalty,
            split.fee,
            feeRecipient,
            digest
        );

        // Interaction:
        IERC721(collection).transferFrom(seller, recipient, tokenId);
        status = GoodsLib.statusOf(listing, minMoney, 1);
        if (status != Status.Ready) revert ListingUnavailable(digest, status);
        if (currency == address(0)) _push(seller, split.proceeds);
        else _pullAll(currency, msg.sender, seller, membership, feeRecipient, split);
    }

    /// @inheritdoc IMarket
    // Guarded: until the end nothing else of the market can run.
    // slither-disable-next-line reentrancy-no-eth
    function accept(Offer calldata offer, bytes calldata signature, uint256 tokenId, uint256 minProceeds)
        external
        nonReentrant
    {
        // Check:
        bytes32 digest = offerDigest(offer);
        Status status = _statusOf(offer, digest, signature);
        if (status != Status.Ready) revert OfferUnavailable(digest, status);

        // Effect:
        (address collection, address membership, address buyer) = (offer.collection, offer.membership, offer.buyer);
        (address currency, address feeRecipient) = (offer.currency, offer.feeRecipient);
        Split memory split = _take(collection, membership, feeRecipient, currency, offer.price, offer.feeBps);
        if (split.proceeds < minProceeds) revert ProceedsTooLow(split.proceeds, minProceeds);
        _spend(buyer, digest);
        if (currency == address(0)) _debit(buyer, offer.price);
        emit OfferAccepted(
            collection,
            tokenId,
            msg.sender,
            buyer,
            currency,
            offer.price,
            split.royalty,
            split.fee,
            feeRecipient,
            digest
        );

        // Interaction:
        IERC721(collection).transferFrom(msg.sender, buyer, tokenId);
        status = GoodsLib.statusOf(offer, tokenId);
        if (status != Status.Ready) revert OfferUnavailable(digest, status);
        if (currency == address(0)) _push(msg.sender, split.proceeds);
        else _pullAll(currency, buyer, msg.sender, membership, feeRecipient, split);
    }

    /// @inheritdoc IMarket
    function payOut(address collection, address membership, address[] calldata feeRecipients)
        external
        nonReentrant
        returns (uint256 royalties)
    {
        // Effect:
        uint256[] memory fees = new uint256[](feeRecipients.length);
        uint256 waiting;
        for (uint256 i; i < fees.length; ++i) {
            (uint256 royalty, uint256 fee) = _empty(collection, membership, feeRecipients[i]);
            (royalties, fees[i]) = (royalties + royalty, fee);
            waiting += royalty + fee;
        }
        if (waiting == 0) revert TillsEmpty(collection, membership);

        // Interaction:
        if (royalties != 0) SafeTransferLib.safeTransferETH(IMembership(membership).community(), royalties);
        for (uint256 i; i < fees.length; ++i) {
            _push(feeRecipients[i], fees[i]);
        }
    }

    /// @inheritdoc IMarket
    function listingStatus(Listing calldata listing, bytes calldata signature) external view returns (Status status) {
        status = _statusOf(listing, listingDigest(listing), signature);
        if (status != Status.Ready) return status;
        if (!CollectionLib.isGenuine(listing.collection, listing.membership, _FACTORY)) return Status.CollectionUnknown;
        if (!_isCurrency(listing.currency, listing.membership)) return Status.CurrencyRefused;
        uint16 royaltyBps = IMembership(listing.membership).royaltyBps();
        Split memory split = _split(listing.price, royaltyBps, listing.feeRecipient, listing.feeBps);
        if (split.proceeds < listing.minProceeds) return Status.ProceedsTooLow;
        return GoodsLib.statusBefore(listing);
    }

    /// @inheritdoc IMarket
    function offerStatus(Offer calldata offer, bytes calldata signature, uint256 tokenId)
        external
        view
        returns (Status status)
    {
        status = _statusOf(offer, offerDigest(offer), signature);
        if (status != Status.Ready) return status;
        if (!CollectionLib.isGenuine(offer.collection, offer.membership, _FACTORY)) return Status.CollectionUnknown;
        if (!_isCurrency(offer.currency, offer.membership)) return Status.CurrencyRefused;
        status = GoodsLib.statusBefore(offer, tokenId);
        if (status != Status.Ready) return status;
        bool native = offer.currency == address(0);
        uint256 funds = native ? fundsOf(offer.buyer) : IERC20(offer.currency).balanceOf(offer.buyer);
        if (funds < offer.price) return Status.FundsTooLow;
        if (native || IERC20(offer.currency).allowance(offer.buyer, address(this)) >= offer.price) return Status.Ready;
        return Status.AllowanceTooLow;
    }

    /// @inheritdoc IMarket
    function tillOf(address collection, address membership, address feeRecipient)
        external
        view
        returns (uint256 royalties, uint256 fees)
    {
        uint256 till = _tills[_keyOf(collection, membership, feeRecipient)];
        return (till.royaltiesOf(), till.feesOf());
    }

    /// @inheritdoc IMarket
    function communityFactory() external view returns (address) {
        return address(_FACTORY);
    }

    /// @dev Divides a price, and keeps native royalty and fee in the till of the page, in one slot: sending them with each
    /// sale would cost the buyer four times as much. The first sale of a page opens the till.
    function _take(
        address collection,
        address membership,
        address feeRecipient,
        address currency,
        uint96 price,
        uint256 feeBps
    ) private returns (Split memory split) {
        bytes32 key = _keyOf(collection, membership, feeRecipient);
        uint256 kept = _tills[key];
        uint256 till = kept;
        if (till == 0) {
            if (!CollectionLib.isGenuine(collection, membership, _FACTORY)) revert CollectionUnknown(collection);
            uint16 royaltyBps = IMembership(membership).royaltyBps();
            till = TillLib.opened(royaltyBps);
            emit TillOpened(collection, membership, feeRecipient, royaltyBps);
        }
        split = _split(price, till.royaltyBpsOf(), feeRecipient, feeBps);
        if (currency == address(0)) till = till.add(split.royalty, split.fee);
        else if (!_isCurrency(currency, membership)) revert CurrencyMismatch(currency, IMembership(membership).currency());
        if (till != kept) _tills[key] = till;
    }

    /// @dev Empties a till on paper; the caller pays what was in it.
    function _empty(address collection, address membership, address feeRecipient)
        private
        returns (uint256 royalties, uint256 fees)
    {
        bytes32 key = _keyOf(collection, membership, feeRecipient);
        uint256 till = _tills[key];
        (royalties, fees) = (till.royaltiesOf(), till.feesOf());
        if (royalties + fees == 0) return (0, 0);
        _tills[key] = till.emptied();
        emit TillPaidOut(collection, membership, feeRecipient, royalties, fees);
    }

    /// @dev Pulls a price in an ERC-20 from its buyer to all who get a part.
    function _pullAll(
        address currency,
        address buyer,
        address seller,
        address membership,
        address feeRecipient,
        Split memory split
    ) private {
        _pull(currency, buyer, seller, split.proceeds);
        _pull(currency, buyer, IMembership(membership).community(), split.royalty);
        _pull(currency, buyer, feeRecipient, split.fee);
    }

    /// @dev The amount must arrive exactly.
    function _pull(address currency, address from, address to, uint256 amount) private {
        if (amount == 0 || to == from) return;
        uint256 before = SafeTransferLib.balanceOf(currency, to);
        SafeTransferLib.safeTransferFrom(currency, from, to, amount);
        uint256 received = SafeTransferLib.balanceOf(currency, to) - before;
        if (received != amount) revert TransferShort(received, amount);
    }

    /// @dev What stands against a listing itself.
    function _statusOf(Listing calldata listing, bytes32 digest, bytes calldata signature)
        private
        view
        returns (Status)
    {
        if (block.timestamp < listing.startsAt) return Status.NotStarted;
        Status status = _statusOfTerms(listing.price, listing.feeBps, listing.deadline);
        if (status != Status.Ready) return status;
        return _signatureStatus(listing.seller, digest, listing.counter, signature);
    }

    /// @dev What stands against an offer itself.
    function _statusOf(Offer calldata offer, bytes32 digest, bytes calldata signature) private view returns (Status) {
        if (offer.collection == offer.membership) return Status.CollectionUnknown;
        Status status = _statusOfTerms(offer.price, offer.feeBps, offer.deadline);
        if (status != Status.Ready) return status;
        return _signatureStatus(offer.buyer, digest, offer.counter, signature);
    }

    function _statusOfTerms(uint256 price, uint256 feeBps, uint256 deadline) private view returns (Status) {
        if (price == 0) return Status.PriceZero;
        if (feeBps > _FEE_CAP_BPS) return Status.FeeTooHigh;
        return block.timestamp > deadline ? Status.Expired : Status.Ready;
    }

    function _checkBuyer(address buyer) private view {
        if (buyer != address(0) && buyer != msg.sender) revert BuyerMismatch(msg.sender, buyer);
    }

    function _isCurrency(address currency, address membership) private view returns (bool) {
        return currency == address(0) || currency == IMembership(membership).currency();
    }

    /// @dev Royalty and fee are rounded down; the seller gets the rest.
    function _split(uint96 price, uint16 royaltyBps, address feeRecipient, uint256 feeBps)
        private
        pure
        returns (Split memory split)
    {
        // A product is below 2**96 * 10_000, as both shares were checked: the royalty is 10 % at most, fixed by the factory
        // that made the community, and the fee 5 %. So together they are less than the price.
        unchecked {
            split.royalty = uint256(price) * royaltyBps / _BPS;
            if (feeRecipient != address(0)) split.fee = price * feeBps / _BPS;
            split.proceeds = price - split.royalty - split.fee;
        }
    }

    function _keyOf(address collection, address membership, address feeRecipient) private pure returns (bytes32) {
        return keccak256(abi.encode(collection, membership, feeRecipient));
    }
}
