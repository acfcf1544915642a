// The notice that the home is behind the chain: it counts on, and goes when the home has caught up.

import { get } from "./api.js";
import { refreshAll } from "./live.js";
import { say, show, slot } from "./page.js";

const ASK_AGAIN = 2_000; // milliseconds

const notice = document.querySelector("[data-standing]");

async function follow() {
  const now = await get("/api/status").catch(() => null); // the home itself is away: ask again
  if (now?.status === "fresh") {
    notice.remove();
    return refreshAll();
  }
  const bar = slot(notice, "bar");
  if (now && bar) {
    Object.assign(bar, { max: now.head_block, value: Math.max(now.block, 0) });
    show(slot(notice, "count"), say("standing.count", { number: now.block, head: now.head_block }));
  }
  setTimeout(follow, ASK_AGAIN);
}

setTimeout(follow, ASK_AGAIN);
