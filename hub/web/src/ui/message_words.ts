import { words } from "~/base/words.ts";

// What stands around the words of a mail.
export const t = words({
  earlier: { sv: "Visa tidigare meddelanden", en: "Show earlier messages" },
  whole: { sv: "Visa hela texten", en: "Show the whole text" },
  notFetched: { sv: (host: string) => (host ? `Bild från ${host} hämtas inte` : "En bild utifrån hämtas inte"), en: (host: string) => (host ? `A picture from ${host} is not fetched` : "A picture from elsewhere is not fetched") },
  picture: { sv: (alt: string) => (alt ? `Öppna bilden: ${alt}` : "Öppna bilden"), en: (alt: string) => (alt ? `Open the picture: ${alt}` : "Open the picture") },
  noPicture: { sv: (alt: string) => (alt ? `Bilden ${alt} kan inte visas här` : "Bilden kan inte visas här"), en: (alt: string) => (alt ? `The picture ${alt} cannot be shown here` : "The picture cannot be shown here") },
  original: { sv: "Visa originalet (.eml)", en: "Show the original (.eml)" },
  signed: { sv: (how: string) => `Signerat (${how})`, en: (how: string) => `Signed (${how})` },
  signedNot: { sv: "Signaturen har inte kontrollerats", en: "The signature has not been checked" },
  encrypted: { sv: "Krypterat", en: "Encrypted" },
  encryptedAbout: { sv: "Innehållet är krypterat och kan inte läsas här.", en: "The content is encrypted and cannot be read here." },
});
