// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMembershipBase} from "./IMembershipBase.sol";
import {TierLib} from "./TierLib.sol";

/// @notice Consent of a holder to renewals by keepers: while it lives, and when it lets one renew.
library ConsentLib {
    using TierLib for TierLib.Record;

    /// @dev One slot, of a membership. Lives as long as its tier and count of transfers are the membership's.
    struct Agreement {
        uint96 maxPrice;
        uint40 until;
        uint16 periodsLeft;
        uint16 tierId; // 0 = none was given, or it ended
        uint16 transferCount;
    }

    uint256 private constant _MOST_EARLY = 1 days;
    uint256 private constant _EARLY_PARTS = 10; // or a tenth of the period, if that is shorter

    /// @notice Whether it was given since the last transfer. A change of tier ends it.
    function isLive(Agreement memory agreement, IMembershipBase.State memory state) internal pure returns (bool) {
        return agreement.tierId != 0 && agreement.transferCount == state.transferCount;
    }

    /// @notice Whether a keeper may renew now, the holder's money aside; the price; and the window, 0 where there is none.
    function statusOf(
        Agreement memory agreement,
        IMembershipBase.State memory state,
        TierLib.Record storage tier,
        TierLib.Terms memory terms
    )
        internal
        view
        returns (IMembershipBase.RenewalStatus status, uint96 price, uint40 opensAt, uint40 closesAt)
    {
        if (state.expiresAt == TierLib.FOR_LIFE) return (IMembershipBase.RenewalStatus.ForLife, 0, 0, 0);
        if (terms.periodSeconds == 0) return (IMembershipBase.RenewalStatus.NoConsent, 0, 0, 0);
        uint256 early = terms.periodSeconds / _EARLY_PARTS;
        if (early > _MOST_EARLY) early = _MOST_EARLY;
        opensAt = uint40(state.expiresAt - early);
        closesAt = uint40(state.expiresAt + TierLib.RENEWAL_GRACE);
        if (block.timestamp < closesAt && !tier.isRetired(terms)) {
            price = tier.renewalPrice(terms, state.tierId, state.expiresAt);
        }
        status = _statusOf(agreement, state, opensAt, closesAt);
        if (status != IMembershipBase.RenewalStatus.Due) return (status, price, opensAt, closesAt);
        if (tier.isRetired(terms)) status = IMembershipBase.RenewalStatus.TierRetired;
        else if (price > agreement.maxPrice) status = IMembershipBase.RenewalStatus.PriceAboveConsent;
    }

    function _statusOf(
        Agreement memory agreement,
        IMembershipBase.State memory state,
        uint256 opensAt,
        uint256 closesAt
    ) private view returns (IMembershipBase.RenewalStatus) {
        if (!isLive(agreement, state)) return IMembershipBase.RenewalStatus.NoConsent;
        if (agreement.periodsLeft == 0) return IMembershipBase.RenewalStatus.ConsentUsedUp;
        if (block.timestamp > agreement.until) return IMembershipBase.RenewalStatus.ConsentPast;
        if (block.timestamp < opensAt) return IMembershipBase.RenewalStatus.TooEarly;
        if (block.timestamp >= closesAt) return IMembershipBase.RenewalStatus.TooLate;
        return IMembershipBase.RenewalStatus.Due;
    }
}
