// Signing in (EIP-4361) with a key of this browser: P-256, made by WebCrypto, not extractable, kept in IndexedDB.
// One wallet signature proves the address and lets that key write in its name; it costs nothing and moves no money.

import { get, post, remove } from "./api.js";
import { SteppedBack, Told, ask, say, show, slot } from "./page.js";
import { choose, current, need, request } from "./wallet.js";

const DATABASE = "koinon";
const STORE = "keys";

export const viewer = () => document.body.dataset.viewer;
/** The home's time in unix seconds: a chain's clock need not be this machine's. */
export const homeTime = () => Number(document.body.dataset.now) + Math.floor(performance.now() / 1000);
export const chainId = () => Number(document.body.dataset.chainId);

function setViewer(address) {
  if (document.body.dataset.viewer === address) return;
  document.body.dataset.viewer = address;
  dispatchEvent(new CustomEvent("koinon:viewer", { detail: address }));
}

/** One request to the key store. */
function keyStore(mode, run) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const asked = run(database.transaction(STORE, mode).objectStore(STORE));
      asked.onsuccess = () => (database.close(), resolve(asked.result));
      asked.onerror = () => (database.close(), reject(asked.error));
    };
  });
}

export const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

export const hex = (bytes) => "0x" + [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
export const bytesOf = (text) => Uint8Array.from(text.replace(/^0x/, "").match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** The 33 bytes of a point of P-256 from the 65 that WebCrypto exports. */
export function compressed(point) {
  return Uint8Array.of(2 + (point[64] & 1), ...point.subarray(1, 33));
}

/**
 * The text that the wallet signs, in the exact form of EIP-4361, with one resource. A home that speaks of another site,
 * wallet or purpose (`wanted`: the resource as this page knows it) is not believed.
 */
export function messageOf(fields, wallet, resource, wanted = resource) {
  const ours = fields.domain === location.host && fields.uri === location.origin;
  if (!ours || fields.address.toLowerCase() !== wallet.address || resource.toLowerCase() !== wanted.toLowerCase())
    throw new Told(say("transaction.mismatch"));
  return [
    `${fields.domain} wants you to sign in with your Ethereum account:`,
    fields.address,
    "",
    fields.statement,
    "",
    `URI: ${fields.uri}`,
    `Version: ${fields.version}`,
    `Chain ID: ${fields.chain_id}`,
    `Nonce: ${fields.nonce}`,
    `Issued At: ${fields.issued_at}`,
    `Expiration Time: ${fields.expiration_time}`,
    "Resources:",
    `- ${resource}`,
  ].join("\n");
}

/** The text with the wallet's signature, as the home takes it. */
export async function signed(wallet, text) {
  const signature = await request(wallet, "personal_sign", [hex(new TextEncoder().encode(text)), wallet.address]);
  return { message: text, signature };
}

/** A new key of this browser that the wallet lets write in its name, and the session that this opened. */
async function delegated(wallet, send) {
  const { message_fields: fields, key_expires_at: until } = await post("/api/session/nonce", { address: wallet.address });
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const point = compressed(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
  const text = messageOf(fields, wallet, `urn:koinon:key:1:${base64url(point)}:${until}:write`);
  return { session: await send(await signed(wallet, text)), privateKey: pair.privateKey };
}

/** Signs the wallet's owner in. The wallet shows one message; nothing else happens. */
export async function signInWith(wallet) {
  const { session, privateKey } = await delegated(wallet, (proof) => post("/api/session", proof));
  const kept = { key: session.key, expiresAt: session.key_expires_at, privateKey };
  await keyStore("readwrite", (store) => store.put(kept, wallet.address));
  setViewer(wallet.address);
  return wallet.address;
}

/** A key for one act alone, which nobody keeps: its session's cookie is thrown away, and the browser's stays. */
export async function keyForOneAct(wallet) {
  const { session, privateKey } = await delegated(wallet, (proof) => post("/api/session", proof, { credentials: "omit" }));
  return { address: wallet.address, key: session.key, expiresAt: session.key_expires_at, privateKey };
}

/** Asks for the signature, saying what it does, at the first act that needs it. */
export async function signIn(why = "") {
  const wallet = await need();
  if (viewer() === wallet.address && (await keyOf(wallet.address))) return wallet.address;
  const address = await ask("dialog-sign-in", {
    fill: (dialog) => why && show(slot(dialog, "why"), why),
    act: () => signInWith(wallet),
  });
  if (!address) throw new SteppedBack();
  return address;
}

async function keyOf(address) {
  const kept = await keyStore("readonly", (store) => store.get(address));
  return kept?.key && kept.expiresAt > homeTime() ? kept : null;
}

/** The viewer and the key that writes in its name; asks for a sign-in only when there is none. */
export async function writer() {
  const address = viewer() || (await signIn());
  const key = await keyOf(address);
  if (key) return { address, ...key };
  const again = await signIn();
  return { address: again, ...(await keyOf(again)) };
}

/** The session is no longer good: forgets its key, so that the next act signs in again. */
export const forgetKey = (address) => keyStore("readwrite", (store) => store.delete(address));

export async function signOut() {
  await remove("/api/session");
  if (viewer()) await forgetKey(viewer());
  setViewer("");
}

/** The wallet that pays or signs for the viewer. Choosing another account ends the session of the first. */
export async function actingWallet() {
  let wallet = await current();
  if (!wallet || (viewer() && wallet.address !== viewer())) wallet = await choose();
  if (viewer() && wallet.address !== viewer()) await signOut();
  return wallet;
}

export async function connect() {
  const wallet = await choose();
  if (viewer() && wallet.address !== viewer()) await signOut();
  return wallet;
}


export const sessionNow = () => get("/api/session");
