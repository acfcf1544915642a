// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleProofLib} from "solady/utils/MerkleProofLib.sol";
import {IMembershipBase} from "./IMembershipBase.sol";

/// @notice Terms of a tier: one word for joins and renewals, a second one only for tiers with dates.
library TierLib {
    /// @dev One slot. `flags` say whether a second slot has to be read.
    struct Terms {
        uint96 price;
        uint32 periodSeconds;
        uint32 earningSeconds; // never 0: so it also tells that the tier exists
        uint24 cap;
        uint24 seats;
        uint24 serial; // of the last membership made; never falls
        uint16 inviteeDiscountBps;
        uint8 flags;
    }

    /// @dev One slot.
    struct Dates {
        uint96 renewalPrice; // before `noticeEnds`
        uint40 noticeEnds;
        uint40 saleStart;
        uint40 saleEnd;
        uint40 retiresAt;
    }

    struct Record {
        Terms terms;
        Dates dates;
        bytes32 label;
        bytes32 allowRoot;
    }

    uint8 internal constant PAUSED = 1;
    uint8 internal constant SOULBOUND = 2;
    uint8 internal constant WINDOW = 4; // has saleStart or saleEnd
    uint8 internal constant NOTICE = 8; // a rise was announced: `noticeEnds` must be read
    uint8 internal constant RETIRED = 16; // has retiresAt
    uint8 internal constant LISTED = 32; // has an allow-list
    uint8 internal constant INVITED = 64; // joins need a voucher

    uint40 internal constant FOR_LIFE = type(uint40).max;
    uint256 internal constant RENEWAL_GRACE = 7 days; // a renewal this late still counts as one; later it is a join
    uint256 internal constant LEAST_PERIOD = 1 hours;
    uint256 internal constant MOST_PERIOD = 100 * 365 days;
    uint256 internal constant LEAST_EARNING = 1 days;
    uint256 internal constant LIFE_EARNING = 365 days;
    uint256 internal constant MOST_AHEAD = 2 * 365 days;
    uint256 internal constant SEAT_GRACE = 30 days; // after expiry; then the seat may be released
    uint16 internal constant MOST_DISCOUNT = 2_000;

    /// @notice Whether a founder's parameters describe a tier that can be sold.
    function isSound(IMembershipBase.TierParams calldata params) internal pure returns (bool) {
        uint256 period = params.periodSeconds;
        uint256 earning = params.earningSeconds;
        if (params.label == 0 || params.cap > type(uint24).max || params.inviteeDiscountBps > MOST_DISCOUNT) return false;
        if (period != 0 && (period < LEAST_PERIOD || period > MOST_PERIOD)) return false;
        uint256 most = period == 0 ? MOST_AHEAD : period;
        if (earning != 0 && (earning < LEAST_EARNING || earning > most)) return false;
        return params.saleEnd == 0 || params.saleEnd > params.saleStart;
    }

    /// @notice Writes a new tier. Reverts TierParamsInvalid.
    function create(Record storage tier, uint16 tierId, IMembershipBase.TierParams calldata params) internal {
        if (!isSound(params)) revert IMembershipBase.TierParamsInvalid(tierId);
        _write(tier, params);
        emit IMembershipBase.TierSet(tierId, read(tier));
    }

    /// @notice The whole state of a tier, as events and views show it.
    function read(Record storage tier) internal view returns (IMembershipBase.Tier memory) {
        Terms memory terms = tier.terms;
        Dates memory dates;
        if (terms.flags & (WINDOW | NOTICE | RETIRED) != 0) dates = tier.dates;
        bool noticed = block.timestamp < dates.noticeEnds;
        return IMembershipBase.Tier({
            label: tier.label,
            price: terms.price,
            renewalPrice: noticed ? dates.renewalPrice : terms.price,
            noticeEnds: noticed ? dates.noticeEnds : 0,
            periodSeconds: terms.periodSeconds,
            earningSeconds: terms.earningSeconds,
            cap: terms.cap,
            seats: terms.seats,
            saleStart: dates.saleStart,
            saleEnd: dates.saleEnd,
            retiresAt: dates.retiresAt,
            inviteeDiscountBps: terms.inviteeDiscountBps,
            allowRoot: terms.flags & LISTED == 0 ? bytes32(0) : tier.allowRoot,
            paused: terms.flags & PAUSED != 0,
            soulbound: terms.flags & SOULBOUND != 0,
            invitationOnly: terms.flags & INVITED != 0
        });
    }

    /// @notice Reverts unless a new member could join the tier now, seats aside.
    function checkOnSale(Record storage tier, Terms memory terms, uint16 tierId) internal view {
        if (terms.flags & PAUSED != 0) revert IMembershipBase.TierPaused(tierId);
        if (terms.flags & (WINDOW | RETIRED) == 0) return;
        Dates memory dates = tier.dates;
        if (dates.retiresAt != 0) revert IMembershipBase.TierRetired(tierId, dates.retiresAt);
        if (block.timestamp < dates.saleStart || (dates.saleEnd != 0 && block.timestamp >= dates.saleEnd)) {
            revert IMembershipBase.TierNotOnSale(tierId, dates.saleStart, dates.saleEnd);
        }
    }

    /// @notice As checkOnSale, as an answer.
    function isOnSale(Record storage tier, Terms memory terms) internal view returns (bool) {
        if (terms.flags & PAUSED != 0) return false;
        Dates memory dates = tier.dates;
        return dates.retiresAt == 0 && block.timestamp >= dates.saleStart
            && (dates.saleEnd == 0 || block.timestamp < dates.saleEnd);
    }

    /// @notice Reverts unless `account` may join the tier: it is on the allow-list, if there is one.
    function checkListed(
        Record storage tier,
        Terms memory terms,
        uint16 tierId,
        address account,
        bytes32[] memory proof
    ) internal view {
        if (terms.flags & LISTED == 0) return;
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(account))));
        if (!MerkleProofLib.verify(proof, tier.allowRoot, leaf)) revert IMembershipBase.NotAllowed(tierId, account);
    }

    /// @notice Whether even renewals have ended.
    function isRetired(Record storage tier, Terms memory terms) internal view returns (bool) {
        return terms.flags & RETIRED != 0 && block.timestamp >= tier.dates.retiresAt;
    }

    /// @notice Takes a seat in memory; the caller stores it by `storeSeats`.
    function takeSeat(Terms memory terms, uint16 tierId) internal pure {
        if (isFull(terms)) revert IMembershipBase.TierSoldOut(tierId, terms.seats);
        terms.seats += 1;
    }

    function isFull(Terms memory terms) internal pure returns (bool) {
        return terms.seats == (terms.cap == 0 ? type(uint24).max : terms.cap);
    }

    /// @notice Stores what sales change: seats and serial. All of the terms would cost seven more writes to their slot.
    function storeSeats(Record storage tier, Terms memory terms) internal {
        tier.terms.seats = terms.seats;
        tier.terms.serial = terms.serial;
    }

    /// @notice What one period costs a membership that expired or will expire at `expiresAt`.
    /// @dev Within the grace a renewal pays `now < noticeEnds ? min(old, new) : new`, also in a paused tier; later the
    /// rules of a join hold. Reverts as `checkOnSale`, and TierRetired.
    function renewalPrice(Record storage tier, Terms memory terms, uint16 tierId, uint256 expiresAt)
        internal
        view
        returns (uint96)
    {
        if (block.timestamp >= expiresAt + RENEWAL_GRACE) {
            checkOnSale(tier, terms, tierId);
            return terms.price;
        }
        if (terms.flags & (NOTICE | RETIRED) == 0) return terms.price;
        Dates memory dates = tier.dates;
        if (isRetired(tier, terms)) revert IMembershipBase.TierRetired(tierId, dates.retiresAt);
        return block.timestamp < dates.noticeEnds ? dates.renewalPrice : terms.price;
    }

    /// @notice When a membership ends that is paid `periods` more periods. For life: `FOR_LIFE`.
    /// @param from when the paid time begins. @dev Reverts PeriodsInvalid and PaidTooFarAhead.
    function extended(Terms memory terms, uint256 from, uint256 periods) internal view returns (uint40) {
        uint256 period = terms.periodSeconds;
        if (periods == 0 || (period == 0 && periods != 1)) revert IMembershipBase.PeriodsInvalid(periods);
        if (period == 0 && from < FOR_LIFE) return FOR_LIFE;
        return until(terms, from + period * periods);
    }

    /// @notice The given expiry, if it is not too far ahead.
    function until(Terms memory terms, uint256 expiresAt) internal view returns (uint40) {
        uint256 most = limit(terms);
        if (expiresAt > most) {
            revert IMembershipBase.PaidTooFarAhead(uint40(expiresAt < FOR_LIFE ? expiresAt : FOR_LIFE), uint40(most));
        }
        return uint40(expiresAt);
    }

    /// @notice The last expiry that can be paid or given now: max(period + 1 day, 2 years) ahead.
    function limit(Terms memory terms) internal view returns (uint256) {
        uint256 period = terms.periodSeconds;
        return block.timestamp + (period + 1 days > MOST_AHEAD ? period + 1 days : MOST_AHEAD);
    }

    /// @notice A price less a discount, rounded up.
    function discounted(uint256 price, uint256 bps) internal pure returns (uint96) {
        return uint96((price * (10_000 - bps) + 9_999) / 10_000); // at most `price`, which is 96 bits
    }

    /// @notice Unix hours from which a member counts that first paid now: after min(14 days, period), rounded up.
    function countAt(Terms memory terms) internal view returns (uint32) {
        uint256 period = terms.periodSeconds;
        uint256 wait = period == 0 || period > 14 days ? 14 days : period;
        return uint32((block.timestamp + wait + 1 hours - 1) / 1 hours);
    }

    /// @notice Sets the price of joins at once; a rise reaches renewals after `noticeSeconds`.
    function setPrice(Record storage tier, uint16 tierId, uint96 price, uint40 noticeSeconds) internal {
        Terms memory terms = tier.terms;
        Dates memory dates = tier.dates;
        bool pending = block.timestamp < dates.noticeEnds;
        if (price > terms.price) {
            if (pending) revert IMembershipBase.PriceRisePending(tierId, dates.noticeEnds);
            dates.renewalPrice = terms.price;
            dates.noticeEnds = uint40(block.timestamp) + noticeSeconds;
            pending = true;
        } else if (price <= dates.renewalPrice) {
            pending = false; // it fell to what renewals pay, or below
        }
        if (!pending) (dates.renewalPrice, dates.noticeEnds) = (0, 0);
        terms.flags = pending ? terms.flags | NOTICE : terms.flags & ~NOTICE;
        terms.price = price;
        tier.terms = terms;
        tier.dates = dates;
    }

    function _write(Record storage tier, IMembershipBase.TierParams calldata params) private {
        uint256 earning = params.earningSeconds;
        if (earning == 0) earning = params.periodSeconds == 0 ? LIFE_EARNING : params.periodSeconds;
        uint8 flags = (params.soulbound ? SOULBOUND : 0) | (params.invitationOnly ? INVITED : 0);
        if (params.allowRoot != 0) {
            flags |= LISTED;
            tier.allowRoot = params.allowRoot;
        }
        if (params.saleStart != 0 || params.saleEnd != 0) {
            flags |= WINDOW;
            tier.dates = Dates(0, 0, params.saleStart, params.saleEnd, 0);
        }
        tier.terms = Terms({
            price: params.price,
            periodSeconds: uint32(params.periodSeconds), // at most 100 years, which is below 2**32 seconds
            earningSeconds: uint32(earning), // at most the period, or 2 years
            cap: uint24(params.cap), // sound: below 2**24
            seats: 0,
            serial: 0,
            inviteeDiscountBps: params.inviteeDiscountBps,
            flags: flags
        });
        tier.label = params.label;
    }
}
