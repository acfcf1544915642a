// The demo's wallets and bar. No key is here: the local node signs for its own unlocked accounts.

import { get, post } from "./api.js";
import { busy, complain, say, tell } from "./page.js";
import { signInWith, signOut, viewer } from "./session.js";
import { connectTo, current, lastAddress } from "./wallet.js";

let next = 1;

async function call(method, params) {
  const answer = await post("/demo/rpc", { jsonrpc: "2.0", id: next++, method, params });
  if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error);
  return answer.result;
}

/** A wallet (EIP-1193) that speaks for one account of the demo's node. */
function wallet(address) {
  const accounts = new Set(["eth_accounts", "eth_requestAccounts"]);
  return {
    async request({ method, params = [] }) {
      if (accounts.has(method)) return [address];
      if (method === "wallet_switchEthereumChain") return null;
      if (method === "eth_signTypedData_v4") return call(method, [params[0], JSON.parse(params[1])]);
      return call(method, params);
    },
    on() {},
    removeListener() {},
  };
}

const rdnsOf = (persona) => `koinon.demo.${persona}`;

function announce({ name, persona, address }) {
  const info = {
    uuid: crypto.randomUUID(),
    name: name || say(`demo.${persona}`),
    note: say("demo.wallet"),
    icon: `/art/portrait/${address.toLowerCase()}.svg`,
    rdns: rdnsOf(persona),
  };
  const detail = Object.freeze({ info: Object.freeze(info), provider: wallet(address.toLowerCase()) });
  const speak = () => dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
  addEventListener("eip6963:requestProvider", speak);
  speak();
}

const FLASH = "koinon.demo.flash";

/** The page as it is now, with a word on what happened. */
function again(key) {
  if (key) sessionStorage.setItem(FLASH, key);
  location.reload();
}

const acts = {
  /** Sign-ins end with the time that was jumped over, so whoever was signed in is signed in again. */
  async jump() {
    const wallet = viewer() && (await current());
    await post("/demo/jump", { days: 30 });
    if (wallet) await signInWith(wallet);
    again("demo.jumped");
  },
  async reorg() {
    await post("/demo/reorg", {});
    again("demo.reorged");
  },
};

async function become(persona) {
  await announced;
  await signOut();
  const chosen = await connectTo(rdnsOf(persona));
  if (persona !== "outsider") await signInWith(chosen);
  again();
}

const bar = document.querySelector("[data-demo]");
const announced = get("/demo/wallets.json").then((wallets) => (wallets.forEach(announce), wallets));

bar.addEventListener("click", ({ target }) => {
  const persona = target.closest("[data-persona]");
  const act = target.closest("[data-demo-act]");
  if (persona) busy(persona, () => become(persona.dataset.persona).catch(complain));
  if (act) busy(act, () => acts[act.dataset.demoAct]().catch(complain));
});

const flash = sessionStorage.getItem(FLASH);
sessionStorage.removeItem(FLASH);
if (flash) tell(say(flash));

const last = lastAddress();
for (const { persona, address } of await announced)
  bar.querySelector(`[data-persona="${persona}"]`)?.setAttribute("aria-pressed", String(address.toLowerCase() === last));

const { at } = await get("/demo/state");
const day = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long" });
bar.querySelector("[data-demo-now]").textContent = day.format(at * 1000);
