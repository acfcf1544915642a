// A wallet on another device: WalletConnect's own client, from the file that pages load, with an account of a local node.
// Arguments: the client's module, the relay, the node's URL, the account. Reads a command a line, writes an event a line:
// {"pair": uri}  {"decline": [methods]}  {"grant": [methods]}  {"turn": {account, chain}}  {"end": true}

import { createInterface } from "node:readline";

const [module, relayUrl, node, account] = process.argv.slice(2);
const { Core, SignClient } = await import(module);
const kept = new Map();
const storage = {
  getKeys: async () => [...kept.keys()],
  getEntries: async () => [...kept.entries()],
  getItem: async (key) => structuredClone(kept.get(key)),
  setItem: async (key, value) => void kept.set(key, structuredClone(value)),
  removeItem: async (key) => void kept.delete(key),
};
const nothing = () => {};
const silent = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing, child: () => ({ ...silent }) };
const tell = (event) => process.stdout.write(JSON.stringify(event) + "\n");

const core = new Core({ projectId: "phone", relayUrl, telemetryEnabled: false, logger: silent, storage });
const metadata = { name: "Pocket phone", description: "", url: "https://pocket.example", icons: [], redirect: { native: "pocket://" } };
const client = await SignClient.init({ core, metadata, logger: silent });
let granted = ["eth_sendTransaction", "personal_sign", "eth_signTypedData_v4"];
let declined = [];

client.on("session_proposal", async ({ id, params }) => {
  const { chains, methods } = params.optionalNamespaces.eip155;
  tell({ proposed: { chains, methods, metadata: params.proposer.metadata } });
  if (declined.includes("session_proposal")) return client.reject({ id, reason: { code: 5000, message: "User rejected." } });
  const accounts = chains.map((chain) => `${chain}:${account}`);
  const namespaces = { eip155: { chains, accounts, methods: granted, events: ["accountsChanged", "chainChanged"] } };
  const { topic } = await client.approve({ id, namespaces });
  tell({ approved: topic });
});

client.on("session_request", async ({ id, topic, params: { request, chainId } }) => {
  tell({ asked: request.method, chain: chainId });
  const answer = { id, jsonrpc: "2.0" };
  if (declined.includes(request.method)) answer.error = { code: 5000, message: "User rejected." };
  else Object.assign(answer, await ofNode(request));
  await client.respond({ topic, response: answer });
});

client.on("session_delete", ({ topic }) => tell({ ended: topic }));

/** The node signs for its unlocked accounts, as the wallet's own key would. */
async function ofNode({ method, params }) {
  if (method === "eth_signTypedData_v4") params = [params[0], JSON.parse(params[1])];
  const body = JSON.stringify({ id: 1, jsonrpc: "2.0", method, params });
  const answer = await fetch(node, { method: "POST", body, headers: { "content-type": "application/json" } });
  const { result, error } = await answer.json();
  return error ? { error } : { result };
}

/** The owner shows another account, and stands on another chain. */
async function turn({ account, chain }) {
  for (const { topic, namespaces } of client.session.getAll()) {
    const [home] = namespaces.eip155.chains;
    const { acknowledged } = await client.update({ topic, namespaces: { eip155: { ...namespaces.eip155, accounts: [`${home}:${account}`] } } });
    await acknowledged();
    await client.emit({ topic, chainId: home, event: { name: "chainChanged", data: chain } });
  }
}

tell({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (command.pair) await client.pair({ uri: command.pair });
  if (command.decline) declined = command.decline;
  if (command.grant) granted = command.grant;
  if (command.turn) await turn(command.turn);
  if (command.end) for (const { topic } of client.session.getAll()) await client.disconnect({ topic, reason: { code: 6000, message: "" } });
}
process.exit(0);
