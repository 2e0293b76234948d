import { many, words } from "~/base/words.ts";

export const t = words({
  title: { sv: "Aviseringar", en: "Notifications" },
  none: { sv: "Aviseringar, inga nya", en: "Notifications, none new" },
  some: { sv: (n: number) => `Aviseringar, ${many(n, "ny", "nya")}`, en: (n: number) => `Notifications, ${many(n, "new", "new")}` },
  came: { sv: (n: number) => `${many(n, "ny avisering", "nya aviseringar")}`, en: (n: number) => `${many(n, "new notification", "new notifications")}` },
  allRead: { sv: "Markera alla som lästa", en: "Mark all as read" },
  settings: { sv: "Välj vad du vill få veta", en: "Choose what you are told" },
  emptyTitle: { sv: "Inget nytt", en: "Nothing new" },
  emptyText: { sv: "När något händer i dina ärenden står det här.", en: "When something happens in your tickets, it stands here." },
  unread: { sv: "Ny", en: "New" },
});
