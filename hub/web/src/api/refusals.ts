// What the hub refuses, in Swedish: by its code, and by its sentence where the code alone does not say what is wrong. A
// sentence that is not known here is shown as the hub wrote it, in English, behind the code's own.
import { language } from "~/base/words.ts";

// One entry for every code that the hub can send; tests/web/words.test.mjs reads the hub's sources for them.
const codes: Record<string, string> = {
  invalid: "Något i uppgifterna stämmer inte.",
  unauthenticated: "Du är inte längre inloggad. Logga in och försök igen; inget du skrivit är borta.",
  credentials: "Mejladressen eller lösenordet stämmer inte.",
  code_required: "Det behövs också en kod från din app.",
  forbidden: "Det får du inte göra.",
  csrf: "Sidan är för gammal. Läs in den på nytt och försök igen.",
  not_found: "Det finns inte, eller så får du inte se det.",
  conflict: "Det går inte som läget är nu.",
  stale: "Någon annan hann ändra före dig. Titta på det nya och försök igen.",
  precondition_required: "Sidan är för gammal. Läs in den på nytt och försök igen.",
  too_large: "Det är för stort.",
  too_many: "För många försök på kort tid. Vänta en stund och försök igen.",
  unavailable: "Det går inte just nu. Inget har ändrats; försök igen om en stund.",
  order_not_approved: "Beställningen är inte godkänd av kundens egen organisation. Vänta på svaret, fråga igen, eller gå vidare utan och skriv varför.",
  no_recipient: "Svaret skulle inte nå någon: avsändaren är inte känd. Lägg till en person under Användare, eller skriv en intern anteckning.",
  not_understood: "Tredje parts besked gick inte att förstå.",
  unsupported_media_type: "Den sortens fil eller uppgift tas inte emot här.",
  method_not_allowed: "Sidan och servicedesken förstår inte varandra. Läs in sidan på nytt.",
  upgrade_required: "Sidan och servicedesken förstår inte varandra. Läs in sidan på nytt.",
  bad_request: "Sidan och servicedesken förstår inte varandra. Läs in sidan på nytt.",
  internal: "Något gick fel hos servicedesken. Försök igen; hjälper inte det, skriv till oss och ange felnumret.",
  error: "Något gick fel hos servicedesken. Försök igen; hjälper inte det, skriv till oss och ange felnumret.",
};
// Whose sentence says more than the code does. Of the others the code says it all, and better.
const telling = new Set(["invalid", "forbidden", "conflict", "too_large", "too_many"]);

