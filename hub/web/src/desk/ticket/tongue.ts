// Which of the two languages a text seems to be in; null when it cannot be told.
const common = {
  sv: new Set("och att det är inte jag vi du på för med som har kan en ett den av om ni hej tack".split(" ")),
  en: new Set("the and is you we to not of for with that this are can have please hello thank thanks your our".split(" ")),
};

export function tongueOf(text: string): "sv" | "en" | null {
  const all = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  if (all.length < 6) return null;
  const sv = all.filter((each) => common.sv.has(each)).length;
  const en = all.filter((each) => common.en.has(each)).length;
  if (sv >= 2 && sv > en * 2) return "sv";
  return en >= 2 && en > sv * 2 ? "en" : null;
}
