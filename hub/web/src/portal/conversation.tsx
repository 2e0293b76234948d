// What has been said, in one column. What others say comes in below; while the reader writes, or has a question in front
// of him whose buttons would move, it is only announced and shown when he wants it.
import { useSignal, type Signal } from "@preact/signals";
import { ArrowDown } from "lucide";
import { useEffect, useRef } from "preact/hooks";
import { session } from "~/api/session.ts";
import type { Attachment, Message } from "~/api/types.ts";
import { dateAndTime } from "~/base/time.ts";
import { Icon } from "~/ui/icon.tsx";
import { MailMarks, MessageText, OriginalLink, useMessageBody } from "~/ui/message_text.tsx";
import { Time } from "~/ui/time.tsx";
import { FilesShown } from "./files_shown.tsx";
import { t } from "./words.ts";

// What the conversation and the box below it know of each other.
export interface Talk {
  writing: Signal<boolean>; // something is in the box
  acted: Signal<number>; // the reader has sent something or decided: what was held back is shown
}

interface Entry {
  key: string;
  from: Message["from"];
  author: string;
  at: string;
  text: string;
  message?: Message; // none: files that came without words
  files: Attachment[];
}

// A file that was sent with a message stands within it; the hub names the message only of mail.
const belongsWithin = 3 * 60_000; // milliseconds

// `user`: whose a file is that came without words.
function entriesOf(messages: readonly Message[], files: readonly Attachment[], user: string): Entry[] {
  const entries = messages.map((each): Entry => ({ key: `m${each.id}`, from: each.from, author: each.author, at: each.at, text: each.text, message: each, files: [] }));
  const alone: Entry[] = [];
  for (const file of files) {
    const said = entries.find((each) => each.key === `m${file.message}`) ?? nearest(entries, file);
    const before = alone.at(-1);
    if (said) said.files.push(file);
    else if (before && before.from === file.from && Date.parse(file.at) - Date.parse(before.at) < belongsWithin) before.files.push(file);
    else alone.push({ key: `f${file.id}`, from: file.from, author: file.from === "user" ? user : "", at: file.at, text: "", files: [file] });
  }
  return [...entries, ...alone].sort((a, b) => a.at.localeCompare(b.at));
}
function nearest(entries: readonly Entry[], file: Attachment): Entry | undefined {
  const distance = (each: Entry) => Math.abs(Date.parse(each.at) - Date.parse(file.at));
  const near = entries.filter((each) => each.from === file.from && distance(each) < belongsWithin);
  return near.sort((a, b) => distance(a) - distance(b))[0];
}

function isMine(entry: Entry): boolean {
  return entry.from === "user" && entry.author === session.value?.account?.name;
}

export function Conversation({ messages, files, user, asking, talk }: { messages: readonly Message[]; files: readonly Attachment[]; user: string; asking: boolean; talk: Talk }) {
  const entries = entriesOf(messages, files, user);
  const shownTo = useSignal(entries.length); // how many of them are on the page
  const end = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const heard = useSignal(""); // what came in by itself, for who cannot see it
  const acted = useRef(talk.acted.peek());
  const held = entries.slice(shownTo.value);
  const news = held.filter((each) => !isMine(each)).length;

  useEffect(() => {
    if (entries.length <= shownTo.peek()) {
      shownTo.value = entries.length;
      return;
    }
    // Below everything that is in view nothing moves; an empty box that nobody is in may.
    const below = (end.current?.getBoundingClientRect().top ?? 0) > window.innerHeight;
    const calm = !talk.writing.peek() && !document.activeElement?.matches("textarea, input");
    const own = acted.current !== talk.acted.peek();
    acted.current = talk.acted.peek();
    if (news > 0 && !own && !(calm && (below || !asking))) return;
    if (news > 0) heard.value = t.newReplies(news);
    shownTo.value = entries.length;
  }, [entries.length, talk.acted.value]);

  const show = () => {
    const first = shownTo.peek();
    shownTo.value = entries.length;
    requestAnimationFrame(() => {
      const entry = list.current?.children[first];
      if (!(entry instanceof HTMLElement)) return;
      entry.scrollIntoView({ block: "start" });
      entry.focus({ preventScroll: true });
    });
  };
  return (
    <section aria-label={t.conversation}>
      <ol ref={list} class="plain-list conversation">
        {entries.slice(0, shownTo.value).map((each) => (
          <Said key={each.key} entry={each} />
        ))}
      </ol>
      <p class="sr-only" role="status">
        {heard.value}
      </p>
      <div ref={end} class="new-replies no-print" role="status">
        {news > 0 && (
          <button type="button" class="primary" onClick={show}>
            <Icon of={ArrowDown} /> {t.newReplies(news)}
          </button>
        )}
      </div>
    </section>
  );
}

function Said({ entry }: { entry: Entry }) {
  const mine = isMine(entry);
  const body = useMessageBody(entry.message);
  const files = body.besides(entry.files);
  const mail = entry.message?.mail;
  const place = entry.from === "user" ? (mine ? "mine" : "user") : entry.from === "system" ? "system" : "desk";
  return (
    <li class={`said said-${place}`} tabIndex={-1}>
      <article>
        <p class="said-head">
          {mine && <strong class="no-print">{t.you}</strong>}
          <strong dir="auto" class={mine ? "print-only" : ""}>
            {entry.author || session.value?.desk.name}
          </strong>
          <span class="quiet small no-print">
            <Time at={entry.at} />
          </span>
          <span class="print-only">{dateAndTime(entry.at)}</span>
        </p>
        {entry.message && entry.text ? <MessageText message={entry.message} body={body} /> : <p class="quiet">{t.attached}</p>}
        {files.length > 0 && <FilesShown files={files} />}
        {mail && (
          <p class="said-mail small no-print">
            <MailMarks mail={mail} />
            <OriginalLink mail={mail} />
          </p>
        )}
      </article>
    </li>
  );
}
