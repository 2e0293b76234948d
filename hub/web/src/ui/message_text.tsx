// What a message says: of a mail its new words first, formatted as they were, what it repeats folded away, and the mail
// itself one press away.
import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { FileSignature, Lock, Mail } from "lucide";
import { fileUrl } from "~/api/client.ts";
import { useGet } from "~/api/cache.ts";
import type { Attachment, Block, Message } from "~/api/types.ts";
import { Blocks, picturesIn } from "./blocks.tsx";
import { Badge } from "./domain.tsx";
import { Icon } from "./icon.tsx";
import { t } from "./message_words.ts";
import { PlainText } from "./text.tsx";

export interface MessageBody {
  near: { current: HTMLDivElement | null };
  blocks: readonly Block[] | undefined;
  besides: (files: readonly Attachment[]) => Attachment[]; // those that do not stand in the text
}

// The formatted text is fetched when the reader comes near it; until then, and if it does not come, the plain one stands.
const nearBy = "600px";
export function useMessageBody(message: Pick<Message, "body"> | undefined): MessageBody {
  const near = useRef<HTMLDivElement>(null);
  const reached = useSignal(false);
  const path = message?.body ?? null;
  useEffect(() => {
    if (!path || !near.current || reached.peek()) return;
    const watch = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && (reached.value = true), { rootMargin: nearBy });
    watch.observe(near.current);
    return () => watch.disconnect();
  }, [path]);
  const blocks = useGet<{ blocks: Block[] }>(reached.value ? path : null).data?.blocks;
  const shown = useMemo(() => picturesIn(blocks ?? []), [blocks]);
  return { near, blocks: blocks?.length ? blocks : undefined, besides: (files) => files.filter((each) => !shown.has(each.id)) };
}

export function MessageText({ message, body, class: name }: { message: Pick<Message, "text" | "shown">; body: MessageBody; class?: string }) {
  const { text } = message;
  const shown = message.shown ?? text;
  const goesOn = text.startsWith(shown);
  return (
    <div ref={body.near}>
      {body.blocks ? (
        <Blocks blocks={body.blocks} top={0} class={`prose-mail ${name ?? ""}`} />
      ) : (
        <>
          <PlainText text={shown} {...(name && { class: name })} />
          {shown !== text && (
            <details class="earlier-words">
              <summary>{goesOn ? t.earlier : t.whole}</summary>
              <PlainText text={(goesOn ? text.slice(shown.length) : text).replace(/^\s*\n/, "")} {...(name && { class: name })} />
            </details>
          )}
        </>
      )}
    </div>
  );
}

const wayOf = { smime: "S/MIME", openpgp: "OpenPGP" };
// That it was signed or encrypted; both are the mail's own claims.
export function MailMarks({ mail }: { mail: NonNullable<Message["mail"]> }) {
  return (
    <>
      {mail.signed && (
        <span title={t.signedNot}>
          <Badge icon={FileSignature}>{t.signed(wayOf[mail.signed] ?? mail.signed)}</Badge>
        </span>
      )}
      {mail.encrypted && (
        <span title={t.encryptedAbout}>
          <Badge icon={Lock}>{t.encrypted}</Badge>
        </span>
      )}
    </>
  );
}
export function OriginalLink({ mail }: { mail: NonNullable<Message["mail"]> }) {
  return (
    <a href={fileUrl(mail.original)} download={`mail-${mail.id}.eml`} class="original-link">
      <Icon of={Mail} size={14} /> {t.original}
    </a>
  );
}
