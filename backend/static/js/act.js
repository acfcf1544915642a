// Acts: what an author signs for the community's log (docs/log.md). The session key signs words; the wallet itself
// signs what governs (gates, recovery keys, profile), as EIP-712 typed data that it shows in plain.

import { Refusal, get, postBytes, postForm } from "./api.js";
import { Told, say } from "./page.js";
import { actingWallet, bytesOf, chainId, forgetKey, hex, homeTime, keyForOneAct, writer } from "./session.js";
import { onChain, request } from "./wallet.js";

const PREFIX = new TextEncoder().encode("koinon/act/1\0");
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const SLICE = 1024 * 1024;
const TYPE = "application/vnd.ipld.dag-cbor";
const TRIES = 3;

const codec = () => import("../vendor/dag-cbor.js");
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

/** SHA-256 of the salt and the SHA-256 of each 1 MiB slice of the plain body: what its author vouches for. */
export async function commitOf(salt, plain) {
  const slices = [];
  for (let at = 0; at === 0 || at < plain.length; at += SLICE) slices.push(await sha256(plain.subarray(at, at + SLICE)));
  return sha256(joined(salt, ...slices));
}

/** A signature of r and s, 32 bytes each, with the lower of the two s that are valid. */
export function lowS(signature) {
  const s = BigInt(hex(signature.subarray(32)));
  if (s <= ORDER >> 1n) return signature;
  return joined(signature.subarray(0, 32), bytesOf((ORDER - s).toString(16).padStart(64, "0")));
}

/** JSON with sorted keys and no spaces, as the home writes it for the wallet to show. */
function sorted(value) {
  if (Array.isArray(value)) return `[${value.map(sorted).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const entries = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${sorted(value[key])}`);
  return `{${entries.join(",")}}`;
}

/** What the wallet shows and signs for an act that governs. `unsigned` are the act's bytes without signature. */
async function typedData(act, community, unsigned) {
  const field = (name, type) => ({ name, type });
  return {
    domain: { name: "Koinon", version: "1", chainId: act.community[0], verifyingContract: community },
    primaryType: "GovernAct",
    types: {
      EIP712Domain: [field("name", "string"), field("version", "string"), field("chainId", "uint256"), field("verifyingContract", "address")],
      GovernAct: [field("kind", "string"), field("data", "string"), field("n", "uint256"), field("at", "uint256"), field("act", "bytes32")],
    },
    message: { kind: act.kind, data: sorted(act.data), n: act.n, at: act.at, act: hex(await sha256(unsigned)) },
  };
}

/**
 * Sends text or a file to the home, which seals it when `gate` says so, and checks that it speaks of the same bytes.
 * Gives what an act says of the body, with `item` when it is sealed. A public file is stored as it is, so its commit
 * takes no salt. `progress` hears which share of it is on its way.
 */
export async function sendBody(community, { text, file, type = "text/markdown", gate, replyTo, place = "bodies", progress }) {
  await writer();
  const plain = file ? new Uint8Array(await file.arrayBuffer()) : new TextEncoder().encode(text);
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const form = new FormData();
  form.set("file", new Blob([plain]), file?.name ?? "text");
  form.set("type", file ? file.type : type);
  form.set("salt", btoa(String.fromCharCode(...salt)).replaceAll("+", "-").replaceAll("/", "_"));
  if (gate) form.set("gate", gate);
  if (replyTo) form.set("reply_to", replyTo);
  const stored = await postForm(`/api/communities/${community}/${place}`, form, progress);
  const commit = await commitOf(file && !gate ? new Uint8Array() : salt, plain);
  if (stored.size !== plain.length) throw new Told(say("commit.mismatch"));
  return { cid: stored.cid, size: plain.length, commit, ...(stored.item && { item: bytesOf(stored.item) }) };
}

/** Signs the act and gives it to the home; sends it again when the home names another number or time. */
async function place(community, act, sign) {
  for (let attempt = 1; ; attempt++) {
    try {
      const { encode } = await codec();
      const signed = encode({ ...act, sig: await sign(act, encode(act)) });
      return await postBytes(`/api/communities/${community}/acts`, signed, TYPE);
    } catch (error) {
      if (!(error instanceof Refusal) || attempt === TRIES) throw error;
      if (Number.isInteger(error.problem.expected)) act.n = error.problem.expected;
      else if (Number.isInteger(error.problem.at)) act.at = error.problem.at;
      else throw error;
    }
  }
}

const base = (community, kind, author, fields) => ({
  v: 1,
  community: [chainId(), bytesOf(community)],
  kind,
  author: bytesOf(author),
  at: homeTime(),
  data: {},
  ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
});

/** Writes in the viewer's name, signed by this browser's key. `fields`: data, subject, base, body. */
export async function write(community, kind, fields) {
  const { address, key, privateKey } = await writer();
  const { CID } = await codec();
  const me = await mine(community);
  const act = { ...base(community, kind, address, fields), key: CID.parse(key), n: me.next_n?.key ?? 1 };
  if (Number.isInteger(me.at)) act.at = me.at;
  const sign = async (_, unsigned) =>
    lowS(new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, joined(PREFIX, unsigned))));
  try {
    return await place(community, act, sign);
  } catch (error) {
    if (error.slug === "key-unknown") await forgetKey(address);
    throw error;
  }
}

/** Writes a post for a later time: signed now by a key of its own, with that time, and kept by the home until then. */
export async function writeLater(community, kind, fields, at) {
  const wallet = await actingWallet();
  const { key, expiresAt, privateKey } = await keyForOneAct(wallet);
  if (at >= expiresAt) throw new Told(say("schedule.far"));
  const { CID, encode } = await codec();
  const act = { ...base(community, kind, wallet.address, fields), key: CID.parse(key), n: 1, at };
  const signing = joined(PREFIX, encode(act));
  const sig = lowS(new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, signing)));
  return postBytes(`/api/communities/${community}/scheduled`, encode({ ...act, sig }), TYPE);
}

/** Governs in the owner's name, signed by the wallet itself. */
export async function govern(community, kind, fields) {
  const wallet = await actingWallet();
  await onChain(wallet, chainId());
  const me = await mine(community);
  const act = { ...base(community, kind, wallet.address, fields), key: null, n: me.next_n?.wallet ?? 1 };
  if (Number.isInteger(me.at)) act.at = me.at;
  return place(community, act, async (now, unsigned) => {
    const typed = await typedData(now, community, unsigned);
    return bytesOf(await request(wallet, "eth_signTypedData_v4", [wallet.address, JSON.stringify(typed)]));
  });
}

/** What the home knows of the viewer here: next numbers of its keys, time, membership. */
export const mine = (community) => get(`/api/communities/${community}/me`);
