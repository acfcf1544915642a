// Gates: what the editor built is signed by the owner's wallet. The editor itself is a plain form.

import { govern } from "./act.js";
import { Told, say, slot } from "./page.js";

const community = () => document.body.dataset.community;

export const forms = {
  async set(form) {
    const { gate, rule } = form.dataset;
    if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(gate)) throw new Told(say("gating.bad-name"));
    await govern(community(), "gate.set", { data: { gate, rule: JSON.parse(rule) } });
    location.assign(`/c/${community()}/manage/gates#gate-${gate}`);
  },
};

/** What was read is no longer what stands in the form: it cannot be signed until it was read again. */
document.querySelector("[data-editor]")?.addEventListener("input", () => {
  const outcome = document.querySelector("[data-outcome]");
  const [says, stale] = ["says", "stale"].map((name) => slot(outcome, name));
  if (!says) return;
  says.hidden = true;
  stale.hidden = false;
});
