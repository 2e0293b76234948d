// What would leave under the agreement as it is being written, with a real ticket or a made-up one.
import { useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, asProblem, type ApiProblem } from "~/api/client.ts";
import { useGet, type Page } from "~/api/cache.ts";
import type { Priority, Ticket } from "~/api/types.ts";
import { priorityWord } from "~/ui/domain.tsx";
import { SelectField } from "~/ui/form.tsx";
import { Json } from "../parts/json.tsx";
import { opWord } from "../deliveries/look.tsx";
import type { Preview } from "../types.ts";
import { fieldWord } from "./fields.ts";
import { t } from "./words.ts";

interface Shown {
  name: string;
  leaves: boolean;
  value: string;
}
function fieldsOf(preview: Preview): Shown[] {
  const known = preview.fields?.map((each) => (each.name === "priority" ? { ...each, value: priorityWord(each.value as Priority) } : each));
  return known ?? [...preview.shared.map((name) => ({ name, leaves: true, value: "" })), ...preview.withheld.map((name) => ({ name, leaves: false, value: "" }))];
}

// What each field would tell about this very ticket; what is held back is struck out.
function FieldList({ title, fields, none }: { title: string; fields: readonly Shown[]; none: string }) {
  return (
    <>
      <h3>{title}</h3>
      {fields.length === 0 && <p class="quiet">{none}</p>}
      <dl class="preview-fields">
        {fields.map((each) => (
          <div key={each.name} class={each.leaves ? "preview-leaves" : "preview-held"}>
            <dt>{fieldWord(each.name)}</dt>
            <dd>{each.leaves ? <bdi>{each.value}</bdi> : <del><bdi>{each.value || fieldWord(each.name)}</bdi></del>}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

const restFor = 350; // milliseconds without a change before it is asked

export type Draft = Record<string, unknown> & { customer: string };

export function AgreementPreview({ draft }: { draft: ReadonlySignal<Draft | null> }) {
  const ticket = useSignal("");
  const shown = useSignal<Preview | undefined>(undefined);
  const problem = useSignal<ApiProblem | undefined>(undefined);
  const busy = useSignal(false);
  const wanted = draft.value;
  const tickets = useGet<Page<Ticket>>(wanted ? "tickets" : null, ["tickets"], { customer: wanted?.customer, limit: 20 });
  const asked = JSON.stringify([wanted, ticket.value]);
  useEffect(() => {
    if (!wanted) {
      shown.value = undefined;
      return;
    }
    const stop = new AbortController();
    busy.value = true;
    const timer = setTimeout(() => {
      api
        .post<Preview>("agreements/preview", { agreement: wanted, ...(ticket.peek() && { ticket: Number(ticket.peek()) }) }, { signal: stop.signal })
        .then(
          (preview) => {
            shown.value = preview;
            problem.value = undefined;
            busy.value = false;
          },
          (failed: unknown) => {
            if (stop.signal.aborted) return;
            problem.value = asProblem(failed);
            busy.value = false;
          },
        );
    }, restFor);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [asked]);
  const preview = shown.value;
  return (
    <aside class="card agreement-preview" aria-label={t.preview}>
      <h2>{t.preview}</h2>
      {!wanted ? (
        <p class="quiet">{t.previewWait}</p>
      ) : (
        <>
          <SelectField
            name="ticket"
            label={t.previewTicket}
            value={ticket}
            choices={[["", t.previewSample], ...(tickets.data?.items ?? []).map((each) => [String(each.id), `${each.reference} ${each.subject}`.slice(0, 80)] as const)]}
          />
          {problem.value && (
            <p class="field-error" role="alert">
              {problem.value.fields[0]?.detail ?? problem.value.message}
            </p>
          )}
          <div aria-live="polite" class={busy.value ? "preview-old" : ""}>
            {preview && (
              <>
                <FieldList title={t.leaves} fields={fieldsOf(preview).filter((each) => each.leaves)} none={t.nothingLeaves} />
                <FieldList title={t.heldBack} fields={fieldsOf(preview).filter((each) => !each.leaves)} none={t.nothingHeld} />
                <h3>{t.documents}</h3>
                {preview.documents.map((each, i) => (
                  <details key={i} open={i === 0}>
                    <summary>{opWord(each.op)}</summary>
                    <Json value={each.document} label={opWord(each.op)} />
                  </details>
                ))}
              </>
            )}
          </div>
        </>
      )}
    </aside>
  );
}
