import { many, words } from "~/base/words.ts";

// About mails of a ticket: who really wrote, and whether what was sent arrived.
export const t = words({
  proven: { sv: "Avsändaren styrkt", en: "Sender verified" },
  notProven: { sv: "Avsändaren kunde inte styrkas", en: "The sender could not be verified" },
  notProvenHelp: {
    sv: (from: string) => `Någon annan kan ha skrivit i namnet ${from}. Lämna inte ut något och godkänn inget på det här mejlets ord; ring upp på ett nummer du redan har.`,
    en: (from: string) => `Somebody else may have written as ${from}. Give nothing away and approve nothing on this mail's word; call back on a number that you already have.`,
  },
  checks: { sv: "Kontrollerna", en: "The checks" },
  mailFrom: { sv: (address: string) => `Mejl från ${address}`, en: (address: string) => `Mail from ${address}` },
  toldAll: { sv: (names: string) => `Mejlat till ${names}`, en: (names: string) => `Mailed to ${names}` },
  andMore: { sv: (n: number) => `och ${many(n, "till", "till")}`, en: (n: number) => `and ${many(n, "more", "more")}` },
  waiting: { sv: "på väg", en: "on its way" },
  sent: { sv: "skickat", en: "sent" },
  failed: { sv: "kunde inte skickas", en: "could not be sent" },
  bounced: { sv: "kom i retur", en: "came back" },
  notReached: { sv: (who: string) => `Nådde inte ${who}`, en: (who: string) => `Did not reach ${who}` },
  bouncedHelp: { sv: "Kontrollera adressen, eller hör av dig på annat sätt. Ändrar du adressen kan du skriva igen.", en: "Check the address, or get in touch another way. Once the address is right, write again." },
  failedHelp: { sv: "Mejlet har inte lämnat servicedesken. Försök igen, eller be driften titta.", en: "The mail has not left the desk. Try again, or ask operations to look." },
  lateHelp: { sv: "Mottagarens server försöker fortfarande. Brådskar det, ring.", en: "The receiving server is still trying. If it is urgent, call." },
  call: { sv: (number: string) => `Ring ${number}`, en: (number: string) => `Call ${number}` },
  showDelivery: { sv: "Visa leveransen", en: "Show the delivery" },
  serverSaid: { sv: (why: string) => `Servern svarade: ${why}`, en: (why: string) => `The server said: ${why}` },
  evLate: { sv: (who: string) => `Mejlet till ${who} dröjer`, en: (who: string) => `The mail to ${who} is late` },
});
