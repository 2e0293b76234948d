// What the hub runs by, what the last check of its files found, and the button that reads them in.
import { useSignal } from "@preact/signals";
import { CircleCheck, CircleX, FileCog, RotateCw } from "lucide";
import { api, ApiProblem } from "~/api/client.ts";
import { invalidate, useGet } from "~/api/cache.ts";
import { Badge, type Tone } from "~/ui/domain.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Loaded } from "~/ui/states.tsx";
import { Time } from "~/ui/time.tsx";
import { toast } from "~/ui/toast.tsx";
import { ask } from "../parts/ask.tsx";
import { useLinks } from "../parts/names.ts";
import { Facts, PageHead, Section } from "../parts/page.tsx";
import { DataTable } from "~/ui/data_table.tsx";
import { t as ops } from "../words.ts";
import { t } from "./words.ts";

interface Finding {
  file: string;
  line: number | null;
  severity: string;
  message: string;
}
interface Loaded {
  file?: string;
  loaded_at?: string | null;
  checked_at?: string | null;
  links?: string[];
  files?: string[];
  findings?: Finding[];
}

function severityLook(severity: string): [Tone, string] {
  if (severity === "error") return ["danger", t.error];
  if (severity === "warning") return ["warning", t.warning];
  return ["info", t.information];
}

function Findings({ findings }: { findings: readonly Finding[] }) {
  if (!findings.length) {
    return (
      <p class="all-well">
        <Icon of={CircleCheck} size={20} /> {t.noFindings}
      </p>
    );
  }
  return (
    <DataTable
      caption={t.finding}
      rows={[...findings].sort((a, b) => Number(b.severity === "error") - Number(a.severity === "error"))}
      id={(row) => `${row.file}:${row.line}:${row.message}`}
      columns={[
        {
          key: "message",
          label: t.finding,
          head: true,
          cell: (row) => (
            <>
              <bdi>{row.message}</bdi>
              <span class="row-under">
                <code>
                  {row.file}
                  {row.line ? `:${row.line}` : ""}
                </code>
              </span>
            </>
          ),
        },
        {
          key: "severity",
          label: t.severity,
          bare: true,
          narrow: true,
          cell: (row) => {
            const [tone, word] = severityLook(row.severity);
            return <Badge tone={tone}>{word}</Badge>;
          },
        },
      ]}
    />
  );
}

export function Configuration() {
  const got = useGet<Loaded>("configuration", ["configuration"]);
  const links = useLinks();
  const refusal = useSignal<ApiProblem | undefined>(undefined);
  const reload = () =>
    ask({
      title: t.reloadTitle,
      text: <p>{t.reloadText}</p>,
      button: t.reload,
      reason: "optional",
      run: async ({ reason }) => {
        try {
          const answer = await api.post<{ links: string[] }>("configuration/reload", reason ? { reason } : {});
          refusal.value = undefined;
          toast(t.reloaded(answer.links.length), { tone: "ok" });
        } catch (failed) {
          if (!(failed instanceof ApiProblem) || failed.status !== 409) throw failed;
          refusal.value = failed; // the mistakes are shown on the page, with their lines
        }
        invalidate("configuration", "links");
      },
    });
  return (
    <>
      <PageHead
        title={ops.configuration}
        about={<span class="quiet">{t.configurationLead}</span>}
        actions={
          <button type="button" class="primary" onClick={reload}>
            <Icon of={RotateCw} /> {t.reload}
          </button>
        }
      />
      {refusal.value && (
        <div class="failed" role="alert">
          <Icon of={CircleX} size={20} />
          <div>
            <p class="failed-title">{t.refused}</p>
            <ul>
              {refusal.value.fields.length ? (
                refusal.value.fields.map((each, i) => (
                  <li key={i}>
                    <code>{each.pointer.replace(/^\//, "")}</code> <bdi>{each.detail}</bdi>
                  </li>
                ))
              ) : (
                <li>
                  <bdi>{refusal.value.message}</bdi>
                </li>
              )}
            </ul>
          </div>
        </div>
      )}
      <Loaded got={got} lines={6}>
        {(loaded) => (
          <>
            <Section title={loaded.findings?.length ? t.findings(loaded.findings.length) : t.checked}>
              <Findings findings={loaded.findings ?? []} />
              <p class="hint">
                <Icon of={FileCog} size={14} /> {t.onServer}
              </p>
            </Section>
            <Section title={t.files}>
              <Facts
                facts={[
                  [t.file, loaded.file && <code>{loaded.file}</code>],
                  [t.file, !loaded.file && loaded.files && loaded.files.join(", ")],
                  [t.loaded, loaded.loaded_at && <Time at={loaded.loaded_at} exact />],
                  [t.checked, loaded.checked_at && <Time at={loaded.checked_at} exact />],
                  [
                    t.links,
                    loaded.links && (
                      <ul class="plain-list">
                        {loaded.links.map((each) => (
                          <li key={each}>
                            <a href={`/ops/links/${encodeURIComponent(each)}`}>{links.name(each)}</a>
                          </li>
                        ))}
                      </ul>
                    ),
                  ],
                ]}
              />
            </Section>
          </>
        )}
      </Loaded>
    </>
  );
}
