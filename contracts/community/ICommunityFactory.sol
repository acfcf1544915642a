// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMembership} from "../membership/IMembership.sol";

/// @title ICommunityFactory
/// @notice Opens communities: one transaction makes the clones of a community and wires them to each other.
interface ICommunityFactory {
    /// @notice What a founder chooses at opening. Nothing marked *fixed* can ever change.
    struct Opening {
        bytes32 salt; // any; with the opener and all other fields it decides the addresses
        string name; // ERC-721 name of the memberships, 1 to 64 bytes
        string symbol; // ERC-721 symbol of the memberships, 1 to 16 bytes
        address currency; // fixed; ERC-20, or 0 for the native coin
        uint40 noticeSeconds; // fixed; 7 to 90 days between announcing and charging a higher price
        uint16 royaltyBps; // fixed; ERC-2981, of memberships and badges; at most 1,000
        IMembership.Rates rates; // first rates of badges; `volumeUnit` is 0 here: the cheapest paid tier decides
        address operator; // earns `operatorBps` of earned income; 0 for none
        uint16 operatorBps; // at most the factory's cap
        address parent; // Community that this one springs from; 0 for none
        uint16 parentBps; // share agreed with the parent; may only fall
        uint256 parentMembership; // the founder's own valid membership in the parent; 0 without a parent
        string homeUri; // where the community is served
        address homeKey; // secp256k1 key that signs the heads of the community log
        IMembership.TierParams[] tiers; // first tiers, ids from 1
    }

    /// @notice A community was opened.
    /// @dev `noticeSeconds` in seconds; `Bps` in 1/10 000, of earned income and (royalty) of a resale.
    event CommunityOpened(
        address indexed community,
        address indexed founder,
        address membership,
        address badges,
        address store,
        address currency,
        uint40 noticeSeconds,
        uint16 royaltyBps,
        IMembership.Rates rates,
        address operator,
        uint16 operatorBps,
        uint16 operatorCapBps,
        address parent,
        uint16 parentBps,
        string name,
        string symbol,
        string homeUri,
        address homeKey
    );

    /// @notice The commission is above the cap, which is 0 without an operator. 1/10 000.
    error OperatorShareTooHigh(uint16 bps, uint16 capBps);
    /// @notice The parent's share is above the cap, which is 0 without a parent. 1/10 000.
    error ParentShareTooHigh(uint16 bps, uint16 capBps);
    /// @notice The parent is no community of this factory.
    error ParentUnknown(address parent);
    /// @notice The founder does not hold that membership of the parent, or it has expired.
    error ParentMembershipMissing(address parent, address founder);
    /// @notice The royalty is above the cap. 1/10 000.
    error RoyaltyTooHigh(uint16 bps, uint16 capBps);
    /// @notice A rate is above 3,000 or below that of a lower level, or silver takes nobody or more than gold.
    error RatesInvalid();
    /// @notice The notice is shorter or longer than is allowed. Seconds.
    error NoticeOutOfRange(uint40 noticeSeconds, uint40 least, uint40 most);
    /// @notice A home signs with a key.
    error HomeKeyMissing();
    /// @notice There is no token at the currency's address.
    error CurrencyNotContract(address currency);
    /// @notice The same founder opened the very same before.
    error DeploymentFailed();
    /// @notice The name is empty or longer than 64 bytes.
    error NameInvalid(string name);
    /// @notice The symbol is empty or longer than 16 bytes.
    error SymbolInvalid(string symbol);

    /// @notice Opens a community whose founder and owner is the caller.
    /// @dev CREATE2 with a salt over caller and `opening`, so that a reorg cannot put another community at the address.
    function open(Opening calldata opening) external returns (address community, address membership);

    /// @notice The addresses that `open` by `founder` with `opening` would give.
    function addressesOf(address founder, Opening calldata opening)
        external
        view
        returns (address community, address membership, address badges, address store);

    /// @notice Whether this factory made `community`.
    /// @dev Nothing is stored: a clone's arguments give its address back (CREATE2).
    function isCommunity(address community) external view returns (bool);

    /// @notice Highest operator's commission of communities opened here, 1/10 000. Immutable.
    function operatorCapBps() external view returns (uint16);
}
