// Wallets of this browser, found by EIP-6963. Connecting shows an address; it signs nothing.

import { SteppedBack, Told, ask, say, show, slot } from "./page.js";

const found = new Map(); // rdns -> { info, provider }
const KEY = "koinon.wallet";
const WAIT = 2000; // milliseconds that a remembered wallet may take to announce itself

addEventListener("eip6963:announceProvider", ({ detail }) => {
  if (!detail?.info?.rdns || !detail.provider) return;
  found.set(detail.info.rdns, detail);
  dispatchEvent(new CustomEvent("koinon:wallet-found", { detail: detail.info.rdns }));
});
dispatchEvent(new Event("eip6963:requestProvider"));

const remembered = () => {
  try {
    return JSON.parse(localStorage.getItem(KEY));
  } catch {
    return null;
  }
};

const remember = (wallet) => {
  if (wallet) localStorage.setItem(KEY, JSON.stringify({ rdns: wallet.info.rdns, address: wallet.address }));
  else localStorage.removeItem(KEY);
  dispatchEvent(new CustomEvent("koinon:wallet", { detail: wallet ?? null }));
};

/** The wallet is forgotten; one on another device is told so. */
export async function forget() {
  const one = found.get(remembered()?.rdns);
  if (one?.info.remote) await one.provider.disconnect().catch(() => {});
  remember(null);
}

/** A wallet on another device has left by itself. */
export const gone = (rdns) => remembered()?.rdns === rdns && remember(null);
export const lastAddress = () => remembered()?.address ?? "";

/** What a wallet's error means to the reader (EIP-1193 and JSON-RPC codes). */
export function walletError(error) {
  if (error instanceof Told) return error;
  const code = error?.code ?? error?.data?.originalError?.code;
  const text = String(error?.data?.message ?? error?.message ?? error);
  if (code === 4001 || code === "ACTION_REJECTED") return new Told(say("wallet.rejected"));
  if (code === -32002) return new Told(say("wallet.busy"));
  if (/insufficient funds|exceeds the balance/i.test(text)) return new Told(say("wallet.funds"));
  return new Told(say("wallet.failed", { reason: text.split("\n")[0].slice(0, 200) }));
}

export async function request(wallet, method, params = []) {
  try {
    return await wallet.provider.request({ method, params });
  } catch (error) {
    throw Object.assign(walletError(error), { cause: error });
  }
}

/** The announced wallet of this name, or null when it does not appear in time. */
function announced(rdns) {
  if (found.has(rdns)) return Promise.resolve(found.get(rdns));
  return new Promise((resolve) => {
    const stop = new AbortController();
    const timer = setTimeout(() => (stop.abort(), resolve(null)), WAIT);
    addEventListener(
      "koinon:wallet-found",
      ({ detail }) => {
        if (detail === rdns) clearTimeout(timer), stop.abort(), resolve(found.get(rdns));
      },
      { signal: stop.signal },
    );
    dispatchEvent(new Event("eip6963:requestProvider"));
  });
}

/** Connects a wallet by its name without asking which; null when it is not there. */
export async function connectTo(rdns) {
  const one = await announced(rdns);
  if (!one) return null;
  const [address] = await request(one, "eth_requestAccounts");
  if (!address) throw new Told(say("wallet.none"));
  const wallet = { ...one, address: address.toLowerCase() };
  remember(wallet);
  return wallet;
}

/** The wallet of the last visit, if it is still here and still shows the same account; asks nobody anything. */
export async function current() {
  const last = remembered();
  if (!last) return null;
  const one = await announced(last.rdns);
  if (!one) return null;
  const accounts = (await request(one, "eth_accounts")).map((account) => account.toLowerCase());
  return accounts.includes(last.address) ? { ...one, address: last.address } : null;
}

