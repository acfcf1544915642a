// Memberships: join, renew, give, change, automatic renewal, end, pass on; and the owner's income from them.

import { baseUnits } from "./amounts.js";
import { SteppedBack, Told, ask, confirmed, copy, say, slot, tell } from "./page.js";
import { refreshAll } from "./live.js";
import { actingWallet, chainId, homeTime, signIn, viewer } from "./session.js";
import { transact } from "./transaction.js";
import { onChain, request } from "./wallet.js";

const DAY = 86_400;
const LIFE = 2 ** 40 - 1;
const MOST_GIFTS = 50;
const ADDRESS = /^0x[0-9a-f]{40}$/;

const communityOf = (element) => element.dataset.community || document.body.dataset.community;
const currencyOf = (element) => element.closest("[data-currency]")?.dataset.currency || null;
const times = (price, count) => String(BigInt(price) * BigInt(count));
const membership = (name, call, args, rest = {}) => ({ name, contract: "Membership", call, args, ...rest });

/** Signs in who has just joined, so that what it unlocked opens; says so where it did. */
async function welcome(wallet) {
  if (!wallet) return false;
  if (viewer() !== wallet.address) {
    await signIn(say("joined.sign-in"));
    await refreshAll();
  }
  if (document.querySelector("[data-unsealed]")) tell(say("joined.open"));
  return true;
}

/** Who joins with a wallet that holds a membership already, perhaps one that expired, signs in and sees it. */
async function joining(element, wanted, body) {
  try {
    return await transact(communityOf(element), wanted, body, "joined");
  } catch (error) {
    if (error.problem?.error !== "AlreadyMember" || viewer()) throw error;
    await signIn(say("joined.before"));
    location.assign(`/c/${communityOf(element)}/membership`);
    throw new SteppedBack();
  }
}

/** The proof of a place on a tier's list, where the page gives one. */
const proofOf = ({ dataset }) => (dataset.proof ? JSON.parse(dataset.proof) : undefined);

/** The membership whose seat a join takes, where the page names one; as the API is told. */
const seatOf = ({ dataset }) => (dataset.seat ? { released_id: Number(dataset.seat) } : {});

/** What a join into a tier with a list, or into a full one, passes besides; undefined where it needs nothing. */
function placeOf(element) {
  const [proof, { seat }] = [proofOf(element), element.dataset];
  return proof || seat ? { ...(proof && { proof }), ...(seat && { releasedId: seat }) } : undefined;
}

async function renew(element, periods) {
  const { token, price } = element.dataset;
  const [currency, proof] = [currencyOf(element), proofOf(element)];
  const args = { tokenId: token, periods, price, expectedCurrency: currency, ...(proof && { proof }) };
  const wanted = membership("renew", proof ? "renewWith" : "renew", args, { pays: times(price, periods), currency });
  return transact(communityOf(element), wanted, { token_id: Number(token), periods }, "renewed");
}

/** Consent to renewals within the limits that a form states. */
async function consentTo(token, maxPrice, periods) {
  const consent = periods ? { maxPrice, periodsLeft: periods, until: LIFE } : { maxPrice: 0, periodsLeft: 0, until: 0 };
  const body = { token_id: Number(token), max_price: maxPrice, periods, until: LIFE };
  const done = periods ? "auto-on" : "auto-off";
  return transact(document.body.dataset.community, membership("auto-renew", "setAutoRenew", { tokenId: token, consent }), body, done);
}

const again = () => location.reload();

