// The fields that an agreement can share, in the reader's language; one that these pages do not know speaks for itself.
import { useGet, type Page } from "~/api/cache.ts";
import type { ShareField } from "../types.ts";
import { t } from "./words.ts";

function known(name: string): [string, string] | undefined {
  const all: Record<string, [string, string]> = {
    subject: [t.fSubject, t.aSubject],
    description: [t.fDescription, t.aDescription],
    priority: [t.fPriority, t.aPriority],
    service: [t.fService, t.aService],
    messages: [t.fMessages, t.aMessages],
    attachments: [t.fAttachments, t.aAttachments],
    "customer.name": [t.fCustomer, t.aCustomer],
    "user.name": [t.fName, t.aName],
    "user.email": [t.fEmail, t.aEmail],
    "user.phone": [t.fPhone, t.aPhone],
  };
  return all[name];
}
export function fieldWord(name: string): string {
  return known(name)?.[0] ?? name;
}
export function useShareFields(): readonly (readonly [string, string, string])[] {
  const got = useGet<Page<ShareField>>("share-fields", ["share-fields"]);
  return (got.data?.items ?? []).map((each) => {
    const [word, about] = known(each.name) ?? [each.name, each.meaning];
    return [each.name, word, about] as const;
  });
}
