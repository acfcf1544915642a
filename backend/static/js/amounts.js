// What people type as amounts and addresses, as contracts take it.

import { Told, say } from "./page.js";

export const ZERO = "0x" + "0".repeat(40);

/** Base units of a typed amount; empty is `empty`. Throws what to tell when it is no number, or has too many decimals. */
export function baseUnits(text, decimals, empty = null) {
  const typed = text.trim().replace(",", ".");
  if (!typed && empty !== null) return BigInt(empty);
  const [, whole, part = ""] = /^(\d{1,40})(?:\.(\d*))?$/.exec(typed) ?? [];
  if (whole === undefined || part.length > decimals) throw new Told(say("amount.wrong", { decimals }));
  return BigInt(whole + part.padEnd(decimals, "0"));
}

/** A typed address in lower case; undefined when nothing was typed. */
export function typedAddress(text) {
  const typed = text.trim().toLowerCase();
  if (!typed) return undefined;
  if (!/^0x[0-9a-f]{40}$/.test(typed)) throw new Told(say("address.wrong", { text: text.trim().slice(0, 60) }));
  return typed;
}

/** Every address of a list, each once, however they are separated. */
export const typedAddresses = (text) => [...new Set(text.split(/[\s,;]+/).filter(Boolean).map(typedAddress))];
