// Badges: claim, settle, make a token, give away, invite; achievements: create, grant, vouchers.

import { get } from "./api.js";
import { addressOf } from "./calldata.js";
import { SteppedBack, Told, ask, confirmed, copy, say, slot, tell } from "./page.js";
import { actingWallet, chainId, homeTime } from "./session.js";
import { transact } from "./transaction.js";
import { onChain, request } from "./wallet.js";

export const NOBODY = "0x" + "0".repeat(40);
const DAY = 86_400;
const MOST_GRANTED = 100;
const ADDRESS = /^0x[0-9a-f]{40}$/;
const VOUCHER = [["issuer", "address"], ["achievementId", "uint32"], ["recipient", "address"], ["deadline", "uint40"], ["nonce", "uint256"]];

/** Of a part of the page; a refresh may have taken the part away meanwhile, then of the page. */
export const communityOf = (node) => (node.closest("[data-community]") ?? document.body).dataset.community;
const bytesIn = (text) => new TextEncoder().encode(text).length;

/** A random number below 2**128, as decimal text: tells apart what else says the same. */
export const salt = () => BigInt("0x" + [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("")).toString();

/** What a wallet shows and signs (EIP-712). */
export function typedData(name, contract, primaryType, fields, message) {
  const domain = { name, version: "1", chainId: chainId(), verifyingContract: contract };
  const kinds = { name: "string", version: "string", chainId: "uint256", verifyingContract: "address" };
  const listed = (pairs) => pairs.map(([field, type]) => ({ name: field, type }));
  return { domain, primaryType, types: { EIP712Domain: listed(Object.entries(kinds)), [primaryType]: listed(fields) }, message };
}

export const sign = (wallet, typed) => request(wallet, "eth_signTypedData_v4", [wallet.address, JSON.stringify(typed)]);

/** A call of this community's Badges or Membership, with these arguments. */
const badges = (node, name, call, args, body, done, contract = "Badges") => transact(communityOf(node), { name, contract, call, args }, body, done);

export const actions = {
  copy: ({ dataset }) => copy(dataset.text),
  async claim(button) {
    const ids = JSON.parse(button.dataset.badges);
    const done = button.dataset.first ? "badge.claimed-first" : "badge.claimed";
    await badges(button, "badge-claim", "claim", { badges: ids }, { badges: ids }, done, "Membership");
  },
  async settle(button) {
    const ids = JSON.parse(button.dataset.tokens);
    await badges(button, "badge-settle", "settle", { tokenIds: ids }, { token_ids: ids }, "badge.settled", "Membership");
  },
  async mint(button) {
    const { badge } = button.dataset;
    await badges(button, "badge-mint", "mint", { badge }, { badge: Number(badge) }, "badge.minted");
  },
  async adopt(button) {
    const { badge } = button.dataset;
    await badges(button, "badge-adopt-rates", "adoptRates", { badge }, { badge: Number(badge) }, "badge.adopted", "Membership");
  },
  async give(button) {
    const { token } = button.dataset;
    const to = await ask("dialog-give", { act: (dialog) => recipient(dialog, communityOf(button), token) });
    if (!to) return;
    // The id of an achievement is above 2**53: as text it goes through JSON unharmed.
    await badges(button, "badge-give", "transferFrom", { to, id: token }, { token_id: token, to }, "badge.given");
  },
  async burn(button) {
    const { token } = button.dataset;
    if (!(await confirmed("burn"))) return;
    const done = await badges(button, "achievement-burn", "burn", { tokenId: token }, { token_id: token }, "achievement.burned");
    if (done) location.assign("/account/badges");
  },
  "take-back": (button) => withdraw(button, voucherHere()),
  async take() {
    const voucher = voucherHere();
    const wallet = await actingWallet();
    if (voucher.recipient !== NOBODY && voucher.recipient !== wallet.address) throw new Told(say("voucher.other", { wallet: voucher.recipient }));
    const { signature, label, ...message } = voucher;
    const wanted = { name: "achievement-claim", contract: "Badges", call: "claimAchievement", args: { voucher: message, signature } };
    const body = {
      issuer: message.issuer,
      achievement_id: Number(message.achievementId),
      recipient: message.recipient,
      deadline: Number(message.deadline),
      nonce: message.nonce,
      signature,
    };
    const done = await transact(document.body.dataset.community, wanted, body, "achievement.taken");
    if (done) location.assign(`/c/${document.body.dataset.community}/achievements/${message.achievementId}`);
  },
};

/** A voucher that nobody has used ends. */
async function withdraw(node, { issuer, achievementId, nonce }) {
  const body = { issuer, achievement_id: Number(achievementId), nonce };
  return badges(node, "achievement-withdraw", "withdrawAchievementVoucher", { achievementId, issuer, nonce }, body, "voucher.taken-back");
}

export const forms = {
  /** The voucher of a link that was passed on. */
  async "take-back"(form) {
    const voucher = voucherIn(form.elements.link.value.trim().split("#")[1] ?? "");
    if (voucher.achievementId !== form.dataset.achievement) throw new Told(say("voucher.elsewhere"));
    if (await withdraw(form, voucher)) form.reset();
  },
  async create(form) {
    const value = (name) => form.elements[name].value.trim();
    const [label, description, issuer] = [value("label"), value("description"), value("issuer").toLowerCase()];
    if (bytesIn(label) > 32) throw new Told(say("achievement.label-long", { have: bytesIn(label) }));
    if (bytesIn(description) > 500) throw new Told(say("achievement.text-long", { have: bytesIn(description) }));
    const fields = { cap: Number(value("cap")), locked: form.elements.locked.checked, allowance: issuer ? Number(value("allowance")) : 0 };
    const params = { ...fields, label: padded(label), description, issuer: issuer || NOBODY, uri: "" };
    const body = { ...fields, label, description, issuer: issuer || null };
    if (await badges(form, "achievement-create", "createAchievement", { params }, body, "achievement.created")) form.reset();
  },
  async grant(form) {
    const recipients = addresses(form.elements.recipients.value);
    const achievementId = form.dataset.achievement;
    const body = { achievement_id: Number(achievementId), recipients };
    if (await badges(form, "achievement-grant", "grantAchievement", { achievementId, recipients }, body, "achievement.granted")) location.reload();
  },
  async text(form) {
    const [description, uri] = ["description", "uri"].map((name) => form.elements[name].value.trim());
    if (bytesIn(description) > 500) throw new Told(say("achievement.text-long", { have: bytesIn(description) }));
    const achievementId = form.dataset.achievement;
    const body = { achievement_id: Number(achievementId), description, uri };
    if (await badges(form, "achievement-text", "setAchievementText", { achievementId, description, uri }, body, "achievement.told")) location.reload();
  },
  async issuer(form) {
    const issuer = form.elements.issuer.value.trim().toLowerCase();
    const allowance = issuer ? Number(form.elements.allowance.value) : 0;
    const achievementId = form.dataset.achievement;
    const body = { achievement_id: Number(achievementId), issuer: issuer || null, allowance };
    const args = { achievementId, issuer: issuer || NOBODY, allowance };
    if (await badges(form, "achievement-issuer", "setAchievementIssuer", args, body, "achievement.issuer-set")) location.reload();
  },
  async voucher(form) {
    const community = communityOf(form);
    const wallet = await actingWallet();
    if (wallet.address !== form.dataset.issuer) throw new Told(say("voucher.not-issuer", { wallet: form.dataset.issuer }));
    await onChain(wallet, chainId());
    const contract = await addressOf(wallet, "Badges", community, {});
    const message = {
      issuer: wallet.address,
      achievementId: form.dataset.achievement,
      recipient: form.elements.recipient.value.trim().toLowerCase() || NOBODY,
      deadline: String(homeTime() + Number(form.elements.days.value) * DAY),
      nonce: salt(),
    };
    const signature = await sign(wallet, typedData("Koinon Badges", contract, "AchievementVoucher", VOUCHER, message));
    const packed = btoa(encodeURIComponent(JSON.stringify({ ...message, signature, label: form.dataset.label })));
    const link = `${location.origin}/c/${community}/achievements/claim#${packed}`;
    slot(form, "link").value = link;
    form.querySelector("[data-action='badges:copy']").dataset.text = link;
    slot(form, "made").hidden = false;
    tell(say("voucher.signed"));
  },
};

/** The wallet that a gift goes to; what speaks against it is shown once, and must be agreed to. */
async function recipient(dialog, community, token) {
  const to = slot(dialog, "to").value.trim().toLowerCase();
  const place = slot(dialog, "cautions");
  if (place.dataset.for !== to) {
    const { cautions } = await get(`/api/communities/${community}/badges/${token}/recipient?account=${to}`);
    place.dataset.for = to;
    place.hidden = !cautions.length;
    slot(dialog, "sure").checked = false;
    slot(dialog, "caution").textContent = cautions.map((each) => say(`caution.${each}`)).join(" ");
    if (cautions.length) throw new SteppedBack();
  }
  if (!place.hidden && !slot(dialog, "sure").checked) throw new Told(say("caution.sure"));
  return to;
}

/** The 32 bytes of a label, as the contract keeps it. */
const padded = (text) => "0x" + [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("").padEnd(64, "0");

function addresses(text) {
  const words = [...new Set(text.split(/[\s,;]+/).filter(Boolean).map((word) => word.toLowerCase()))];
  const wrong = words.find((word) => !ADDRESS.test(word));
  if (wrong || !words.length || words.length > MOST_GRANTED) throw new Told(say("achievement.addresses", { word: wrong ?? "" }));
  return words;
}

/** The voucher behind the # of the address. */
export const voucherHere = () => voucherIn(location.hash.slice(1));

/** The voucher that stands behind the # of a link. */
function voucherIn(text) {
  try {
    const voucher = JSON.parse(decodeURIComponent(atob(text)));
    if (!VOUCHER.every(([name, type]) => (type === "address" ? ADDRESS : /^[0-9]+$/).test(voucher[name]))) throw new SyntaxError();
    if (!/^0x([0-9a-f]{2})+$/i.test(voucher.signature)) throw new SyntaxError();
    return { ...voucher, label: String(voucher.label ?? "") };
  } catch {
    throw new Told(say("voucher.broken"));
  }
}

