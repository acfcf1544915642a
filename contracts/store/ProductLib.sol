// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IStore} from "./IStore.sol";

/// @notice How products and licenses with a period are stored, and what can be sold of them when.
library ProductLib {
    /// @notice One slot.
    struct Price {
        address payout;
        uint96 price;
    }

    /// @notice One slot.
    struct Terms {
        uint48 cap;
        uint48 units;
        uint40 periodSeconds;
        uint40 retiresAt;
        uint32 version; // 0 = there is no such product
        uint16 communityBps;
        uint16 royaltyBps;
        uint8 kind;
        uint8 flags;
    }

    struct Record {
        Price price; // a sale reads this slot,
        Terms terms; // and reads and writes this one
        address creator;
        bytes32 label;
        bytes32 digest;
        mapping(address account => License) licenses; // only with a period
    }

    /// @notice One slot.
    struct License {
        uint40 validUntil; // exclusive; 0 = never bought
        bool released; // it takes no seat
    }

    uint8 internal constant DELISTED = 1;
    uint8 internal constant BARRED = 2;
    uint40 private constant _LEAST_PERIOD = 1 hours;
    uint40 private constant _MOST_PERIOD = 36_500 days;
    uint40 private constant _MOST_GRACE = 7 days;
    uint256 private constant _MOST_AHEAD = 730 days;
    uint16 private constant _ROYALTY_CAP_BPS = 1_000;

    /// @notice Writes a new product, after its parameters were checked.
    function write(Record storage product, IStore.ProductParams calldata params, address creator) internal {
        uint40 period = params.periodSeconds;
        if (period != 0 && (period < _LEAST_PERIOD || period > _MOST_PERIOD)) {
            revert IStore.PeriodOutOfRange(period, _LEAST_PERIOD, _MOST_PERIOD);
        }
        uint16 royaltyCap = period == 0 ? _ROYALTY_CAP_BPS : 0;
        if (params.royaltyBps > royaltyCap) revert IStore.RoyaltyTooHigh(params.royaltyBps, royaltyCap);
        if (params.payout == address(0)) revert IStore.AccountMissing();
        product.price = Price(params.payout, params.price);
        product.terms.cap = params.cap;
        product.terms.periodSeconds = period;
        product.terms.communityBps = params.communityBps;
        product.terms.royaltyBps = params.royaltyBps;
        product.terms.kind = uint8(params.kind);
        product.creator = creator;
        publish(product, params.label, params.digest);
    }

    /// @notice Writes the next version.
    function publish(Record storage product, bytes32 label, bytes32 digest) internal {
        if (label == 0) revert IStore.LabelMissing();
        if (digest == 0) revert IStore.DigestMissing();
        product.terms.version += 1;
        (product.label, product.digest) = (label, digest);
    }

    /// @notice Counts `quantity` units of a product for good.
    function sell(Terms memory terms, uint256 productId, uint24 quantity) internal pure {
        checkOnSale(terms, productId);
        take(terms, productId, quantity);
    }

    /// @notice Extends a license with a period; a `first` one, and one whose seat was released, takes a seat.
    function extend(Terms memory terms, License storage license, uint256 productId, uint24 periods)
        internal
        returns (uint40 validUntil, bool first)
    {
        uint40 before = license.validUntil;
        first = before == 0;
        // Seats are released after the grace: who lost one is among the late.
        if (first || block.timestamp >= before + graceOf(terms)) checkOnSale(terms, productId);
        if (terms.retiresAt != 0 && block.timestamp >= terms.retiresAt) {
            revert IStore.ProductRetired(productId, terms.retiresAt);
        }
        if (first || license.released) take(terms, productId, 1);
        uint256 from = before > block.timestamp ? before : block.timestamp;
        uint256 until = from + uint256(terms.periodSeconds) * periods;
        uint256 ahead = uint256(terms.periodSeconds) + 1 days;
        uint256 limit = block.timestamp + (ahead > _MOST_AHEAD ? ahead : _MOST_AHEAD);
        if (until > limit) revert IStore.PaidTooFarAhead(until, limit);
        validUntil = uint40(until); // at most 100 years and a day from now
        (license.validUntil, license.released) = (validUntil, false);
    }

    /// @notice Frees the seat of a license whose grace is over.
    function release(Terms memory terms, License storage license, uint256 productId, address account) internal {
        uint40 until = license.validUntil;
        if (until == 0 || license.released) revert IStore.SeatUnknown(productId, account);
        uint40 freeFrom = until + graceOf(terms);
        if (block.timestamp < freeFrom) revert IStore.SeatTaken(productId, account, freeFrom);
        license.released = true;
        terms.units -= 1;
    }

    function take(Terms memory terms, uint256 productId, uint24 quantity) internal pure {
        uint48 left = (terms.cap == 0 ? type(uint48).max : terms.cap) - terms.units;
        if (quantity > left) revert IStore.ProductSoldOut(productId, quantity, left);
        terms.units += quantity;
    }

    function checkOnSale(Terms memory terms, uint256 productId) internal pure {
        if (terms.retiresAt != 0) revert IStore.ProductRetired(productId, terms.retiresAt);
        if (terms.flags != 0) revert IStore.ProductDelisted(productId);
    }

    /// @notice How long after its expiry a license keeps its seat and can be renewed though the product is not listed.
    function graceOf(Terms memory terms) internal pure returns (uint40) {
        return terms.periodSeconds < _MOST_GRACE ? terms.periodSeconds : _MOST_GRACE;
    }

    function read(Record storage product) internal view returns (IStore.Product memory) {
        Terms memory terms = product.terms;
        return IStore.Product({
            creator: product.creator,
            payout: product.price.payout,
            price: product.price.price,
            cap: terms.cap,
            units: terms.units,
            periodSeconds: terms.periodSeconds,
            retiresAt: terms.retiresAt,
            version: terms.version,
            communityBps: terms.communityBps,
            royaltyBps: terms.royaltyBps,
            kind: IStore.Kind(terms.kind),
            delisted: terms.flags & DELISTED != 0,
            barred: terms.flags & BARRED != 0,
            label: product.label,
            digest: product.digest
        });
    }
}
