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
interface LoadedLink {
  id: string;
  file: string;
  kind: string;
  supplier: string;
  connector: string;
  profile: string | null;
  enabled: boolean;
}
interface Report {
  loaded_at: string | null;
  checked_at: string | null;
  ok: boolean;
  findings: Finding[];
  settings: { name: string; value: string }[];
  links: LoadedLink[];
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
  const got = useGet<Report>("configuration", ["configuration"]);
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
            <Section title={loaded.findings.length ? t.findings(loaded.findings.length) : t.checkResult}>
              <Findings findings={loaded.findings} />
              <Facts
                wide
                facts={[
                  [t.loaded, loaded.loaded_at && <Time at={loaded.loaded_at} exact />],
                  [t.checked, loaded.checked_at && <Time at={loaded.checked_at} exact />],
                ]}
              />
              <p class="hint">
                <Icon of={FileCog} size={14} /> {t.onServer}
              </p>
            </Section>
            <Section title={t.links}>
              <DataTable
                caption={t.links}
                rows={loaded.links}
                id={(row) => row.id}
                columns={[
                  {
                    key: "supplier",
                    label: t.sLink,
                    head: true,
                    cell: (row) => (
                      <>
                        <a class="row-name" href={`/ops/links/${encodeURIComponent(row.id)}`}>
                          <bdi>{row.supplier}</bdi>
                        </a>
                        <span class="row-under">
                          <code>{row.file}</code>
                        </span>
                      </>
                    ),
                  },
                  { key: "connector", label: t.connector, cell: (row) => `${row.connector}${row.profile ? ` (${row.profile})` : ""}` },
                  { key: "on", label: t.state, bare: true, narrow: true, cell: (row) => (row.enabled ? <Badge tone="ok">{t.on}</Badge> : <Badge>{t.off}</Badge>) },
                ]}
              />
            </Section>
            <Section title={t.settings}>
              <Facts facts={loaded.settings.map((each) => [each.name, <code>{each.value}</code>] as const)} />
            </Section>
          </>
        )}
      </Loaded>
    </>
  );
}
