// Who follows a ticket beside the desk, and adding somebody of the own organisation.
import { useSignal } from "@preact/signals";
import { UserPlus, X } from "lucide";
import { useEffect, useRef } from "preact/hooks";
import { ApiProblem, api, asProblem } from "~/api/client.ts";
import { session } from "~/api/session.ts";
import type { TicketDetail } from "~/api/types.ts";
import { Form, SubmitButton, TextField, useForm } from "~/ui/form.tsx";
import { Icon } from "~/ui/icon.tsx";
import { toast } from "~/ui/toast.tsx";
import { t as common } from "~/ui/words.ts";
import { isOwn, mayIn } from "./standing.tsx";
import { t } from "./words.ts";

type Participant = NonNullable<TicketDetail["participants"]>[number];
interface Options {
  ticket: TicketDetail;
  change: (change: (data: TicketDetail) => TicketDetail) => void;
}

export function People({ ticket, change }: Options) {
  const adding = useSignal(false);
  const opener = useRef<HTMLButtonElement>(null);
  const people = ticket.participants ?? [];
  const mayAdd = mayIn(ticket, "add_participant") && ticket.status !== "closed";
  const mayRemove = (person: Participant) => mayIn(ticket, "remove_participant") || person.person === session.value?.person;
  const set = (next: (people: Participant[]) => Participant[]) => change((data) => ({ ...data, participants: next(data.participants ?? []) }));

  const remove = async (person: Participant) => {
    set((all) => all.filter((each) => each.person !== person.person));
    try {
      await api.delete(`tickets/${ticket.id}/participants/${person.person}`);
      const back = async () => {
        set((all) => [...all, person]);
        await api.post(`tickets/${ticket.id}/participants`, { email: person.email });
      };
      toast(t.personRemoved(person.name), { action: { label: t.addBack, run: () => void back().catch(said) } });
    } catch (failed) {
      set((all) => [...all, person]);
      said(failed);
    }
  };
  const close = () => {
    adding.value = false;
    requestAnimationFrame(() => opener.current?.focus());
  };
  return (
    <section>
      <h2 class="aside-title">{t.people}</h2>
      {people.length === 0 && <p class="quiet small">{onlyThese(ticket)}</p>}
      <ul class="plain-list people">
        {people.map((each) => (
          <li key={each.person}>
            <span class="person">
              <span dir="auto">{each.name}</span>
              <span class="quiet small">{each.email}</span>
            </span>
            {mayRemove(each) && (
              <button type="button" class="plain icon-button no-print" aria-label={t.removePerson(each.name)} onClick={() => void remove(each)}>
                <Icon of={X} />
              </button>
            )}
          </li>
        ))}
      </ul>
      {mayAdd && !adding.value && (
        <button type="button" ref={opener} class="no-print" onClick={() => (adding.value = true)}>
          <Icon of={UserPlus} /> {t.addPerson}
        </button>
      )}
      {adding.value && (
        <AddPerson
          ticket={ticket}
          close={close}
          added={(person) => {
            set((all) => [...all.filter((each) => each.person !== person.person), person]);
            toast(t.personAdded(person.name), { tone: "ok" });
            close();
          }}
        />
      )}
    </section>
  );
}

// Who sees it, if nobody takes part besides.
function onlyThese(ticket: TicketDetail): string {
  if (!isOwn(ticket)) return t.peopleNoneOther(ticket.requester_name ?? t.theReporter);
  return ticket.approval && ticket.approval.state !== "not_needed" ? t.peopleNoneOrder : t.peopleNone;
}

function said(failed: unknown) {
  toast(asProblem(failed).message, { tone: "danger" });
}

function AddPerson({ ticket, close, added }: { ticket: TicketDetail; close: () => void; added: (person: Participant) => void }) {
  const form = useForm();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.querySelector("input")?.focus(), []);
  const email = useSignal("");
  const name = useSignal("");
  const send = async () => {
    try {
      added(await api.post<Participant>(`tickets/${ticket.id}/participants`, { email: email.peek().trim(), ...(name.peek().trim() && { name: name.peek().trim() }) }));
    } catch (failed) {
      const problem = asProblem(failed);
      if (![400, 403, 404].includes(problem.status)) throw problem;
      throw new ApiProblem(problem.status, problem.code, t.personRefused, [{ pointer: "/email", detail: t.personRefused }]);
    }
  };
  return (
    <div ref={box}>
      <Form
        state={form}
        class="add-person no-print"
        label={t.addPerson}
        onSubmit={() => void form.submit(() => (/^\S+@\S+$/.test(email.peek().trim()) ? [] : [{ name: "email", text: t.personEmailMissing }]), send)}
      >
        <TextField
          value={email}
          name="email"
          label={t.personEmail}
          hint={t.addPersonHint}
          type="email"
          inputMode="email"
          autocapitalize="none"
          autocomplete="off"
          error={form.error("email")}
        />
        <TextField value={name} name="name" label={t.personName} optional autocomplete="off" error={form.error("name")} />
        <div class="buttons">
          <SubmitButton state={form}>{t.add}</SubmitButton>
          <button type="button" onClick={close}>
            {common.cancel}
          </button>
        </div>
      </Form>
    </div>
  );
}
