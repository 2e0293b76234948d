// What an agreement can share, in the reader's words.
import { t } from "./words.ts";

export function fieldWord(name: string): string {
  return (
    {
      subject: t.fSubject,
      description: t.fDescription,
      priority: t.fPriority,
      service: t.fService,
      messages: t.fMessages,
      attachments: t.fAttachments,
      "customer.name": t.fCustomer,
      "user.name": t.fUserName,
      "user.email": t.fUserEmail,
      "user.phone": t.fUserPhone,
    }[name] ?? name
  );
}
