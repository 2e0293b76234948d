// What one was told about a ticket is read by reading the ticket.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "~/api/client.ts";
import { invalidate, type Page } from "~/api/cache.ts";
import type { Notification } from "~/api/types.ts";

export const unreadCount = signal(0); // as the bell knows it
const lookedAtMax = 100;

export function useReadAbout(ticket: number) {
  const unread = unreadCount.value;
  useEffect(() => {
    if (unread === 0 || document.visibilityState !== "visible") return;
    void readAbout(ticket).catch(() => undefined); // the bell goes on saying so; the next visit tries again
  }, [ticket, unread]);
}

async function readAbout(ticket: number) {
  const { items } = await api.get<Page<Notification>>("notifications", { unread: true, limit: lookedAtMax });
  const ids = items.flatMap((each) => (each.ticket === ticket ? [each.id] : []));
  if (ids.length === 0) return;
  await api.post("notifications/read", { ids });
  invalidate("notifications");
}
