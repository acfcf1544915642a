// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMembershipBase} from "./IMembershipBase.sol";

/// @notice Rates of the levels bronze (0), silver (1) and gold (2), and what a level takes.
/// @dev As bytes, high to low: `bronzeBps 2 | silverBps 2 | goldBps 2 | silverFrom 2 | goldFrom 2 | volumeUnit 12`.
library LevelLib {
    uint256 internal constant MOST_RATE = 3_000;

    /// @notice Whether no rate is above the cap, none falls with the level, and silver takes at least one member.
    function isSound(IMembershipBase.Rates memory rates) internal pure returns (bool) {
        return rates.bronzeBps <= rates.silverBps && rates.silverBps <= rates.goldBps && rates.goldBps <= MOST_RATE
            && rates.silverFrom != 0 && rates.silverFrom <= rates.goldFrom;
    }

    function pack(IMembershipBase.Rates memory rates) internal pure returns (bytes22) {
        return bytes22(
            abi.encodePacked(
                rates.bronzeBps, rates.silverBps, rates.goldBps, rates.silverFrom, rates.goldFrom, rates.volumeUnit
            )
        );
    }

    function unpack(bytes22 packed) internal pure returns (IMembershipBase.Rates memory rates) {
        uint256 word = uint176(packed);
        rates.bronzeBps = uint16(word >> 160);
        rates.silverBps = uint16(word >> 144);
        rates.goldBps = uint16(word >> 128);
        rates.silverFrom = uint16(word >> 112);
        rates.goldFrom = uint16(word >> 96);
        rates.volumeUnit = uint96(word);
    }

    /// @notice The level of a badge with so many counted members and so much earned volume.
    function levelFor(IMembershipBase.Rates memory rates, uint256 counted, uint256 volume)
        internal
        pure
        returns (uint256)
    {
        uint256 unit = rates.volumeUnit;
        if (counted >= rates.goldFrom && volume >= rates.goldFrom * unit) return 2;
        if (counted >= rates.silverFrom && volume >= rates.silverFrom * unit) return 1;
        return 0;
    }

    function rateOf(IMembershipBase.Rates memory rates, uint256 level) internal pure returns (uint16) {
        if (level == 0) return rates.bronzeBps;
        return level == 1 ? rates.silverBps : rates.goldBps;
    }
}