export const actions = {
  async join(button) {
    const { tier, price, badge } = button.dataset;
    const extras = placeOf(button);
    const args = { tierId: tier, periods: 1, price, expectedCurrency: currencyOf(button), badge: badge || 0, ...(extras && { extras }) };
    const wanted = membership("join", extras ? "joinWith" : "join", args, { pays: price, currency: currencyOf(button) });
    const body = { tier_id: Number(tier), periods: 1, badge: Number(badge || 0), ...seatOf(button) };
    await welcome(await joining(button, wanted, body));
  },
  renew: (button) => renew(button, 1),
  async transfer(button) {
    const { token } = button.dataset;
    const to = await ask("dialog-transfer", { act: (dialog) => slot(dialog, "to").value.trim().toLowerCase() });
    if (!to) return;
    const wanted = membership("transfer", "transferFrom", { tokenId: token, to });
    if (await transact(communityOf(button), wanted, { token_id: Number(token), to }, "transferred")) again();
  },
  async cancel(button) {
    if (!(await confirmed("cancel", { refund: button.dataset.refund }))) return;
    const { token } = button.dataset;
    const done = await transact(communityOf(button), membership("cancel", "cancel", { tokenId: token }), { token_id: Number(token) }, "cancelled");
    if (done) again();
  },
  async burn(button) {
    if (!(await confirmed("burn"))) return;
    const { token } = button.dataset;
    const done = await transact(communityOf(button), membership("burn", "burn", { tokenId: token }), { token_id: Number(token) }, "burned");
    if (done) again();
  },
  async "stop-auto"({ dataset }) {
    if (await consentTo(dataset.token, "0", 0)) again();
  },
  copy: ({ dataset }) => copy(dataset.text),
  async move(button) {
    const { token, count, contract } = button.dataset;
    const link = await ask("dialog-move", {
      act: async (dialog) => {
        const to = slot(dialog, "to").value.trim().toLowerCase();
        const wallet = await actingWallet();
        await onChain(wallet, chainId());
        const deadline = homeTime() + DAY;
        const typed = walletChange({ tokenId: token, from: wallet.address, to, transferCount: Number(count), deadline }, contract);
        const signature = await request(wallet, "eth_signTypedData_v4", [wallet.address, JSON.stringify(typed)]);
        const query = new URLSearchParams({ token, to, deadline, signature });
        return `${location.origin}/c/${communityOf(button)}/membership/move?${query}`;
      },
    });
    if (!link) return;
    await ask("dialog-link", {
      fill: (dialog) => (slot(dialog, "link").value = link),
      act: () => copy(link),
    });
  },
  async "accept-move"(button) {
    const { token, to, deadline, signature } = button.dataset;
    const wallet = await actingWallet();
    if (wallet.address !== to) throw new Told(say("move.wrong", { wallet: `${to.slice(0, 6)}…${to.slice(-4)}` }));
    const wanted = membership("change-wallet", "changeWallet", { tokenId: token, to, deadline, holderSignature: signature });
    const done = await transact(communityOf(button), wanted, { token_id: Number(token), deadline: Number(deadline), signature }, "moved");
    if (done) again();
  },
};

/** EIP-712 WalletChange, by which a holder lets a membership go to another wallet of its own. */
function walletChange(message, contract) {
  const field = (name, type) => ({ name, type });
  return {
    domain: { name: "Koinon Membership", version: "1", chainId: chainId(), verifyingContract: contract },
    primaryType: "WalletChange",
    types: {
      EIP712Domain: [field("name", "string"), field("version", "string"), field("chainId", "uint256"), field("verifyingContract", "address")],
      WalletChange: [field("tokenId", "uint256"), field("from", "address"), field("to", "address"), field("transferCount", "uint16"), field("deadline", "uint40")],
    },
    message,
  };
}

/** Where somebody pays for the renewal of another's membership. */
function renewalLink(form, account, name) {
  const link = document.createElement("a");
  link.href = `/c/${communityOf(form)}/gift?to=${account}`;
  link.textContent = say("gift.renew", { name });
  return link;
}

/** Consent that a join asks for: undefined when the viewer did not choose it. */
function chosenConsent(form) {
  const { auto, cap, times: most } = form.elements;
  if (!auto?.checked) return undefined;
  return { max_price: String(baseUnits(cap, form.dataset.decimals)), periods: Number(most.value), until: LIFE };
}

