// Two recovery keys, made here and never sent: only their public halves leave the browser, signed by the wallet.

import { govern } from "./act.js";
import { busy, reasonOf, say, show, slot, tell } from "./page.js";
import { compressed, hex } from "./session.js";

const base64 = (bytes) => btoa(String.fromCharCode(...bytes));

async function newKey() {
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
  const point = compressed(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  const file = { koinon: "recovery-key", v: 1, public: base64(point), pkcs8: base64(pkcs8) };
  return { point: hex(point), text: JSON.stringify(file, null, 2) + "\n" };
}

function download(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function recoveryPage(root) {
  const community = document.body.dataset.community;
  let keys = [];
  const saved = new Set();
  const button = (act, index) => root.querySelector(`[data-recovery-act="${act}"]${index === undefined ? "" : `[data-index="${index}"]`}`);
  const done = (step, yes = true) => (root.querySelector(`[data-step="${step}"]`).dataset.done = String(yes));
  const acts = {
    async make() {
      keys = [await newKey(), await newKey()];
      saved.clear();
      done("make");
      done("save", false);
      [0, 1].forEach((index) => (button("save", index).disabled = false));
      button("sign").disabled = true;
      button("save", 0).focus();
    },
    save(index) {
      download(`koinon-recovery-${community.slice(2, 10)}-${index + 1}.json`, keys[index].text);
      saved.add(index);
      if (saved.size === 2) done("save"), (button("sign").disabled = false);
    },
    async sign() {
      await govern(community, "recovery.set", { data: { keys: keys.map((key) => key.point) } });
      keys = [];
      done("sign");
      ["make", "save", "sign"].forEach((act) => root.querySelectorAll(`[data-recovery-act="${act}"]`).forEach((one) => (one.disabled = true)));
      slot(root, "existing")?.remove();
      slot(root, "done").hidden = false;
      tell(say("recovery.saved"));
    },
  };
  root.addEventListener("click", ({ target }) => {
    const pressed = target.closest("[data-recovery-act]");
    if (!pressed) return;
    show(slot(root, "error"), "");
    busy(pressed, () => Promise.resolve(acts[pressed.dataset.recoveryAct](Number(pressed.dataset.index))).catch((error) => show(slot(root, "error"), reasonOf(error))));
  });
  addEventListener("beforeunload", (event) => keys.length && event.preventDefault());
}

recoveryPage(document.querySelector("[data-recovery]"));
