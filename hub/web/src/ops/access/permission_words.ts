// The permissions in the reader's language. One that these pages do not know yet says what the hub says of it.
import { words } from "~/base/words.ts";

const t = words({
  account: { sv: "Konton", en: "Accounts" },
  agreement: { sv: "Överenskommelser", en: "Agreements" },
  article: { sv: "Kunskapsartiklar", en: "Knowledge articles" },
  audit: { sv: "Granskningslogg", en: "Audit log" },
  configuration: { sv: "Konfiguration", en: "Configuration" },
  customer: { sv: "Kunder", en: "Customers" },
  delegation: { sv: "Uppdrag till tredje part", en: "Delegations" },
  delivery: { sv: "Leveranser", en: "Deliveries" },
  directory: { sv: "Grupper, handläggare och tjänster", en: "Teams, agents and services" },
  exchange: { sv: "Utbyte med andra system", en: "Exchange with other systems" },
  link: { sv: "Kopplingar", en: "Links" },
  mail: { sv: "Mejl", en: "Mail" },
  notice: { sv: "Driftinformation", en: "Notices" },
  view: { sv: "Vyer", en: "Views" },
  order: { sv: "Beställningar", en: "Orders" },
  person: { sv: "Användare", en: "People" },
  policy: { sv: "Den här tabellen", en: "This table" },
  service: { sv: "Tjänster", en: "Services" },
  statistics: { sv: "Statistik", en: "Statistics" },
  template: { sv: "Mallar", en: "Templates" },
  ticket: { sv: "Ärenden", en: "Tickets" },
  token: { sv: "API-nycklar", en: "API tokens" },
  account_own: { sv: "Sköta sitt eget konto: inloggningar, lösenord, tvåstegsinloggning och nycklar.", en: "Manage one's own account: sessions, password, two-step sign-in, tokens." },
  account_read: { sv: "Se konton; en kundansvarig ser dem i sin egen organisation.", en: "See accounts; a customer's manager sees those of their own organisation." },
  account_write: { sv: "Skapa konton, ge roller, stänga av, ge nya lösenord.", en: "Make accounts, give roles, disable, reset passwords and second factors." },
  agreement_read: { sv: "Läsa överenskommelser med tredje parter.", en: "Read agreements with suppliers." },
  agreement_write: { sv: "Skapa och ändra överenskommelser med tredje parter.", en: "Make and change agreements with suppliers." },
  approver: { sv: "Godkännare", en: "Approvers" },
  approver_name: { sv: "Bestämma vem som godkänner beställningar; en kundansvarig i sin egen organisation.", en: "Say who approves orders; a customer's manager in their own organisation." },
  article_publish: { sv: "Publicera och arkivera artiklar.", en: "Publish and archive articles." },
  article_read: { sv: "Söka och läsa artiklar.", en: "Search and read guidance." },
  article_write: { sv: "Skriva och ändra artiklar.", en: "Draft and change articles." },
  audit_read: { sv: "Läsa vem som har ändrat vad.", en: "Read who changed what." },
  configuration_operate: { sv: "Läsa in konfigurationen på nytt.", en: "Reload the configuration." },
  customer_read: { sv: "Läsa kunder.", en: "Read customers." },
  customer_write: { sv: "Lägga till och ändra kunder.", en: "Add and change customers." },
  delegation_read: { sv: "Läsa vad som har lämnats över till tredje parter.", en: "Read what was handed over to suppliers." },
  delegation_work: { sv: "Lämna över ärenden, skriva till tredje part, godkänna, underkänna och återkalla.", en: "Hand tickets over to suppliers, write to them, accept, reject, withdraw." },
  delivery_operate: { sv: "Försöka igen, hoppa över, parkera och bekräfta leveranser.", en: "Retry, skip, park and confirm deliveries." },
  delivery_read: { sv: "Läsa leveranser och deras försök.", en: "Read deliveries and their attempts." },
  directory_read: { sv: "Läsa grupper och handläggare.", en: "Read teams and agents." },
  directory_write: { sv: "Lägga till och ändra grupper, handläggare och tjänster.", en: "Add and change teams, agents and services." },
  exchange_use: { sv: "Utbyta ärenden med TMF621.", en: "Exchange tickets by TMF621." },
  link_operate: { sv: "Pausa, återuppta, starta om, testa och jämföra kopplingar.", en: "Pause, resume, restart, check, test and reconcile suppliers' links." },
  link_read: { sv: "Läsa kopplingar och jämförelser.", en: "Read links and reconciliations." },
  notice_log: { sv: "Läsa vad som har hänt med ett meddelande.", en: "Read what happened to a notice." },
  notice_read: { sv: "Läsa driftinformation.", en: "Read notices." },
  notice_work: { sv: "Publicera, avfärda och lyfta driftinformation.", en: "Publish, dismiss and promote notices." },
  order_approve: { sv: "Säga ja eller nej till en beställning i sin organisation.", en: "Say yes or no to an order of their own organisation." },
  mail_operate: { sv: "Låta ett mejl läsas igen.", en: "Have a mail read again." },
  mail_read: { sv: "Läsa mejl som kommit in och vad det blev av dem.", en: "Read mails that came in and what became of them." },
  person_erase: { sv: "Avidentifiera användare på begäran och ta bort dem som inget hänvisar till.", en: "Anonymise people of customers on request, and remove those that nothing refers to." },
  person_read: { sv: "Läsa användare; en kundansvarig läser dem i sin egen organisation.", en: "Read people; a customer's manager reads those of their own organisation." },
  person_write: { sv: "Lägga till och ändra användare hos kunder.", en: "Add and change people of customers." },
  policy_read: { sv: "Läsa den här tabellen.", en: "Read this table." },
  service_read: { sv: "Läsa tjänster.", en: "Read services." },
  statistics_read: { sv: "Läsa statistik.", en: "Read statistics." },
  template_share: { sv: "Sköta mallar som alla handläggare delar.", en: "Keep templates that all agents share." },
  ticket_answer: { sv: "Skriva i ärenden, bifoga filer, avsluta och öppna dem igen.", en: "Write in tickets, attach files, close and reopen them." },
  ticket_log: { sv: "Läsa hela loggen för ett ärende.", en: "Read the whole log of a ticket." },
  ticket_read: { sv: "Läsa ärenden: sina egna, den kundansvariges organisations, servicedeskens alla.", en: "Read tickets: a person's own, a manager's organisation's, the desk's all." },
  ticket_reassign: { sv: "Tilldela ärenden till andra grupper än den egna; den som inte får eskalerar med en orsak.", en: "Assign tickets to teams other than their own; whoever may not escalates with a reason." },
  ticket_register: { sv: "Registrera ärenden.", en: "Register tickets." },
  ticket_work: { sv: "Arbeta med ärenden: ändra, tilldela, lösa.", en: "Work tickets: change, assign, solve." },
  token_manage: { sv: "Skapa och återkalla nycklar för system.", en: "Issue and revoke tokens for systems." },
  view_share: { sv: "Sköta vyer som hela servicedesken delar.", en: "Keep views that the whole desk shares." },
  view_write: { sv: "Sköta egna vyer.", en: "Keep views of one's own." },
});

function known(key: string): string | undefined {
  return (t as unknown as Record<string, string | undefined>)[key];
}
export function areaOf(row: { name: string }): string {
  return row.name.split(".")[0] ?? row.name;
}
export function areaWord(area: string): string {
  return known(area) ?? area;
}
export function aboutPermission(row: { name: string; about: string }): string {
  return known(row.name.replace(".", "_")) ?? row.about;
}