/** The name of the wallet that the viewer chooses. Throws when none is chosen. */
async function picked(why = "") {
  const wallet = await ask("dialog-wallets", {
    fill(dialog, close) {
      if (why) show(slot(dialog, "why"), why);
      const list = slot(dialog, "wallets");
      const draw = () => {
        const [here, remote] = [false, true].map((far) => [...found.values()].filter(({ info }) => Boolean(info.remote) === far));
        list.replaceChildren(...[...here, ...remote].map((one) => option(one, close)));
        list.firstElementChild?.toggleAttribute("autofocus", true);
        slot(dialog, "none").hidden = found.size > 0;
        slot(dialog, "apps").hidden = here.length > 0 || !matchMedia("(pointer: coarse)").matches;
      };
      slot(dialog, "links").replaceChildren(...appLinks());
      slot(dialog, "qr").src = `/qr.svg?path=${encodeURIComponent(location.pathname + location.search)}`;
      addEventListener("koinon:wallet-found", draw);
      dialog.addEventListener("close", () => removeEventListener("koinon:wallet-found", draw));
      dispatchEvent(new Event("eip6963:requestProvider"));
      draw();
    },
  });
  if (!wallet) throw new SteppedBack();
  return wallet;
}

/** Lets the viewer choose a wallet. Throws when none is chosen. */
export const choose = async () => connectTo(await picked());

/**
 * A wallet for one signature beside the one that acts for the viewer, which stays as it is; none of `known`. It may be
 * another account of the same extension, which is then asked to show it.
 */
export async function another(known) {
  const one = await announced(await picked(say("wallet.another")));
  if (!one) throw new Told(say("wallet.none"));
  const others = async (method) =>
    (await request(one, method)).map((account) => account.toLowerCase()).filter((account) => !known.includes(account));
  let [address] = await others("eth_requestAccounts");
  if (!address) {
    const asked = await request(one, "wallet_requestPermissions", [{ eth_accounts: {} }]).catch(({ cause }) => cause);
    if (asked?.code !== 4001) [address] = await others("eth_accounts");
  }
  if (!address) throw new Told(say("wallet.same"));
  return { ...one, address };
}

/** How wallet apps on phones are asked to open this page in their own browser. */
function appLinks() {
  const here = location.href;
  const apps = {
    MetaMask: `https://metamask.app.link/dapp/${here.replace(/^https?:\/\//, "")}`,
    "Coinbase Wallet": `https://go.cb-w.com/dapp?cb_url=${encodeURIComponent(here)}`,
    "Trust Wallet": `https://link.trustwallet.com/open_url?coin_id=60&url=${encodeURIComponent(here)}`,
  };
  return Object.entries(apps).map(([name, href]) => {
    const link = document.createElement("a");
    link.className = "btn btn--small";
    link.href = href;
    link.rel = "noopener noreferrer";
    link.textContent = name;
    return link;
  });
}

function option({ info }, close) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.rdns = info.rdns;
  const icon = document.createElement("img");
  icon.alt = "";
  if (/^data:image\/|^\//.test(info.icon ?? "")) icon.src = info.icon;
  const text = document.createElement("span");
  text.textContent = info.name;
  if (info.note) {
    const note = document.createElement("small");
    note.textContent = info.note;
    text.append(note);
  }
  button.append(icon, text);
  button.addEventListener("click", () => close(info.rdns));
  return button;
}

/** The wallet that acts for the viewer: the connected one, else the one that is chosen now. */
export const need = async () => (await current()) ?? (await choose());

const UNKNOWN_CHAIN = [4902, -32603]; // EIP-3085; some wallets on phones say only that something failed

/** The wallet stands on the community's network afterwards, or an error says how to get there. */
export async function onChain(wallet, chainId) {
  if (Number(await request(wallet, "eth_chainId")) === chainId) return;
  const id = "0x" + chainId.toString(16);
  const { chainName, chainRpc } = document.body.dataset;
  try {
    await wallet.provider.request({ method: "wallet_switchEthereumChain", params: [{ chainId: id }] });
  } catch (error) {
    if (error?.code === 4001) throw walletError(error);
    if (chainRpc && UNKNOWN_CHAIN.includes(error?.code ?? error?.data?.originalError?.code)) {
      const nativeCurrency = { name: "Ether", symbol: document.body.dataset.coin ?? "ETH", decimals: 18 };
      await request(wallet, "wallet_addEthereumChain", [{ chainId: id, chainName, rpcUrls: [chainRpc], nativeCurrency }]);
    }
  }
  if (Number(await request(wallet, "eth_chainId")) !== chainId) throw new Told(say("wallet.chain", { chain: chainId }));
}
