// A wallet on another device, by WalletConnect: it announces itself beside the wallets of this browser. What it says goes
// sealed through the relay that the home's operator chose. The library (vendor/) is loaded when somebody chooses it.

import { SteppedBack, Told, ask, copy, say, show, slot } from "./page.js";
import { chainId } from "./session.js";
import { gone } from "./wallet.js";

const RDNS = "org.walletconnect";
const PATIENCE = 20_000; // milliseconds that the relay may take until there is a code to scan
const GOODBYE = 3_000; // milliseconds that a page waits for its goodbye to be sent
const SIGNS = ["eth_sendTransaction", "personal_sign", "eth_signTypedData_v4"];
const BESIDE = ["eth_call", "wallet_switchEthereumChain", "wallet_addEthereumChain"]; // not every wallet grants them
const EVENTS = ["accountsChanged", "chainChanged"];
const REFUSED = [5000, 5001, 5002]; // WalletConnect's codes of what its owner declined; 4001 in EIP-1193
const FAREWELL = { code: 6000, message: "User disconnected." };
const UNSUPPORTED = 4200; // EIP-1193

const nothing = () => {};
/** What the library would write to the console, or keep in memory for a download, it tells nobody. */
const silent = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing, child: () => ({ ...silent }) };

const library = () => import("../vendor/walletconnect.js");
const listeners = new Map(); // event -> functions (EIP-1193)
const over = new EventTarget(); // hears the topic of a session that has ended
let opening = null;

const emit = (event, detail) => listeners.get(event)?.forEach((hear) => hear(detail));
const fault = (code, text) => Object.assign(new Told(text), { code });

/** The promise, or an error when it takes longer. */
function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Told(say("walletconnect.relay"))), milliseconds)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The one client of this page; its sessions are kept in IndexedDB and outlive the page. */
const client = () =>
  (opening ??= open().catch((error) => {
    opening = null;
    throw error;
  }));

async function open() {
  const { Core, SignClient } = await library();
  const { walletconnect: projectId, walletconnectRelay: relayUrl } = document.body.dataset;
  const core = quieted(new Core({ projectId, relayUrl, telemetryEnabled: false, logger: silent }));
  const metadata = {
    name: `Koinon, ${location.host}`,
    description: document.querySelector("meta[name=description]").content,
    url: location.origin,
    icons: [`${location.origin}/static/img/mark.svg`],
  };
  const one = await SignClient.init({ core, metadata, logger: silent });
  one.on("session_delete", ({ topic }) => ended(topic));
  one.on("session_expire", ({ topic }) => ended(topic));
  one.on("session_update", ({ topic }) => emit("accountsChanged", accountsOf(one.session.get(topic))));
  one.on("session_event", ({ params: { event } }) => EVENTS.includes(event.name) && emit(event.name, event.data));
  return one;
}

/** Only sealed messages leave the page: no statistics, no frame of another host, no word beside a message on what is in it. */
function quieted(core) {
  const bare = (options) => ({ ...options, attestation: undefined, tvf: undefined });
  const { relayer } = core;
  const [publish, publishCustom] = [relayer.publish.bind(relayer), relayer.publishCustom.bind(relayer)];
  relayer.publish = (topic, message, options) => publish(topic, message, bare(options));
  relayer.publishCustom = ({ payload, opts }) => publishCustom({ payload, opts: bare(opts) });
  for (const [part, act] of [[core.verify, "register"], [core.verify, "resolve"], [core.eventClient, "init"]]) part[act] = async () => {};
  return core;
}

function ended(topic) {
  over.dispatchEvent(new CustomEvent("end", { detail: topic }));
  emit("accountsChanged", []);
  emit("disconnect", fault(4900, say("walletconnect.ended")));
  gone(RDNS);
}

/** The newest session that has not expired. */
const sessionOf = (one) =>
  one.session
    .getAll()
    .filter(({ expiry, namespaces }) => expiry * 1000 > Date.now() && namespaces.eip155)
    .sort((first, second) => second.expiry - first.expiry)[0];

const home = () => `eip155:${chainId()}`;
const chainsOf = (session) => [...new Set(session.namespaces.eip155.accounts.map((account) => account.split(":", 2).join(":")))];
/** Ours where the wallet granted it. */
const chainOf = (session) => chainsOf(session).find((chain) => chain === home()) ?? chainsOf(session)[0];
const accountsOf = (session) =>
  session.namespaces.eip155.accounts
    .filter((account) => account.startsWith(`${chainOf(session)}:`))
    .map((account) => account.split(":")[2].toLowerCase());

