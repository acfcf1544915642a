// What an owner does with tiers, members and coupons.

import { ZERO, baseUnits, bps, typedAddress } from "./amounts.js";
import { post } from "./api.js";
import { addressOf } from "./calldata.js";
import { word } from "./community.js";
import { refreshAll } from "./live.js";
import { Told, confirmed, say, slot, tell } from "./page.js";
import { actingWallet, chainId, homeTime, writer } from "./session.js";
import { transact } from "./transaction.js";
import { onChain, request } from "./wallet.js";

const NO_LIST = "0x" + "0".repeat(64);
const MOST_GRANTS = 80; // of one transaction
const MOST_DISCOUNT = 2000;
const MOST_RATE = 3000;
const DAY = 86_400;

const here = () => document.body.dataset.community;
const call = (name, function_, args, body, done) => transact(here(), { name, contract: "Membership", call: function_, args }, body, done);
const tierOf = (form) => Number(form.dataset.tier);

function discountOf(form) {
  const found = bps(form.elements.discount);
  if (found > MOST_DISCOUNT) throw new Told(say("discount.high"));
  return found;
}

/** The first second of a day in a date field; 0 when it is empty. */
const dayOf = (field) => (field.value ? Math.floor(Date.parse(`${field.value}T00:00:00Z`) / 1000) : 0);

// --- Tiers -----------------------------------------------------------------------------------------------------------

async function create(form) {
  const { elements } = form;
  const [start, end] = [dayOf(elements.start), dayOf(elements.end)];
  if (end && end <= Math.max(start, homeTime())) throw new Told(say("tier.dates"));
  const price = baseUnits(elements.price, form.dataset.decimals);
  const discount = price ? discountOf(form) : 0;
  const body = {
    label: elements.label.value.trim(),
    price: String(price),
    period_seconds: Number(elements.period.value),
    cap: Number(elements.cap.value || 0),
    sale_start: start,
    sale_end: end,
    soulbound: elements.soulbound.checked,
    invitation_only: elements.invitation.checked,
    invitee_discount_bps: discount,
  };
  const params = {
    label: word(body.label),
    price,
    periodSeconds: body.period_seconds,
    cap: body.cap,
    saleStart: start,
    saleEnd: end,
    soulbound: Number(body.soulbound),
    invitationOnly: Number(body.invitation_only),
    inviteeDiscountBps: discount,
  };
  if (await call("create-tier", "createTier", { params }, body, "tier.made")) form.reset();
}

async function price(form) {
  const next = baseUnits(form.elements.price, form.dataset.decimals);
  await call("tier-price", "setTierPrice", { tierId: tierOf(form), price: next }, { tier_id: tierOf(form), price: String(next) }, "tier.set");
}

async function label(form) {
  const text = form.elements.label.value.trim();
  await call("tier-label", "setTierLabel", { tierId: tierOf(form), label: word(text) }, { tier_id: tierOf(form), label: text }, "tier.set");
}

/** The root of the pasted list, which the home keeps; the one that stands when nothing was pasted. */
async function rootOf(form) {
  const accounts = form.elements.accounts.value.trim();
  if (accounts) {
    await writer();
    const kept = await post(`/api/communities/${here()}/allow-lists`, { accounts });
    tell(say("list.kept", { count: kept.count }));
    return kept.root;
  }
  if (form.dataset.root === NO_LIST) throw new Told(say("list.empty"));
  return form.dataset.root;
}

async function access(form) {
  const who = form.elements.who.value;
  const root = who === "list" ? await rootOf(form) : NO_LIST;
  const discount = discountOf(form);
  const args = { tierId: tierOf(form), invitationOnly: Number(who === "invitation"), allowRoot: root, inviteeDiscountBps: discount };
  const body = { tier_id: tierOf(form), invitation_only: who === "invitation", allow_root: root, invitee_discount_bps: discount };
  await call("tier-access", "setTierAccess", args, body, "tier.set");
}

async function retire(form) {
  const retiresAt = dayOf(form.elements.day);
  if (retiresAt < Number(form.dataset.least)) throw new Told(say("tier.too-soon"));
  if (!(await confirmed("retire"))) return;
  await call("retire-tier", "retireTier", { tierId: tierOf(form), retiresAt }, { tier_id: tierOf(form), retires_at: retiresAt }, "tier.retired");
}

async function rates(form) {
  const { elements } = form;
  const [bronze, silver, gold] = ["bronze", "silver", "gold"].map((name) => bps(elements[name]));
  const [silverFrom, goldFrom] = ["silver_from", "gold_from"].map((name) => Number(elements[name].value));
  if (gold > MOST_RATE || bronze > silver || silver > gold || silverFrom > goldFrom) throw new Told(say("rates.wrong"));
  const next = { bronzeBps: bronze, silverBps: silver, goldBps: gold, silverFrom, goldFrom };
  const body = { bronze_bps: bronze, silver_bps: silver, gold_bps: gold, silver_from: silverFrom, gold_from: goldFrom };
  await call("rates", "setRates", { rates: next }, body, "rates.set");
}

// --- People ----------------------------------------------------------------------------------------------------------

let checked = []; // lines that can be granted

function cell(row, text, tag = "td") {
  const made = document.createElement(tag);
  made.textContent = text;
  row.append(made);
}

