// What people type as amounts and addresses, as contracts take it.

import { FieldWrong, Told, say } from "./page.js";

export const ZERO = "0x" + "0".repeat(40);

/** Base units of the amount in a field; of none `empty`. Throws FieldWrong when it is no number, or has too many decimals. */
export function baseUnits(field, decimals, empty = null) {
  const typed = field.value.replace(/\s/g, "").replace(",", ".");
  if (!typed && empty !== null) return BigInt(empty);
  const [, whole = "", digits = ""] = /^(\d{0,40})(?:\.(\d*))?$/.exec(typed) ?? [];
  const part = digits.replace(/0+$/, "");
  if (!(whole || digits) || part.length > decimals) throw new FieldWrong(field, say("amount.wrong", { decimals }));
  return BigInt(whole + part.padEnd(Number(decimals), "0"));
}

/** 1/10 000 of the percentage in a field. Throws FieldWrong. */
export const bps = (field) => Number(baseUnits(field, 2));

function addressOf(text) {
  const typed = text.toLowerCase();
  if (!/^0x[0-9a-f]{40}$/.test(typed)) throw new Told(say("address.wrong", { text: text.slice(0, 60) }));
  return typed;
}

/** What `read` makes of a field. Throws FieldWrong in the place of Told. */
function reading(field, read) {
  try {
    return read(field.value);
  } catch (error) {
    throw error instanceof Told ? new FieldWrong(field, error.message) : error;
  }
}

/** Every address in a field, each once, however they are separated. Throws FieldWrong. */
export const typedAddresses = (field) => reading(field, (text) => [...new Set(text.split(/[\s,;]+/).filter(Boolean).map(addressOf))]);

/**
 * The one address in a field, in lower case; undefined when nothing was typed where nothing is required, or there is no
 * such field. Throws FieldWrong.
 */
export function typedAddress(field) {
  if (!field || (!field.value.trim() && !field.required)) return undefined;
  return reading(field, (text) => addressOf(text.trim()));
}