/** Shows a code to scan until a wallet has agreed, or its owner has declined. */
async function pair() {
  let left = false;
  const session = await ask("dialog-walletconnect", {
    async fill(dialog, close) {
      try {
        const one = await within(PATIENCE, client());
        const asked = { eip155: { chains: [home()], methods: [...SIGNS, ...BESIDE], events: EVENTS } };
        const { uri, approval } = await within(PATIENCE, one.connect({ optionalNamespaces: asked }));
        await draw(dialog, uri);
        const agreed = await approval();
        if (left) await goodbye(one, agreed);
        else close(agreed);
      } catch (error) {
        const refused = REFUSED.includes(error?.code);
        slot(dialog, "offer").hidden = true;
        show(slot(dialog, "state"), "");
        show(slot(dialog, "error"), refused ? say("wallet.rejected") : say("walletconnect.relay"));
      }
    },
  });
  left = !session;
  if (left) throw new SteppedBack();
  return session;
}

/** The pairing's address as a code and as a link; drawn here, since it holds the key that seals all messages. */
async function draw(dialog, uri) {
  const { qr } = await library();
  const { data, size } = qr(uri, { ecc: "L", border: 2 });
  const dark = data.flatMap((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : "")));
  slot(dialog, "code").setAttribute("viewBox", `0 0 ${size} ${size}`);
  slot(dialog, "modules").setAttribute("d", dark.join(""));
  slot(dialog, "link").href = uri;
  slot(dialog, "copy").addEventListener("click", () => copy(uri));
  slot(dialog, "offer").hidden = false;
  show(slot(dialog, "state"), say("walletconnect.waiting"));
}

const goodbye = (one, { topic }) => one.disconnect({ topic, reason: FAREWELL });

/** Says where to look while the wallet is asked; gives what takes it away again. */
function pointed({ peer: { metadata } }) {
  const hint = document.getElementById("walletconnect-hint").content.firstElementChild.cloneNode(true);
  const wallet = metadata.name || say("walletconnect.name");
  slot(hint, "text").textContent = say("walletconnect.look", { wallet });
  const app = metadata.redirect?.native ?? "";
  const opens = /^[a-z][a-z0-9+.-]*:/i.test(app) && !/^(javascript|data|blob|file|vbscript|about|filesystem):/i.test(app);
  const link = slot(hint, "link");
  link.hidden = !opens || !matchMedia("(pointer: coarse)").matches;
  if (!link.hidden) link.href = app;
  const place = document.querySelector("dialog[open] footer");
  if (place) place.before(hint);
  else document.querySelector("[data-activity]").append(hint);
  return () => hint.remove();
}

/** The wallet's answer; an error when its owner declines, or ends the session meanwhile. */
async function answered(one, session, call) {
  const stop = new AbortController();
  const cut = new Promise((_, reject) =>
    over.addEventListener("end", ({ detail }) => detail === session.topic && reject(fault(4900, say("walletconnect.ended"))), stop),
  );
  const done = pointed(session);
  try {
    return await Promise.race([one.request({ topic: session.topic, chainId: chainOf(session), request: call }), cut]);
  } catch (error) {
    throw REFUSED.includes(error?.code) ? { code: 4001, message: error.message } : error;
  } finally {
    stop.abort();
    done();
  }
}

async function request({ method, params = [] }) {
  const one = await client();
  let session = sessionOf(one);
  if (method === "eth_requestAccounts") session ??= await pair();
  if (/^eth_(requestA|a)ccounts$/.test(method)) return session ? accountsOf(session) : [];
  if (!session) throw fault(4100, say("walletconnect.ended"));
  if (method === "eth_chainId") return "0x" + Number(chainOf(session).split(":")[1]).toString(16);
  if (method === "wallet_switchEthereumChain" && chainsOf(session).includes(`eip155:${Number(params[0].chainId)}`)) return null;
  if (!session.namespaces.eip155.methods.includes(method)) throw fault(UNSUPPORTED, say("walletconnect.unsupported", { method }));
  return answered(one, session, { method, params });
}

/** Ends the session on both sides: here also when the relay is away; the wallet hears of it when it next listens. */
async function disconnect() {
  const one = await client();
  const said = one.session.getAll().map((session) => goodbye(one, session));
  await within(GOODBYE, Promise.allSettled(said)).catch(nothing);
  for (const { topic } of one.session.getAll()) await one.session.delete(topic, FAREWELL);
}

const provider = {
  request,
  disconnect,
  on: (event, hear) => listeners.set(event, (listeners.get(event) ?? new Set()).add(hear)),
  removeListener: (event, hear) => listeners.get(event)?.delete(hear),
};

const info = Object.freeze({
  uuid: crypto.randomUUID?.() ?? RDNS,
  name: say("walletconnect.name"),
  note: say("walletconnect.note"),
  icon: "/static/img/device.svg",
  rdns: RDNS,
  remote: true,
});
const announce = () => dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info, provider }) }));
addEventListener("eip6963:requestProvider", announce);
announce();
