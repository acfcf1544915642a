// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The one schedule of a sale: it releases money to the community and vests tokens alike.
library VestingLib {
    /// @notice What of `total` has vested at `time`; rounded down.
    /// @dev Nothing before the cliff, all from `start + duration` on, linear from `start` between. A `total` below
    /// 2**216 cannot overflow. The cliff is at most the duration.
    /// @param start unix seconds; 0 = not begun
    function vested(uint256 total, uint256 start, uint256 cliff, uint256 duration, uint256 time)
        internal
        pure
        returns (uint256)
    {
        if (start == 0 || time < start + cliff) return 0;
        if (time >= start + duration) return total;
        return total * (time - start) / duration;
    }
}
