// Transactions: the API prepares, the page checks and shows, the wallet signs, the chain decides.

import { get, post, short } from "./api.js";
import { check, isBlind } from "./calldata.js";
import { refreshAll } from "./live.js";
import { Told, ask, card, complain, reasonOf, say, show, slot } from "./page.js";
import { actingWallet, chainId } from "./session.js";
import { onChain, request } from "./wallet.js";

const POLL = 500; // milliseconds between looks for a receipt
const FINAL_POLL = 5_000;
const SLOW = 45_000; // milliseconds after which the card says that it takes long

const PENDING = "koinon.pending";
let leaving = false;
addEventListener("pagehide", () => (leaving = true));

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Plays one prepared transaction to its end. `community`: its address, "" where there is none yet.
 * `wanted`: {name, contract, call, args, pays, currency, to}: the operation, and what its call must be (see calldata.js); `body`:
 * what the API needs to prepare it; `done`: key of the last sentence. Resolves to the wallet when the home has seen it,
 * with `hash`; undefined when the viewer stepped back or it failed.
 */
export async function transact(community, wanted, body, done) {
  const wallet = await actingWallet();
  await onChain(wallet, chainId());
  const place = community ? `/api/communities/${community}` : "/api";
  const prepared = await post(`${place}/transactions/${wanted.name}`, { ...body, account: wallet.address });
  const call = await check(wallet, community, { ...wanted, chainId: chainId() }, prepared);
  const hash = await ask("dialog-transaction", {
    fill: (dialog) => describe(dialog, prepared, wallet, wanted.contract, call),
    act: () => sendAll(wallet, prepared),
  });
  if (!hash) return undefined;
  return (await follow(hash, done)) ? Object.assign(wallet, { hash }) : undefined;
}

function describe(dialog, prepared, wallet, contract, call) {
  slot(dialog, "summary").textContent = prepared.summary;
  slot(dialog, "before").hidden = !prepared.before?.length;
  const whole = isBlind(wallet) ? (address) => address : short;
  slot(dialog, "blind")?.toggleAttribute("hidden", !isBlind(wallet));
  const facts = [
    [say("fact.from"), `${wallet.info.name}, ${short(wallet.address)}`],
    [say("fact.contract"), `${contract} ${whole(prepared.to)}`],
    [say("fact.call"), call.name],
    ...(call.args.spender ? [[say("fact.spender"), whole(call.args.spender)]] : []),
    [say("fact.fee"), say("fact.about", { amount: prepared.fee })],
  ];
  slot(dialog, "facts").replaceChildren(
    ...facts.flatMap(([term, value]) => {
      const dt = document.createElement("dt");
      const dd = document.createElement("dd");
      dt.textContent = term;
      dd.textContent = value;
      return [dt, dd];
    }),
  );
}

/** Sends what must come first and waits for it, then the transaction itself; gives its hash. */
async function sendAll(wallet, prepared) {
  for (const first of prepared.before ?? []) await life(await send(wallet, first));
  return send(wallet, prepared);
}

/** `gas` is only a limit: a wallet may show and change it, and what is not burned is not paid. */
const send = (wallet, { to, data, value, gas }) =>
  request(wallet, "eth_sendTransaction", [{ from: wallet.address, to, data, value, ...(gas && { gas }) }]);

/** What the home says of it; null while the home does not answer: the chain goes on without us. */
async function seen(hash) {
  try {
    return await get(`/api/transactions/${hash}`);
  } catch (error) {
    if (error instanceof TypeError || error.status >= 500) return null;
    throw error;
  }
}

/** Waits until the home says that the transaction is in a block, and `indexed` when that is wanted. */
async function life(hash, { indexed = false, final = false, slow } = {}) {
  const started = Date.now();
  for (;;) {
    const now = await seen(hash);
    if (!now) slow?.(say("transaction.offline"));
    else if (now.state === "reverted") throw new Told(say("transaction.reverted", { reason: say("transaction.unexplained") }));
    else if (now.state === "confirmed" && (now.final || !final) && (now.indexed || !indexed)) return;
    if (now && Date.now() - started > SLOW && !final) slow?.(say("transaction.slow"));
    await pause(final ? FINAL_POLL : POLL);
  }
}

/** Shows the life of a sent transaction in a card; true when the community's home has seen it. */
async function follow(hash, done) {
  sessionStorage.setItem(PENDING, JSON.stringify({ hash, done }));
  const view = card(say("transaction.sent"), { steps: true });
  const slow = (why) => view.note(why);
  view.hash(`${hash.slice(0, 14)}…${hash.slice(-8)}`);
  view.step("signed", "done");
  view.step("seen", "now");
  try {
    await life(hash, { slow });
    view.step("seen", "done");
    view.step("confirmed", "now");
    await life(hash, { slow, indexed: true });
    view.step("confirmed", "done");
    await refreshAll();
    view.step("final", "now");
    view.end(say("transaction.done"), say(done));
    life(hash, { final: true }).then(() => view.step("final", "done"), complain);
    return true;
  } catch (error) {
    view.node.querySelectorAll('[data-state="now"]').forEach((item) => (item.dataset.state = "failed"));
    view.end(say("transaction.failed"), reasonOf(error), true);
    return false;
  } finally {
    if (!leaving) sessionStorage.removeItem(PENDING);
  }
}

/** Goes on with a transaction that was on its way when the page was left. */
export function resume() {
  const { hash, done } = JSON.parse(sessionStorage.getItem(PENDING));
  return follow(hash, done);
}
