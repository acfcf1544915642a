// How many notices wait, beside the menu of whoever is signed in.

import { get } from "./api.js";

export async function drawUnread() {
  const badge = document.querySelector("[data-unread]");
  if (!badge) return;
  const { unread } = await get("/api/notices/unread");
  badge.hidden = !unread;
  badge.querySelector("[data-count]").textContent = unread > 99 ? "99+" : String(unread);
}