export const forms = {
  /** With all choices: periods, voucher, consent. The contract's `joinWith` is called only when there is need. */
  async join(form) {
    const { tier, price, badge, trial, voucher } = form.dataset;
    const periods = Number(trial) ? 0 : Number(form.elements.periods?.value ?? 1);
    const [signed, consent] = [voucher ? JSON.parse(voucher) : undefined, chosenConsent(form)];
    const currency = currencyOf(form);
    const args = { tierId: tier, periods, price, expectedCurrency: currency, badge: badge || 0 };
    const place = placeOf(form);
    if (signed || consent || place)
      args.extras = {
        ...place,
        ...(signed && { voucher: signed.voucher, voucherSignature: signed.signature }),
        ...(consent && { consent: { maxPrice: consent.max_price, periodsLeft: consent.periods, until: consent.until } }),
      };
    const wanted = membership("join", args.extras ? "joinWith" : "join", args, { pays: times(price, periods), currency });
    const body = { tier_id: Number(tier), periods: periods || 1, badge: Number(badge || 0), ...(signed && { voucher: signed }), ...(consent && { auto_renew: consent }), ...seatOf(form) };
    if (await welcome(await joining(form, wanted, body))) location.assign(`/c/${communityOf(form)}`);
  },
  renew: (form) => renew(form, Number(form.elements.periods?.value ?? 1)),
  async gift(form) {
    const { tier, price } = form.dataset;
    const recipients = [...new Set(form.elements.recipients.value.toLowerCase().split(/[\s,;]+/).filter(Boolean))];
    if (!recipients.length || !recipients.every((each) => ADDRESS.test(each))) throw new Told(say("recipients.invalid"));
    if (recipients.length > MOST_GIFTS) throw new Told(say("recipients.many"));
    const periods = Number(form.elements.periods?.value ?? 1);
    const currency = currencyOf(form);
    const args = { tierId: tier, periods, price, expectedCurrency: currency, recipients };
    const wanted = membership("gift", "giftMany", args, { pays: times(times(price, periods), recipients.length), currency });
    const links = slot(form, "renewals");
    links.replaceChildren();
    try {
      if (await transact(communityOf(form), wanted, { tier_id: Number(tier), periods, recipients }, "gifts-given")) form.reset();
    } catch (error) {
      for (const { account, name } of error.problem?.members ?? []) links.append(renewalLink(form, account, name), " ");
      throw error;
    }
  },
  async auto(form) {
    const maxPrice = String(baseUnits(form.elements.cap, form.dataset.decimals));
    if (await consentTo(form.dataset.token, maxPrice, Number(form.elements.times.value))) again();
  },
  async allow(form) {
    const amount = String(baseUnits(form.elements.amount, form.dataset.decimals));
    const spender = await membershipOf(communityOf(form));
    const wanted = { name: "allow", contract: "ERC20", call: "approve", to: form.dataset.currency, args: { spender, amount } };
    if (await transact(communityOf(form), wanted, { amount }, "allowed")) again();
  },
  async "add-funds"(form) {
    const amount = String(baseUnits(form.elements.amount, form.dataset.decimals));
    if (await transact(communityOf(form), membership("add-funds", "addFunds", {}, { pays: amount }), { amount }, "funds-added")) again();
  },
  async withdraw(form) {
    const amount = String(baseUnits(form.elements.amount, form.dataset.decimals));
    if (await transact(communityOf(form), membership("withdraw-funds", "withdrawFunds", { amount }), { amount }, "funds-taken")) again();
  },
  async change(form) {
    const { token, tier, periods, price, pays, least } = form.dataset;
    const currency = currencyOf(form);
    const args = { tokenId: token, tierId: tier, periods, price, expectedCurrency: currency, minExpiresAt: least, proof: proofOf(form) };
    const wanted = membership("change-tier", "changeTier", args, { pays, currency });
    const body = { token_id: Number(token), tier_id: Number(tier), periods: Number(periods), pays, min_expires_at: Number(least) };
    if (await transact(communityOf(form), wanted, body, "tier-changed")) location.assign(`/c/${communityOf(form)}/membership`);
  },
};

/** The community's membership contract, by the word of the chain: it gets an allowance. */
async function membershipOf(community) {
  const [{ addressOf }, wallet] = await Promise.all([import("./calldata.js"), actingWallet()]);
  return addressOf(wallet, "Membership", community, {});
}
