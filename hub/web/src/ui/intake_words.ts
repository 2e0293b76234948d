// What the intake of mails notes for the desk, in Swedish: it writes in English, one sentence a line. A line that is not
// known here stays as it is.
import { language } from "~/base/words.ts";

// {} stands for what is put in; $1, $2 … in the Swedish for it.
const sentences: readonly (readonly [string, string])[] = [
  ["The sender {} is not known, so nothing was sent to that address.", "Avsändaren $1 är inte känd, så inget har skickats till den adressen."],
  ["{} is new: made a person of this customer by the mail domain.", "$1 är ny och har blivit en person hos kunden, efter adressens domän."],
  ["{} wrote this by machine or list ({}): no receipt was sent.", "$1 skrev det här maskinellt eller genom en lista ($2), så inget kvitto skickades."],
  ["This address got {} receipts within an hour, as many as receipts_per_hour allows: no further one was sent. The ticket is registered all the same.", "Adressen har fått $1 kvitton den senaste timmen, och fler skickas inte. Ärendet är registrerat ändå."],
  ["This address wrote the same words within an hour and got {} receipts for them: no further one was sent. The ticket is registered all the same.", "Adressen har skrivit samma ord den senaste timmen och fått $1 kvitton, så inget till skickades. Ärendet är registrerat ändå."],
  ["This address has opened {} tickets within an hour, which is the most, so this mail is put here. If it is about something else, make a ticket of it. If a machine sends them, ask its owner to slow it down, or have the operator raise [mail] tickets_per_hour.", "Adressen har fått $1 ärenden den senaste timmen, vilket är det mesta, så det här mejlet läggs här. Gäller det något annat, gör ett ärende av det. Om en maskin skickar dem, be den som sköter den att sakta ned, eller be driften att höja [mail] tickets_per_hour."],
  ["The same mail was sent to {} of team {}, too.", "Samma mejl skickades också till $1 i gruppen $2."],
  ["The same mail was sent to another customer's address, too.", "Samma mejl skickades också till en annan kunds adress."],
  ["{} of customer {} has that address.", "$1 hos kunden $2 har den adressen."],
  ["It names {}, but its sender has no part in that ticket.", "Det nämner $1, men avsändaren är inte med i det ärendet."],
  ["It names {}, but could not be added there.", "Det nämner $1, men kunde inte läggas till där."],
  ["It was sent to team {}, too.", "Det skickades också till gruppen $1."],
  ["A mail with the same words came before whose sender may be somebody else than he says.", "Ett mejl med samma ord har kommit tidigare, och den avsändaren kan vara någon annan än det står."],
  ["The original is attached to this note.", "Originalet är bifogat här."],
  ["The mail could not be read. The original is attached to this note.", "Mejlet gick inte att läsa. Originalet är bifogat här."],
  ["The mail is damaged, so something of it may be missing. The original is attached to this note.", "Mejlet är skadat, så något kan saknas. Originalet är bifogat här."],
  ["The sender wants answers at {}.", "Avsändaren vill ha svar till $1."],
  ["The file \"{}\" has {}, more than a ticket takes: it is in the original.", "Filen $1 är på $2, mer än ett ärende tar emot. Den finns i originalet."],
  ["The file \"{}\" is one of more than {}: it is in the original.", "Filen $1 är en av fler än $2. Den finns i originalet."],
  ["A mail to this ticket whose sender is not proven.", "Ett mejl till ärendet, vars avsändare inte kunde styrkas."],
  ["{} wrote about this ticket, but did not open it.", "$1 skrev om ärendet, men är inte den som öppnade det."],
  ["{} wrote through a mailing list.", "$1 skrev genom en e-postlista."],
  ["An automatic mail from {} ({}).", "Ett automatiskt mejl från $1 ($2)."],
  ["A mail of this ticket came back, or was reported on, by {} ({}).", "Ett mejl i ärendet kom i retur, eller så kom en rapport om det, från $1 ($2)."],
  ["Nobody knows who wrote this: it says {}, but nothing proves that. Do nothing on the strength of it before you have asked that person another way.", "Ingen vet vem som skrev det här: det står $1, men inget styrker det. Gör inget på det här mejlets ord innan du har frågat personen på annat sätt."],
  ["Nobody knows who wrote this: it says {}, but the mail server found that false. Do nothing on the strength of it before you have asked that person another way.", "Ingen vet vem som skrev det här: det står $1, men mejlservern fann att det inte stämmer. Gör inget på det här mejlets ord innan du har frågat personen på annat sätt."],
  ["Nobody knows who wrote this: it says {}, but the mail server found that false ({}). Do nothing on the strength of it before you have asked that person another way.", "Ingen vet vem som skrev det här: det står $1, men mejlservern fann att det inte stämmer ($2). Gör inget på det här mejlets ord innan du har frågat personen på annat sätt."],
  ["The mail is encrypted: only who has the key can read it. It is attached as it came.", "Mejlet är krypterat, så bara den som har nyckeln kan läsa det. Det är bifogat som det kom."],
  ["The formatted text is too large or too deeply nested: it is shown as plain text only.", "Den formaterade texten är för stor, så den visas som ren text."],
  ["The formatted text has more than {} parts or {} kB: it is shown as plain text only.", "Den formaterade texten är för stor, så den visas som ren text."],
  ["{} pictures written into the text could not be taken out of it: they are in the original.", "$1 bilder i texten gick inte att ta ut. De finns i originalet."],
  ["… and {} more.", "… och $1 till."],
];

let patterns: (readonly [RegExp, string])[] | undefined;
function swedish(line: string): string {
  patterns ??= sentences.map(([english, words]) => [new RegExp(`^${english.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll("{}", "(.{1,400}?)")}$`), words]);
  for (const [pattern, words] of patterns) {
    const found = pattern.exec(line);
    if (found) return words.replace(/\$(\d)/g, (_, i: string) => found[Number(i)] ?? "");
  }
  return line;
}

const linesMax = 40; // its remarks stand first; what follows is the mail
export function intakeNote(text: string): string {
  if (language.value !== "sv") return text;
  const lines = text.split("\n");
  return [...lines.slice(0, linesMax).map(swedish), ...lines.slice(linesMax)].join("\n");
}
