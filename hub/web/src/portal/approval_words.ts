import { many, words } from "~/base/words.ts";

// Beställningar som väntar på ett ja: the sentences of who asks and of who answers.
export const t = words({
  title: { sv: "Att godkänna", en: "To approve" },
  about: { sv: "Beställningar från andra i din organisation. Inget görs innan någon av er har svarat.", en: "Orders by others in your organisation. Nothing is done before one of you has answered." },
  none: { sv: "Inget väntar på dig", en: "Nothing waits for you" },
  noneText: { sv: "När någon i din organisation beställer något ser du det här.", en: "When somebody in your organisation orders something, you see it here." },
  wants: { sv: (name: string) => `${name} vill beställa det här`, en: (name: string) => `${name} would like to order this` },
  somebody: { sv: "Någon", en: "Somebody" },
  ordered: { sv: "Beställt", en: "Ordered" },
  answerBy: { sv: (when: string) => `Svara gärna senast ${when}`, en: (when: string) => `Please answer by ${when}` },
  late: { sv: (when: string) => `Skulle ha svarats ${when}`, en: (when: string) => `Was to be answered ${when}` },
  waiting: { sv: (n: number) => `${many(n, "beställning", "beställningar")} väntar på ditt svar`, en: (n: number) => `${many(n, "order waits", "orders wait")} for your answer` },
  see: { sv: "Visa", en: "Show" },
  back: { sv: "Att godkänna", en: "To approve" },

  // Where an order stands
  sWaits: { sv: (names: string) => `Väntar på godkännande av ${names}`, en: (names: string) => `Waiting for approval by ${names}` },
  sWaitsNobody: { sv: "Väntar på godkännande", en: "Waiting for approval" },
  sWaitsNext: { sv: "Vi går vidare så snart beställningen är godkänd. Du behöver inte göra något.", en: "We go on as soon as the order is approved. You need not do anything." },
  others: { sv: (n: number) => many(n, "annan", "andra"), en: (n: number) => many(n, "other", "others") },
  sYours: { sv: "Väntar på ditt godkännande", en: "Waiting for your approval" },
  sYoursNext: { sv: "Läs beställningen och svara nedan.", en: "Read the order and answer below." },
  sRejected: { sv: (name: string) => `Inte godkänd av ${name}`, en: (name: string) => `Not approved by ${name}` },
  sRejectedBare: { sv: "Inte godkänd", en: "Not approved" },
  sRejectedNext: { sv: "Vill du ändra något eller fråga? Skriv nedan.", en: "Would you like to change something, or ask? Write below." },
  sApprovedOther: { sv: "Servicedesken går vidare med den. Du behöver inte göra något.", en: "The service desk goes on with it. You need not do anything." },
  sRejectedOther: { sv: "Den som beställde har fått veta det.", en: "Whoever ordered it has been told." },

  // Deciding
  question: { sv: "Godkänner du beställningen?", en: "Do you approve this order?" },
  questionText: { sv: "Den som beställde och servicedesken får veta vad du svarar. Ett svar går inte att ta tillbaka.", en: "Whoever ordered it and the service desk are told your answer. An answer cannot be taken back." },
  approve: { sv: "Godkänn", en: "Approve" },
  reject: { sv: "Godkänn inte", en: "Do not approve" },
  why: { sv: "Varför inte?", en: "Why not?" },
  whyHint: { sv: "Den som beställde läser det du skriver.", en: "Whoever ordered it reads what you write." },
  whyMissing: { sv: "Skriv varför, så att den som beställde vet vad som gäller", en: "Say why, so that whoever ordered it knows" },
  sendNo: { sv: "Skicka ditt nej", en: "Send your no" },
  cancel: { sv: "Avbryt", en: "Cancel" },
  changed: { sv: "Beställningen har ändrats sedan du öppnade den. Läs igenom den igen innan du svarar.", en: "The order has changed since you opened it. Read it again before you answer." },
  approvedNow: { sv: "Du har godkänt beställningen", en: "You have approved the order" },
  approvedNowText: { sv: "Servicedesken går vidare med den.", en: "The service desk goes on with it." },
  rejectedNow: { sv: "Du har sagt nej till beställningen", en: "You have said no to the order" },
  rejectedNowText: { sv: "Den som beställde får läsa varför och kan svara.", en: "Whoever ordered it reads why and can answer." },
  next: { sv: (n: number) => `Svara på nästa (${n} kvar)`, en: (n: number) => `Answer the next (${n} left)` },

  // What was said, beside the ticket
  fact: { sv: "Godkännande", en: "Approval" },
  factApproved: { sv: (name: string) => `Godkänd av ${name}`, en: (name: string) => `Approved by ${name}` },
  factApprovedBare: { sv: "Godkänd", en: "Approved" },
  factWaived: { sv: "Behövs inte", en: "Not needed" },
  whyNot: { sv: "Motivering", en: "Reason" },
  endIt: { sv: "Avsluta beställningen", en: "End the order" },
  ended: { sv: "Beställningen är avslutad.", en: "The order is ended." },
  whatNow: { sv: "Vad vill du göra?", en: "What would you like to do?" },
  answerIt: { sv: "Skriv ett svar", en: "Write an answer" },
});
