// What a prepared transaction really does: the page decodes it itself and compares it with what the viewer asked for,
// so that a server that lies cannot make it do more. contracts.js holds the functions, written by scripts/export_abi.py.

import { get } from "./api.js";
import { CONTRACTS, GETTERS } from "./contracts.js";
import { Told, say } from "./page.js";
import { request } from "./wallet.js";

const NATIVE = "0x" + "0".repeat(40);
const WORD = 64; // hex digits
const UNSUPPORTED = 4200; // EIP-1193: the wallet does not offer this method

/** Name and arguments (by name; structs are objects) of a call of this contract; null when it has no such function. */
export function decoded(contract, calldata) {
  const text = calldata.replace(/^0x/, "").toLowerCase();
  const entry = CONTRACTS[contract]?.[text.slice(0, 8)];
  return entry ? { name: entry[0], args: tuple(entry[1], text.slice(8), 0) } : null;
}

// A type is text ("uint256", "address[]"), a list of [name, type] (a struct), or {of: type} (an array of structs).
const isStruct = Array.isArray;
const element = (type) => (type.of ? type.of : typeof type === "string" && type.endsWith("[]") ? type.slice(0, -2) : null);
const isDynamic = (type) =>
  isStruct(type) ? type.some(([, inner]) => isDynamic(inner)) : type === "string" || type === "bytes" || element(type) !== null;
const size = (type) => (isStruct(type) && !isDynamic(type) ? type.reduce((sum, [, inner]) => sum + size(inner), 0) : WORD);

const wordAt = (text, at) => {
  if (at + WORD > text.length) throw new Told(say("transaction.mismatch"));
  return text.slice(at, at + WORD);
};
const numberAt = (text, at) => Number(BigInt("0x" + wordAt(text, at)));

function tuple(fields, text, start) {
  const values = {};
  let at = start;
  fields.forEach(([name, type], index) => {
    const place = isDynamic(type) ? start + 2 * numberAt(text, at) : at;
    values[name || String(index)] = value(type, text, place);
    at += size(type);
  });
  return values;
}

function value(type, text, at) {
  if (isStruct(type)) return tuple(type, text, at);
  const inner = element(type);
  if (inner !== null) {
    const count = numberAt(text, at);
    if (count * WORD > text.length) throw new Told(say("transaction.mismatch"));
    return Object.values(tuple(Array.from({ length: count }, (_, index) => [String(index), inner]), text, at + WORD));
  }
  if (type === "string" || type === "bytes") {
    const digits = text.slice(at + WORD, at + WORD + 2 * numberAt(text, at));
    if (type === "bytes") return "0x" + digits;
    return new TextDecoder().decode(Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16)));
  }
  const word = wordAt(text, at);
  if (type === "address") return "0x" + word.slice(24);
  if (type.startsWith("bytes")) return "0x" + word.slice(0, 2 * Number(type.slice(5)));
  if (type.startsWith("int")) return BigInt.asIntN(256, BigInt("0x" + word));
  return BigInt("0x" + word);
}

/** Whether a decoded argument is what the viewer asked for. What nobody asked for is nothing, or the viewer's wallet. */
function same(got, wanted, me) {
  if (wanted === undefined || wanted === null) return isNothing(got, me);
  if (typeof wanted === "function") return wanted(got);
  if (Array.isArray(got)) return got.length === wanted.length && got.every((each, index) => same(each, wanted[index], me));
  if (typeof got === "object") return sameFields(got, wanted, me);
  if (typeof got === "bigint") return got === BigInt(wanted);
  return /^0x/i.test(got) ? got === String(wanted).toLowerCase() : got === String(wanted);
}

const sameFields = (got, wanted, me) =>
  Object.keys(wanted).every((name) => name in got) && Object.keys(got).every((name) => same(got[name], wanted[name], me));

function isNothing(got, me) {
  if (typeof got === "object") return Object.values(got).every((each) => isNothing(each, me));
  if (typeof got === "bigint") return got === 0n;
  return got === me || /^(0x0*)?$/.test(got);
}

const blind = new WeakSet();

/** Whether this wallet could not be asked where contracts are, so that the home was believed. */
export const isBlind = ({ provider }) => blind.has(provider);

/**
 * Where a contract of this community is: asked of the chain by the wallet's own node. Only where a wallet has none for us
 * (some on other devices) is the server believed; `isBlind` then lets the viewer know.
 */
export async function addressOf(wallet, contract, community, wanted) {
  if (contract === "Community") return community;
  if (wanted.to) return wanted.to.toLowerCase();
  const name = contract[0].toLowerCase() + contract.slice(1);
  try {
    const word = await request(wallet, "eth_call", [{ to: community, data: "0x" + GETTERS[name] }, "latest"]);
    return "0x" + word.slice(-40).toLowerCase();
  } catch (error) {
    if (!wallet.info.remote || error.cause?.code !== UNSUPPORTED) throw error;
    blind.add(wallet.provider);
    return (await get(`/api/communities/${community}`))[name].toLowerCase();
  }
}

/**
 * Refuses a transaction that is not what the viewer asked for: another contract, function, argument or amount.
 * `wanted`: {contract, call, args, to, pays, currency, chainId}. `args` by name, structs as objects; `to` only where the
 * community does not name the contract; `pays` base units of `currency`, at most; without it no money may move.
 * Gives the decoded call, for the viewer to see.
 */
export async function check(wallet, community, wanted, prepared) {
  const refuse = () => {
    throw new Told(say("transaction.mismatch"));
  };
  const to = prepared.to.toLowerCase();
  if (to !== (await addressOf(wallet, wanted.contract, community, wanted))) refuse();
  if (Number(prepared.chainId) !== wanted.chainId) refuse();
  const call = decoded(wanted.contract, prepared.data);
  if (!call || call.name !== wanted.call) refuse();
  if (!sameFields(call.args, wanted.args ?? {}, wallet.address)) refuse();
  const pays = BigInt(wanted.pays ?? 0);
  const currency = (wanted.currency || NATIVE).toLowerCase();
  const value = BigInt(prepared.value || 0);
  const approvals = prepared.before ?? [];
  if (currency === NATIVE ? value !== pays || approvals.length : value !== 0n || approvals.length > 1) refuse();
  for (const approval of approvals) {
    const allowed = decoded("ERC20", approval.data);
    if (approval.to.toLowerCase() !== currency || BigInt(approval.value || 0)) refuse();
    if (allowed?.name !== "approve" || allowed.args.spender !== to || allowed.args.amount > pays) refuse();
  }
  return call;
}
