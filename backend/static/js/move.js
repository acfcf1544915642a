// Moving a community to another home.

import { post } from "./api.js";
import { say, tell } from "./page.js";
import { transact } from "./transaction.js";

const here = () => document.body.dataset.community;

export const actions = {
  async anchor() {
    await post(`/api/communities/${here()}/anchor`);
    tell(say("anchor-asked"));
  },
};

export const forms = {
  async go(form) {
    const uri = form.elements.uri.value.trim().replace(/\/$/, "");
    const homeKey = form.elements.key.value.trim().toLowerCase();
    const { sequence, digest } = form.dataset;
    const wanted = { name: "move-home", contract: "Community", call: "moveHome", args: { uri, homeKey, baseDigest: digest, sequence } };
    const body = { uri, home_key: homeKey, sequence: Number(sequence), base_digest: digest };
    if (await transact(here(), wanted, body, "move-done")) location.reload();
  },
};
