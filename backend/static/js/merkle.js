// The fingerprint of an allow-list, made here so that the server's can be compared: Keccak-256 (as in Ethereum) and a tree
// of sorted pairs over double-hashed leaves. Lanes are BigInt: slow, and small enough to read.

const MASK = (1n << 64n) - 1n;
const RATE = 136; // bytes
const PLACES = [];
const TURNS = [];
const ROUNDS = [];

for (let round = 0, x = 1, y = 0, bit = 1n; round < 24; round += 1) {
  [x, y] = [y, (2 * x + 3 * y) % 5];
  PLACES.push(5 * y + x);
  TURNS.push(BigInt((((round + 1) * (round + 2)) / 2) % 64));
  let constant = 0n;
  for (let each = 0; each < 7; each += 1) {
    bit = ((bit << 1n) ^ ((bit >> 7n) * 0x71n)) % 256n;
    if (bit & 2n) constant ^= 1n << ((1n << BigInt(each)) - 1n);
  }
  ROUNDS.push(constant);
}

const turned = (lane, by) => ((lane << by) | (lane >> (64n - by))) & MASK;

function permute(lanes) {
  for (const constant of ROUNDS) {
    const columns = Array.from({ length: 5 }, (_, x) => lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20]);
    for (let x = 0; x < 5; x += 1) {
      const mixed = columns[(x + 4) % 5] ^ turned(columns[(x + 1) % 5], 1n);
      for (let y = 0; y < 25; y += 5) lanes[x + y] ^= mixed;
    }
    let current = lanes[1];
    PLACES.forEach((place, index) => {
      const next = lanes[place];
      lanes[place] = turned(current, TURNS[index]);
      current = next;
    });
    for (let y = 0; y < 25; y += 5) {
      const row = lanes.slice(y, y + 5);
      for (let x = 0; x < 5; x += 1) lanes[y + x] = row[x] ^ (~row[(x + 1) % 5] & MASK & row[(x + 2) % 5]);
    }
    lanes[0] ^= constant;
  }
}

/** Keccak-256 of bytes, as bytes. */
export function keccak(bytes) {
  const padded = new Uint8Array((Math.floor(bytes.length / RATE) + 1) * RATE);
  padded.set(bytes);
  padded[bytes.length] = 1;
  padded[padded.length - 1] |= 0x80;
  const lanes = new Array(25).fill(0n);
  const view = new DataView(padded.buffer);
  for (let start = 0; start < padded.length; start += RATE) {
    for (let lane = 0; lane < RATE / 8; lane += 1) lanes[lane] ^= view.getBigUint64(start + 8 * lane, true);
    permute(lanes);
  }
  const out = new DataView(new ArrayBuffer(32));
  for (let lane = 0; lane < 4; lane += 1) out.setBigUint64(8 * lane, lanes[lane], true);
  return new Uint8Array(out.buffer);
}

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const bytesOf = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** The root over these addresses, as 0x text. */
export function rootOf(accounts) {
  const leaf = (account) => hex(keccak(keccak(bytesOf("0".repeat(24) + account.slice(2)))));
  let level = [...new Set(accounts)].map(leaf).sort();
  while (level.length > 1) {
    const above = [];
    for (let at = 0; at < level.length; at += 2) {
      const pair = level.slice(at, at + 2).sort();
      above.push(pair.length === 2 ? hex(keccak(bytesOf(pair.join("")))) : pair[0]);
    }
    level = above;
  }
  return "0x" + level[0];
}