async function check(form) {
  await writer();
  const body = { text: form.elements.text.value, tier_id: Number(form.elements.tier.value), days: Number(form.elements.days.value) };
  const lines = await post(`/api/communities/${here()}/grants/check`, body);
  checked = lines.filter((line) => !line.fault);
  const view = document.getElementById("grant-preview").content.firstElementChild.cloneNode(true);
  const rows = view.querySelector("tbody");
  for (const line of lines) {
    const row = document.createElement("tr");
    cell(row, line.number, "th");
    cell(row, line.recipient ? `${line.recipient.slice(0, 8)}…${line.recipient.slice(-6)}` : line.text);
    cell(row, line.tier);
    cell(row, line.seconds ? line.seconds / DAY : "");
    cell(row, line.fault ? say(`fault.${line.fault}`) : line.token_id ? say("grant.more", { token: line.token_id }) : say("grant.new"));
    row.toggleAttribute("data-fault", Boolean(line.fault));
    rows.append(row);
  }
  const parts = Math.ceil(checked.length / MOST_GRANTS);
  slot(view, "title").textContent = checked.length ? say("grant.title", { good: checked.length, all: lines.length }) : say("grant.none");
  slot(view, "go").hidden = !checked.length;
  slot(view, "go").textContent = say(parts > 1 ? "grant.go-many" : checked.length === 1 ? "grant.go-one" : "grant.go", { count: checked.length, parts });
  slot(form.closest("section"), "preview").replaceChildren(view);
}

/** One transaction for each so many; who got it leaves the list, so that going on after a failure gives nothing twice. */
async function grant(button) {
  const section = button.closest("section");
  while (checked.length) {
    const now = checked.slice(0, MOST_GRANTS);
    const grants = now.map((line) => ({ recipient: line.recipient, tierId: line.tier_id, seconds: line.seconds, tokenId: line.token_id }));
    const body = { grants: now.map((line) => ({ recipient: line.recipient, tier_id: line.tier_id, seconds: line.seconds, token_id: line.token_id })) };
    if (!(await call("grant", "grant", { grants }, body, "granted"))) return;
    checked = checked.slice(MOST_GRANTS);
  }
  slot(section, "preview").replaceChildren();
  section.querySelector("form").reset();
}

// --- Coupons ---------------------------------------------------------------------------------------------------------

const KINDS = { discount: 0, price: 1, trial: 2, invitation: 0 };
const TYPES = [["issuer", "address"], ["tierId", "uint16"], ["kind", "uint8"], ["value", "uint96"], ["recipient", "address"], ["uses", "uint32"], ["deadline", "uint40"], ["nonce", "uint256"]];
const DOMAIN = [["name", "string"], ["version", "string"], ["chainId", "uint256"], ["verifyingContract", "address"]];
const named = (list) => list.map(([name, type]) => ({ name, type }));

function valueOf(form) {
  const { kind, discount, days, price } = form.elements;
  if (kind.value === "trial") return BigInt(days.value) * BigInt(DAY);
  if (kind.value === "price") return baseUnits(price, form.dataset.decimals);
  if (kind.value === "invitation") return 0n;
  const part = bps(discount);
  if (part > 10_000) throw new Told(say("voucher.high"));
  return BigInt(part);
}

async function voucher(form) {
  const { elements } = form;
  await writer();
  const wallet = await actingWallet();
  await onChain(wallet, chainId());
  const nonce = crypto.getRandomValues(new BigUint64Array(2));
  const fields = {
    issuer: wallet.address,
    tierId: Number(elements.tier.value),
    kind: KINDS[elements.kind.value],
    value: String(valueOf(form)),
    recipient: typedAddress(elements.recipient) ?? ZERO,
    uses: Number(elements.uses.value),
    deadline: homeTime() + Number(elements.valid.value) * DAY,
    nonce: String((nonce[0] << 64n) | nonce[1]),
  };
  const contract = await addressOf(wallet, "Membership", here(), {});
  const typed = {
    domain: { name: "Koinon Membership", version: "1", chainId: chainId(), verifyingContract: contract },
    primaryType: "Voucher",
    types: { EIP712Domain: named(DOMAIN), Voucher: named(TYPES) },
    message: fields,
  };
  const signature = await request(wallet, "eth_signTypedData_v4", [wallet.address, JSON.stringify(typed)]);
  await post(`/api/communities/${here()}/vouchers`, { voucher: fields, signature, note: elements.note.value.trim() });
  form.reset();
  await refreshAll();
  tell(say("voucher.made"));
}

export const forms = { create, price, rates, label, access, retire, check, voucher };

export const actions = {
  grant,
  async pause({ dataset }) {
    const paused = dataset.paused === "true";
    await call("tier-paused", "setTierPaused", { tierId: Number(dataset.tier), paused: Number(paused) }, { tier_id: Number(dataset.tier), paused }, "tier.set");
  },
  async release({ dataset }) {
    await call("release-seat", "releaseSeat", { tokenId: dataset.token }, { token_id: Number(dataset.token) }, "seat.released");
  },
  async revoke({ dataset }) {
    await call("revoke", "revoke", { tokenId: dataset.token }, { token_id: Number(dataset.token) }, "revoked");
  },
  give({ dataset }) {
    const form = document.querySelector("[data-form='tending:check']");
    form.elements.text.value = dataset.holder;
    form.elements.tier.value = dataset.tier;
    form.scrollIntoView();
    form.elements.days.focus();
  },
  async settle({ dataset }) {
    const ids = dataset.ids.split(",");
    await call("settle", "settle", { tokenIds: ids }, { token_ids: ids.map(Number) }, "settled");
  },
  async withdraw({ dataset }) {
    const fields = JSON.parse(dataset.fields);
    await call("withdraw-voucher", "withdrawVoucher", { voucher: fields }, { voucher: fields }, "voucher.withdrawn");
  },
};

document.querySelector("[data-csv]")?.addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  if (file) target.form.elements.text.value = await file.text();
});
