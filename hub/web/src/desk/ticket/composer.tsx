// Where the desk writes. It names its reader before its text: the tab, the frame's colour and line, and the button say
// the same. Each reader has a draft of his own; what was not meant for him is noticed before it leaves.
import { signal, useSignal, type Signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { Building2, ChevronDown, Languages, Lock, MailWarning, Send, TriangleAlert, User, X, type IconNode } from "lucide";
import type { ComponentChildren } from "preact";
import { look, lookAway, presence } from "~/api/stream.ts";
import { may, session } from "~/api/session.ts";
import type { TicketDetail } from "~/api/types.ts";
import { draft, forgetDraft } from "~/base/drafts.ts";
import { shown as keyName } from "~/base/keys.ts";
import { delegationWord, priorityWord, statusWord } from "~/ui/domain.tsx";
import { FilePicker, FileZone } from "~/ui/files.tsx";
import { keptFiles, takeFiles } from "~/ui/kept_files.ts";
import { Icon } from "~/ui/icon.tsx";
import { Menu } from "~/ui/menu.tsx";
import { Tabs } from "~/ui/tabs.tsx";
import { toast } from "~/ui/toast.tsx";
import type { Directory } from "../directory.ts";
import { draftName, draftsChanged } from "../drafts.tsx";
import type { Audience, Template } from "../types.ts";
import { leaksIn, type Leak } from "./leak.ts";
import { relaysName, send, sentHere, type Then } from "./sending.ts";
import { TemplatePicker } from "./templates.tsx";
import { delegationOf } from "./entries.ts";
import { legTone, supplierOf } from "./timeline.tsx";
import { tongueOf } from "./tongue.ts";
import { t } from "./words.ts";

const ended = new Set(["closed", "withdrawn", "accepted"]);
export function audiencesOf(ticket: TicketDetail): Audience[] {
  return ["user", "internal", ...ticket.delegations.filter((each) => !ended.has(each.state)).map((each) => `supplier:${each.id}` as const)];
}

function sinceName(ticket: number): string {
  return `since.${ticket}`;
}
function lastPublic(ticket: TicketDetail): number {
  return Math.max(0, ...ticket.messages.filter((each) => each.visibility === "user").map((each) => each.id));
}

// Why an answer comes by no mail; that nobody is named stands in the head already.
function reachWord(why: string | null | undefined): string {
  return { no_mail_out: t.reachNoMailOut, no_address: t.reachNoAddress, own_choice: t.reachOwnChoice }[why ?? ""] ?? "";
}

function Warning({ children }: { children: ComponentChildren }) {
  return (
    <div class="compose-warning" role="alert">
      <Icon of={TriangleAlert} />
      <div>{children}</div>
    </div>
  );
}

function leakWords(leak: Leak, ticket: TicketDetail): string {
  if (leak.from === "withheld") return t.leakUser;
  return leak.from === "internal" ? t.leakInternal : t.leakSupplier(supplierOf(leak.from, ticket));
}

function Writer({ ticket, audience, directory, fold }: { ticket: TicketDetail; audience: Audience; directory: Directory; fold: () => void }) {
  const name = draftName(ticket.id, audience);
  const text = draft(name);
  const relays = draft(relaysName(ticket.id));
  const since = draft(sinceName(ticket.id));
  const files = useMemo(() => keptFiles(name), [name]);
  const area = useRef<HTMLTextAreaElement>(null);
  const warning = useRef<HTMLDivElement>(null);
  const allowed = useSignal<ReadonlySet<string>>(new Set());
  const seen = useSignal(0); // the newest message that the writer said he has read
  const actions = useSignal<Template["actions"]>({});
  const picking = useSignal(false);
  const toUser = audience === "user";
  const supplier = supplierOf(audience, ticket);

  // At once, before the next key: what is typed blindly after "r" must not be taken for shortcuts.
  useLayoutEffect(() => {
    if (document.activeElement?.matches("[role=tab]:focus-visible")) return; // somebody walks along the tabs
    area.current?.focus();
    area.current?.setSelectionRange(text.peek().length, text.peek().length);
  }, [name]);
  useEffect(() => {
    const box = area.current; // grows with what is written
    if (!box) return;
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight + 2, window.innerHeight * 0.4)}px`;
  }, [text.value]);
  useEffect(() => {
    draftsChanged.value += 1;
    if (toUser && text.peek() && !since.peek()) since.value = String(lastPublic(ticket));
    if (toUser && !text.peek() && since.peek()) forgetDraft(sinceName(ticket.id));
    look(ticket.id, text.peek() ? audience : null);
  }, [text.value !== "", name]);

  const relayId = toUser && relays.value ? Number(relays.value) : null;
  const relayed = relayId ? ticket.messages.find((each) => each.id === relayId) : undefined;
  const leaks = useMemo(() => leaksIn(text.value, audience, ticket, relayId), [text.value, audience, ticket, relayId]).filter((each) => !allowed.value.has(each.passage));
  const begun = Number(since.value || Infinity);
  const newer = toUser ? ticket.messages.find((each) => each.visibility === "user" && each.id > begun && each.id > seen.value && !sentHere.has(each.id)) : undefined;
  const others = (presence.value.get(ticket.id) ?? []).filter((each) => each.agent !== session.value?.agent?.id);
  const rival = toUser ? others.find((each) => each.writing === "user") : undefined;
  const tongue = toUser ? tongueOf(text.value) : null;

  const leg = delegationOf(audience);
  const filesLeave = leg === 0 || ticket.delegations.some((each) => each.id === leg && each.shared.includes("attachments"));

  const go = (then: Then) => {
    if (!text.peek().trim()) {
      toast(t.empty, { tone: "danger" });
      area.current?.focus();
      return;
    }
    if (files.peek().length && !filesLeave) {
      toast(t.supplierNoFiles, { tone: "danger" }); // pasted all the same
      return;
    }
    if (leaks.length || newer) {
      toast(t.leakStop, { tone: "danger" });
      warning.current?.querySelector("button")?.focus();
      return;
    }
    const set = actions.peek();
    const { status, ...also } = set;
    const last = then !== "nothing" ? then : toUser && status === "waiting_user" ? "wait" : toUser && status === "resolved" ? "resolve" : "nothing";
    send({ ticket: ticket.id, audience, text: text.peek(), relays: relayId, then: last, also, files: takeFiles(files) }, toUser ? t.sentUser : audience === "internal" ? t.noteSaved : t.sentSupplier(supplier));
    forgetDraft(sinceName(ticket.id));
    actions.value = {};
    allowed.value = new Set();
    fold();
  };
  const insert = (added: string, wanted: Template["actions"]) => {
    const box = area.current;
    const at = box?.selectionStart ?? text.peek().length;
    const before = text.peek().slice(0, at);
    text.value = before + (before && !before.endsWith("\n") ? "\n" : "") + added + text.peek().slice(box?.selectionEnd ?? at);
    // What solves a ticket or waits for its user is said to the user; a note and words to a supplier leave the status be.
    const { status, ...rest } = wanted;
    actions.value = toUser && status ? { ...rest, status } : rest;
  };
  useEffect(() => {
    inserter.value = (added) => insert(added, actions.peek());
    return () => (inserter.value = null);
  });

  const person = ticket.requester_detail?.name ?? ticket.requester_name ?? "";
  const participants = ticket.participants?.length ?? 0;
  const head = toUser ? (
    person ? (
      <>
        {t.audienceUser(person, ticket.customer_name ?? directory.customer(ticket.customer))} {participants > 0 && t.follows(participants)}
      </>
    ) : ticket.contact && participants === 0 ? (
      t.reachesNobody
    ) : (
      t.noRequester
    )
  ) : audience === "internal" ? (
    t.audienceInternal
  ) : (
    t.audienceSupplier(supplier)
  );
  const sendWord = toUser ? t.sendUser : audience === "internal" ? t.sendInternal : t.sendSupplier(supplier);
  const set = actions.value;
  return (
    <FileZone files={files}>
      <div class={`compose to-${legTone(audience, ticket)}`}>
        <p class="compose-head">
          <strong>{head}</strong>
          {toUser && (
            <span class="compose-language">
              <Icon of={Languages} size={14} /> {t.answersIn(ticket.language === "en" ? t.english : t.swedish)}
            </span>
          )}
          <button type="button" class="plain icon-button compose-fold" aria-label={t.fold} title={t.fold} onClick={fold}>
            <Icon of={ChevronDown} />
          </button>
        </p>
        {toUser && reachWord(ticket.reach?.why) && (
          <p class="compose-reach small" role="note">
            <Icon of={MailWarning} size={14} /> {reachWord(ticket.reach?.why)} {ticket.reach?.way === "portal" && t.reachPortal}
          </p>
        )}
        {relayed && (
          <p class="compose-relay">
            {t.relayingFrom(supplierOf(`supplier:${relayed.delegation ?? 0}`, ticket))}{" "}
            <button
              type="button"
              class="link"
              onClick={() => {
                relays.value = "";
                text.value = "";
              }}
            >
              {t.relayStop}
            </button>
          </p>
        )}
        <textarea
          ref={area}
          class="compose-text"
          lang={toUser ? ticket.language : undefined}
          aria-label={toUser ? t.textUser : audience === "internal" ? t.textInternal : t.textSupplier(supplier)}
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              go("nothing");
            } else if (event.key === "Escape") {
              event.preventDefault();
              event.stopPropagation();
              fold();
            } else if (event.key === "m" && event.altKey) {
              event.preventDefault();
              picking.value = true;
            }
          }}
        />
        <div ref={warning}>
          {leaks.length > 0 && (
            <Warning>
              <p>
                <strong>{leaks[0] && leakWords(leaks[0], ticket)}</strong> {toUser ? t.leakReaderUser : t.leakReaderSupplier(supplier)}
              </p>
              <ul>
                {leaks.slice(0, 3).map((each) => (
                  <li key={each.passage}>
                    <q>{each.passage.length > 140 ? `${each.passage.slice(0, 140)}…` : each.passage}</q>
                  </li>
                ))}
              </ul>
              <button type="button" onClick={() => (allowed.value = new Set([...allowed.value, ...leaks.map((each) => each.passage)]))}>
                {t.leakOk}
              </button>
            </Warning>
          )}
          {newer && (
            <Warning>
              <p>{newer.from === "user" ? t.userMeanwhile : t.answeredMeanwhile}</p>
              <button
                type="button"
                onClick={() => {
                  seen.value = lastPublic(ticket);
                  document.getElementById(`entry-${newer.id}`)?.scrollIntoView({ block: "center" });
                }}
              >
                {t.sendAnyway}
              </button>
            </Warning>
          )}
          {rival && !newer && (
            <Warning>
              <p>{t.collision(rival.name)}</p>
            </Warning>
          )}
          {tongue && tongue !== ticket.language && (
            <p class="compose-hint">
              <Icon of={Languages} size={14} /> {t.otherTongue(ticket.language === "en" ? t.english : t.swedish, tongue === "en" ? t.english : t.swedish)}
            </p>
          )}
        </div>
        {(set.status || set.team || set.agent || set.priority) && (
          <p class="compose-hint">
            {t.templateSets(
              [set.status && statusWord(set.status), set.priority && priorityWord(set.priority), set.team && directory.team(set.team), set.agent && (set.agent === "me" ? t.you : directory.agent(set.agent))].filter(Boolean).join(", "),
            )}
            <button type="button" class="plain icon-button" aria-label={t.templateSetsNot} onClick={() => (actions.value = {})}>
              <Icon of={X} size={14} />
            </button>
          </p>
        )}
        <div class="compose-foot">
          {filesLeave && <FilePicker files={files} hint={false} />}
          <TemplatePicker
            ticket={ticket.id}
            audience={toUser ? "user" : audience === "internal" ? "internal" : "supplier"}
            language={ticket.language}
            insert={(added, wanted) => {
              insert(added, wanted);
              setTimeout(() => area.current?.focus(), 0);
            }}
            open={() => (picking.value = true)}
            close={picking.value ? () => (picking.value = false) : null}
          />
          {!filesLeave && <span class="quiet small compose-files-hint">{t.supplierNoFiles}</span>}
          <span class="compose-send">
            <button type="button" class="primary send-button" onClick={() => go("nothing")}>
              <Icon of={Send} /> {sendWord}
              <span class="send-keys" aria-hidden="true">
                {keyName("mod+Enter").join(" ")}
              </span>
            </button>
            {toUser && (
              <Menu
                class="primary icon-button send-more"
                label={t.sendMore}
                button={<Icon of={ChevronDown} />}
                items={[
                  { label: t.sendWait, run: () => go("wait") },
                  { label: t.sendResolve, run: () => go("resolve") },
                ]}
              />
            )}
          </span>
        </div>
      </div>
    </FileZone>
  );
}

// How the rest of the page puts a text into the open box; null while none is open.
export const inserter = signal<((text: string) => void) | null>(null);

export function Composer({ ticket, directory, audience }: { ticket: TicketDetail; directory: Directory; audience: Signal<Audience | null> }) {
  const all = audiencesOf(ticket);
  const open = audience.value && all.includes(audience.value) ? audience.value : null;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    look(ticket.id, null);
    return () => lookAway(ticket.id);
  }, [ticket.id]);
  void draftsChanged.value;
  const unsent = new Set(all.filter((each) => draft(draftName(ticket.id, each)).peek() !== ""));
  if (!may("ticket.work")) return null;
  const icon = (each: Audience): IconNode => (each === "user" ? User : each === "internal" ? Lock : Building2);
  const label = (each: Audience) => (each === "user" ? t.tabUser : each === "internal" ? t.tabInternal : supplierOf(each, ticket));
  const tabs = all.map((each) => ({
    id: each,
    class: `to-${legTone(each, ticket)}`,
    label: (
      <>
        <Icon of={icon(each)} size={14} /> {label(each)}
        {unsent.has(each) && (
          <>
            <span class="changed-dot" aria-hidden="true" />
            <span class="sr-only">({t.hasDraft})</span>
          </>
        )}
      </>
    ),
  }));
  const fold = () => {
    audience.value = null;
    setTimeout(() => audience.peek() === null && box.current?.querySelector<HTMLElement>("button")?.focus(), 0);
  };
  return (
    <div class={`composer no-print ${open ? "composer-open" : ""}`} ref={box}>
      {open ? (
        <Tabs tabs={tabs} chosen={open} choose={(id) => (audience.value = id as Audience)} label={t.audience}>
          {(id) => <Writer key={id} ticket={ticket} audience={id as Audience} directory={directory} fold={fold} />}
        </Tabs>
      ) : (
        <div class="compose-doors" role="group" aria-label={t.compose}>
          {all.map((each) => {
            const leg = ticket.delegations.find((d) => `supplier:${d.id}` === each);
            return (
              <button key={each} type="button" class={`compose-door to-${legTone(each, ticket)}`} onClick={() => (audience.value = each)} title={leg ? `${leg.supplier}: ${delegationWord(leg.state)}` : undefined}>
                <Icon of={icon(each)} /> {each === "user" ? t.replyUser : each === "internal" ? t.writeNote : t.writeSupplier(supplierOf(each, ticket))}
                {unsent.has(each) && (
                  <>
                    <span class="changed-dot" aria-hidden="true" />
                    <span class="sr-only">({t.hasDraft})</span>
                  </>
                )}
              </button>
            );
          })}
        </div>
      )}
    </div>
  );
}
