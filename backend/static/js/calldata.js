// What a prepared transaction really does: the page decodes it itself, so that a lying server cannot make it do more.

import { Told, say } from "./page.js";
import { request } from "./wallet.js";

// First four bytes of keccak-256 of each signature; a test compares them with the ABIs.
export const SELECTORS = {
  "join(uint16,uint16,uint96,address,address,uint40)": "69f25c93",
  "renew(uint256,uint16,uint96,address)": "884594e4",
  "safeTransferFrom(address,address,uint256)": "42842e0e",
  "transferFrom(address,address,uint256)": "23b872dd",
  "collect(address,address)": "a12ef25e",
  "approve(address,uint256)": "095ea7b3",
  "membership()": "a2bf68b9",
};

/** Name and arguments of the call; addresses as lower-case text, numbers as BigInt. */
export function decoded(calldata) {
  const text = calldata.replace(/^0x/, "").toLowerCase();
  const signature = Object.keys(SELECTORS).find((one) => SELECTORS[one] === text.slice(0, 8));
  if (!signature) return null;
  const [name, types] = signature.slice(0, -1).split("(");
  const words = text.slice(8).match(/.{64}/g) ?? [];
  const args = types.split(",").filter(Boolean).map((type, index) => {
    const word = words[index] ?? "";
    return type === "address" ? "0x" + word.slice(24) : BigInt("0x" + (word || "0"));
  });
  return { name, args };
}

const refuse = () => {
  throw new Told(say("transaction.mismatch"));
};

/** The community's membership contract, asked of the chain by the wallet's own node. */
async function membershipOf(wallet, community) {
  const word = await request(wallet, "eth_call", [{ to: community, data: "0x" + SELECTORS["membership()"] }, "latest"]);
  return "0x" + word.slice(-40).toLowerCase();
}

/** Refuses a transaction that is not what the viewer asked for: another contract, receiver, tier, time or amount. */
export async function check(wallet, community, wanted, prepared) {
  const membership = await membershipOf(wallet, community);
  const to = prepared.to.toLowerCase();
  const call = decoded(prepared.data);
  const value = BigInt(prepared.value || 0);
  if (!call || to !== (wanted.name === "collect" ? community : membership)) refuse();
  if (Number(prepared.chainId) !== wanted.chainId) refuse();
  if (wanted.name === "join") {
    const [tier, periods, price, , recipient, badge] = call.args;
    if (call.name !== "join" || tier !== BigInt(wanted.tier) || recipient !== wallet.address) refuse();
    if (badge !== BigInt(wanted.badge ?? 0)) refuse();
    if (wanted.price !== undefined && price !== BigInt(wanted.price)) refuse();
    if (value > price * periods || periods !== BigInt(wanted.periods ?? 1)) refuse();
  } else if (wanted.name === "renew") {
    const [token, periods, price] = call.args;
    if (call.name !== "renew" || token !== BigInt(wanted.token) || value > price * periods) refuse();
    if (periods !== BigInt(wanted.periods ?? 1)) refuse();
  } else if (wanted.name === "transfer") {
    const [from, recipient, token] = call.args;
    if (!/transferFrom$/i.test(call.name) || from !== wallet.address || recipient !== wanted.to || token !== BigInt(wanted.token) || value) refuse();
  } else if (call.name !== wanted.name || value) refuse();
  for (const approval of prepared.before ?? []) {
    const allowed = decoded(approval.data);
    if (allowed?.name !== "approve" || allowed.args[0] !== membership || BigInt(approval.value || 0)) refuse();
    if (approval.to.toLowerCase() !== call.args[3]) refuse(); // the currency that both kinds of payment name
    if (call.name === "join" && allowed.args[1] > call.args[1] * call.args[2]) refuse();
    if (call.name === "renew" && allowed.args[1] > call.args[1] * call.args[2]) refuse();
  }
}