// {} stands for what is put in; $1, $2 … in the Swedish for it.
const sentences: readonly (readonly [string, string])[] = [
  // tickets
  ["The ticket is {}. Reopen it first.", "Ärendet är $1. Öppna det igen först."],
  ["{} is closed. Reopen it first.", "$1 är avslutat. Öppna det igen först."],
  ["The ticket is already {}.", "Ärendet är redan $1."],
  ["The ticket is open.", "Ärendet är öppet."],
  ["The ticket has gone on in {}. Write there instead.", "Ärendet fortsätter i $1. Skriv där i stället."],
  ["The ticket has gone on in {}. Add the person there.", "Ärendet fortsätter i $1. Lägg till personen där."],
  ["The ticket has gone on in {}. Set the requester there.", "Ärendet fortsätter i $1. Ange användaren där."],
  ["Whoever was the requester then is in the directory no more.", "Den som var ärendets användare då finns inte längre bland användarna."],
  ["The ticket has gone on in {}. Rate that one.", "Ärendet fortsätter i $1. Lämna omdömet där."],
  ["{} has gone on in {}. Do it there.", "$1 fortsätter i $2. Gör det där."],
  ["This ticket has gone on in another one, which you have no part in. Register a new ticket.", "Ärendet fortsätter i ett annat, som du inte följer. Registrera ett nytt ärende."],
  ["Somebody is already at work on this ticket. Write that it is no longer needed; the desk will stop the work and close the ticket.", "Någon arbetar redan med ärendet. Skriv att det inte behövs längre, så avbryter servicedesken arbetet och avslutar det."],
  ["The desk has not solved the ticket yet. Write that you no longer need help instead.", "Servicedesken har inte löst ärendet än. Skriv i stället att du inte längre behöver hjälp."],
  ["The ticket is not solved yet; rate it when it is.", "Ärendet är inte löst än. Lämna ditt omdöme när det är det."],
  ["{} has registered the ticket and sees it already.", "$1 har registrerat ärendet och ser det redan."],
  ["Only the person who registered the ticket may do this. You can write in it.", "Det kan bara den som registrerade ärendet. Du kan skriva i det."],
  ["Only the person who registered the ticket rates it.", "Bara den som registrerade ärendet lämnar ett omdöme."],
  ["Only team leads move a ticket to another team than their own. Escalate it, with the reason, instead.", "Bara gruppledare flyttar ärenden till en annan grupp än sin egen. Eskalera det och skriv varför."],
  ["The ticket is there already, with that priority.", "Ärendet är redan där, med den prioriteten."],
  ["A ticket has at most {} participants.", "Ett ärende kan ha högst $1 deltagare."],
  ["A ticket holds at most {} files.", "Ett ärende kan ha högst $1 filer."],
  ["{} would have more than {} participants.", "$1 skulle få fler än $2 deltagare."],
  ["{} is related to {} tickets already; that is as many as it can.", "$1 är redan kopplat till $2 ärenden, och fler går inte."],
  ["{} is related to this ticket already ({}). Remove that first.", "$1 är redan kopplat till ärendet. Ta bort den kopplingen först."],
  ["{} has a parent already, {}. Remove that relation first.", "$1 har redan huvudärendet $2. Ta bort den kopplingen först."],
  ["{} is above {} already; it cannot be below it, too.", "$1 är redan huvudärende till $2 och kan inte också vara en del av det."],
  ["{} was merged into {} itself. Merge into that one.", "$1 är självt ihopslaget med $2. Slå ihop med det i stället."],
  ["This relation cannot be changed.", "Den kopplingen går inte att ändra."],
  ["The two tickets were merged; that they belong together cannot be removed.", "Ärendena är ihopslagna, så kopplingen går inte att ta bort."],
  ["Somebody has changed the same again since; look at the ticket before you change it back.", "Någon har ändrat samma sak igen sedan dess. Titta på ärendet innan du ändrar tillbaka."],
  ["This cannot be undone: it came with a registration, a hand-over, an approval or a merge.", "Det går inte att ångra: det hörde till en registrering, en överlämning, ett godkännande eller en ihopslagning."],
  ["This cannot be undone: it is no assignment, change, status or relation.", "Det går inte att ångra."],
  // orders
  ["Only orders are approved; this is no order.", "Bara beställningar godkänns, och det här är ingen."],
  ["This ticket does not wait for a yes.", "Ärendet väntar inte på något godkännande."],
  ["The order is {}; nobody waits for a yes.", "Beställningen är $1, så ingen väntar på ett godkännande."],
  ["{} has approved it already.", "$1 har redan godkänt den."],
  ["{} has rejected it already.", "$1 har redan sagt nej till den."],
  ["A supplier has the order already; withdraw that first.", "En tredje part har redan beställningen. Ta tillbaka den först."],
  ["Nobody decides what he ordered himself; another approver must.", "Ingen godkänner sin egen beställning. En annan godkännare behöver svara."],
  ["You wrote this order for its requester, so another approver must decide it.", "Du har skrivit beställningen åt någon annan, så en annan godkännare behöver svara."],
  ["You stand in for somebody who ordered or wrote this himself, so another approver must decide it.", "Du är ersättare för den som själv gjort beställningen, så en annan godkännare behöver svara."],
  ["Only an approver of the organisation that ordered it says yes or no.", "Bara en godkännare i organisationen som beställde kan svara."],
  ["You may read this order as an approver, but you take no part in it. Its requester or the desk can add you.", "Du kan läsa beställningen som godkännare men inte skriva i den. Den som beställde eller servicedesken kan lägga till dig."],
  ["{} wrote this order for its requester and so may not approve it; nobody else at customer \"{}\" could. Make another of its people an approver, or go on without a yes and say why.", "$1 har skrivit beställningen åt någon annan och får därför inte godkänna den, och ingen annan hos kunden kan. Be kunden utse en till godkännare, eller gå vidare utan och skriv varför."],
  ["The only one at customer \"{}\" who approves orders has ordered it. Make another of its people an approver, or go on without a yes and say why.", "Kundens enda godkännare har själv gjort beställningen. Be kunden utse en till godkännare, eller gå vidare utan och skriv varför."],
  ["Nobody at customer \"{}\" could approve it. Make one of its people an approver, or go on without a yes and say why.", "Ingen hos kunden kan godkänna den. Be kunden utse en godkännare, eller gå vidare utan och skriv varför."],
  // suppliers
  ["{} already has this ticket (delegation {}, {}).", "$1 har redan ärendet."],
  ["{} still has the ticket (delegation {}, {}). Accept its solution or withdraw the delegation first.", "$1 har fortfarande ärendet. Godkänn lösningen eller ta tillbaka uppdraget först."],
  ["{} still has {} (delegation {}, {}). Accept its solution or withdraw the delegation first, then merge.", "$1 har fortfarande $2. Godkänn lösningen eller ta tillbaka uppdraget först."],
  ["No agreement of customer \"{}\" covers the service \"{}\"{} now, so the ticket cannot be handed over. Refer the user instead, or add an agreement.", "Kunden har ingen överenskommelse om tjänsten nu, så ärendet kan inte lämnas över. Hänvisa användaren, eller lägg till en överenskommelse."],
  ["The link is not open, so its supplier is not asked. Resume it first.", "Kopplingen är inte öppen. Återuppta den först."],
  ["An agreement keeps its customer and its link. End this one and add another instead.", "Kund och tredje part går inte att byta. Avsluta överenskommelsen och lägg till en ny."],
  ["Delivery {} may have made the ticket at the supplier. Find out: confirm it with the ticket's number there, or retry it.", "Leverans $1 kan ha skapat ärendet hos tredje part. Ta reda på det: bekräfta med deras nummer, eller försök igen."],
  ["Reconciliation {} of this link is under way.", "Jämförelse $1 av kopplingen pågår redan."],
  ["Reconciliation {} is still under way; wait for its end.", "Jämförelse $1 pågår fortfarande. Vänta tills den är klar."],
  ["It has ended; there is nothing to stop.", "Den är redan klar, så det finns inget att avbryta."],
  // people and accounts
  ["There is an account with this e-mail address already.", "Det finns redan ett konto med den mejladressen."],
  ["The agent {} has an account already.", "Handläggaren $1 har redan ett konto."],
  ["The person {} at {} has another account already.", "$1 har redan ett annat konto."],
  ["Nobody changes his own roles; ask another administrator.", "Ingen ändrar sina egna roller. Be en annan administratör."],
  ["Nobody disables himself; ask another administrator.", "Ingen stänger av sig själv. Be en annan administratör."],
  ["This account is disabled.", "Kontot är avstängt."],
  ["A second factor is set up already; remove it first.", "Tvåstegsinloggning är redan påslagen."],
  ["There is no second factor to confirm; begin setting it up again.", "Det tog för lång tid. Börja om med tvåstegsinloggningen."],
  ["Without a password here, a second factor is your sign-in provider's matter.", "Du loggar in genom din organisation, som också sköter tvåstegsinloggningen."],
  ["The password was changed meanwhile.", "Lösenordet har bytts under tiden."],
  ["You have {} tokens already; revoke one of them first.", "Du har redan $1 nycklar. Återkalla en av dem först."],
  ["You have no password here: sign in by your provider again, then make the token within ten minutes.", "Logga in igen genom din organisation och skapa nyckeln inom tio minuter."],
  ["{} approves no orders; only who does has somebody stand in.", "$1 godkänner inga beställningar och kan därför inte ha en ersättare."],
  ["Too many wrong passwords or codes; wait a few minutes and try again.", "För många fel lösenord eller koder. Vänta några minuter och försök igen."],
  ["Too many people sign in at this moment; try again in a few seconds.", "Många loggar in just nu. Försök igen om några sekunder."],
  ["New tickets come to the team \"desk\"; it stays.", "Nya ärenden kommer till gruppen desk, så den går inte att ta bort."],
  // notices, articles, templates, views, mail
  ["It has its major incident already: see `customers`.", "Den är redan gjord till större incident."],
  ["It is over already. Announce a new one.", "Den är redan över. Skapa en ny."],
  ["The notice was dismissed. Publish it first if it matters after all.", "Den är avfärdad. Publicera den först om den ändå behövs."],
  ["This notice concerns no customer, so there is nobody to have a ticket.", "Den berör ingen kund, så det finns ingen att skapa ett ärende för."],
  ["A notice may concern several customers: only who works for all of them may do this.", "Driftinformation kan beröra flera kunder. Det får bara den göra som arbetar för alla."],
  ["Other customers read this article, too: only who works for all of them may do this.", "Andra kunder läser också artikeln. Det får bara den göra som arbetar för alla."],
  ["Only a published article can be rated.", "Bara publicerade artiklar kan få omdömen."],
  ["There is a template \"{}\" in that language for that audience already (number {}).", "Det finns redan en mall $1 på det språket för samma läsare."],
  ["There are {} templates already; remove one first.", "Det finns redan $1 mallar. Ta bort en först."],
  ["You have {} views already; remove one first.", "Du har redan $1 vyer. Ta bort en först."],
  ["Only the person who made this view changes it.", "Bara den som har gjort vyn ändrar den."],
  ["Only team leads and administrators who work for all customers share a view.", "Bara gruppledare och administratörer som arbetar för alla kunder delar vyer."],
  ["The mail is done; {}", "Mejlet är redan klart."],
  // fields
  ["is required", "Fyll i fältet"],
  ["must not be empty", "Fyll i fältet"],
  ["is too long", "Texten är för lång"],
  ["is {} bytes long; at most {} are allowed", "Texten är för lång"],
  ["must be a whole number from {} to {}", "Skriv ett helt tal från $1 till $2"],
  ["must be an address such as anna@example.se", "Skriv mejladressen som namn@exempel.se"],
  ["must be an e-mail address alone, such as erik@alfa.example", "Skriv mejladressen som namn@exempel.se"],
  ["must be domains such as example.se", "Skriv domäner som exempel.se"],
  ["must be a key: 1 to 64 of a-z, 0-9, '-', '_' and '.'", "Använd bara små bokstäver, siffror och bindestreck"],
  ["must be after valid_from", "Måste vara senare än början"],
  ["must be after starts_at", "Måste vara senare än början"],
  ["must be after from", "Måste vara senare än början"],
  ["must be after the beginning", "Måste vara senare än början"],
  ["must lie ahead", "Måste ligga framåt i tiden"],
  ["lies in the past", "Måste ligga framåt i tiden"],
  ["must be another ticket", "Välj ett annat ärende"],
  ["there is no such ticket", "Ärendet finns inte"],
  ["there is no such team", "Gruppen finns inte"],
  ["there is no such service", "Tjänsten finns inte"],
  ["there is no such agent", "Handläggaren finns inte"],
  ["there is no such customer", "Kunden finns inte"],
  ["must be somebody of the same organisation", "Det behöver vara någon i samma organisation"],
  ["must be somebody who can sign in; this account is disabled", "Kontot är avstängt"],
  ["must belong to somebody of your own organisation", "Det behöver vara någon i din organisation"],
  ["needs at least one service", "Välj minst en tjänst"],
  ["is not your password", "Det är inte ditt lösenord"],
  ["is not what your authenticator shows, or was used already", "Koden stämmer inte. Vänta på nästa kod i appen och försök igen"],
  ["is not what the authenticator should show now; check its clock", "Koden stämmer inte. Skriv den som appen visar nu"],
];
// What stands for {}, where it is a word of the hub's.
const put: Record<string, string> = { new: "nytt", in_progress: "pågående", resolved: "löst", closed: "avslutat" };

let patterns: (readonly [RegExp, string])[] | undefined;
function known(sentence: string): string | undefined {
  patterns ??= sentences.map(([english, swedish]) => [new RegExp(`^${english.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll("{}", "(.+?)")}$`), swedish]);
  for (const [pattern, swedish] of patterns) {
    const found = pattern.exec(sentence);
    if (found) return swedish.replace(/\$(\d)/g, (_, i: string) => put[found[Number(i)] ?? ""] ?? found[Number(i)] ?? "");
  }
  return undefined;
}

// What is refused, in the reader's language; `said` is the hub's own sentence.
export function refusal(code: string, said: string): string {
  if (language.peek() !== "sv") return said;
  const word = codes[code];
  if (!telling.has(code)) return word ?? said;
  const sentence = known(said);
  if (sentence) return sentence;
  // These say no more than their code.
  if (!said || code === "forbidden" || said === "The request is not valid.") return word ?? said;
  return word ? `${word} (${said})` : said;
}
// What is wrong with one field.
export function fieldRefusal(said: string): string {
  return language.peek() === "sv" ? (known(said) ?? said) : said;
}
