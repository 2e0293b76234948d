// What the desk writes to people: each kind in each language, for all and for customers with words of their own.
import { MailOpen, TriangleAlert } from "lucide";
import { useGet, type Page } from "~/api/cache.ts";
import { useCustomers } from "~/api/names.ts";
import { urlOf } from "~/api/client.ts";
import { parameters, setParameters } from "~/base/router.tsx";
import { DataTable, type Column } from "~/ui/data_table.tsx";
import { Badge } from "~/ui/domain.tsx";
import { Filters, FilterSelect, FilterText } from "~/ui/filters.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Empty, Loaded } from "~/ui/states.tsx";
import { Tabs } from "~/ui/tabs.tsx";
import { PageHead } from "../parts/page.tsx";
import { t as ops } from "../words.ts";
import type { Letter } from "./types.ts";
import { t } from "./words.ts";

function letterWord(kind: string): string {
  const known: Record<string, string> = { registered: t.kRegistered, replied: t.kReplied, status_changed: t.kStatus, waiting_for_you: t.kWaiting, approval_needed: t.kNeeded, approval_decided: t.kDecided, solved: t.kSolved, closed: t.kClosed, reopened: t.kReopened, added: t.kAdded, major_incident: t.kMajor, digest: t.digestLetter };
  return known[kind] ?? kind;
}
function languageWord(language: string): string {
  return language === "en" ? t.en : t.sv;
}
function pathOf(letter: Pick<Letter, "kind" | "language" | "customer">): string {
  return urlOf(`/ops/letters/${encodeURIComponent(letter.kind)}`, { language: letter.language === "en" ? "en" : undefined, customer: letter.customer });
}

export function Letters() {
  const got = useGet<Page<Letter>>("letters", ["letters"]);
  const customers = useCustomers();
  const given = parameters.value;
  const columns: Column<Letter>[] = [
    {
      key: "kind",
      label: t.letter,
      head: true,
      cell: (row) => (
        <>
          <a class="row-name" href={pathOf(row)}>
            {letterWord(row.kind)}
          </a>
          {row.problem && (
            <span class="row-under row-error">
              {t.notUsed}: <bdi>{row.problem}</bdi>
            </span>
          )}
        </>
      ),
    },
    { key: "language", label: t.language, narrow: true, cell: (row) => languageWord(row.language) },
    { key: "customer", label: t.customer, cell: (row) => (row.customer ? customers.name(row.customer) : <span class="quiet">{t.all}</span>) },
    { key: "source", label: t.source, narrow: true, cell: (row) => (row.problem ? <Badge tone="warning" icon={TriangleAlert}>{t.notUsed}</Badge> : row.source === "file" ? <Badge tone="accent">{t.file}</Badge> : <Badge>{t.builtIn}</Badge>) },
  ];
  return (
    <>
      <PageHead title={t.letters} about={<span class="quiet">{t.lettersLead}</span>} />
      <Filters names={["language", "customer"]}>
        <FilterSelect
          name="language"
          label={t.language}
          choices={[
            ["sv", t.sv],
            ["en", t.en],
          ]}
        />
        <FilterSelect name="customer" label={t.customer} choices={customers.choices} />
      </Filters>
      <Loaded got={got} lines={12}>
        {({ items }) => {
          const wrong = items.filter((each) => each.problem).length;
          const rows = items.filter((each) => (!given.get("language") || each.language === given.get("language")) && (!given.get("customer") || each.customer === given.get("customer")));
          return (
            <>
              {wrong > 0 && (
                <div class="letter-findings" role="status">
                  <Icon of={TriangleAlert} size={20} />
                  <div>
                    <p>
                      <strong>{t.findings(wrong)}</strong>
                    </p>
                    <p>{t.findingsText}</p>
                  </div>
                </div>
              )}
              {items.length === 0 ? (
                <Empty icon={MailOpen} title={t.lettersEmpty} />
              ) : rows.length === 0 ? (
                <Empty title={ops.noMatch}>{ops.noMatchText}</Empty>
              ) : (
                <DataTable caption={t.letters} columns={columns} rows={[...rows].sort((a, b) => Number(!!b.problem) - Number(!!a.problem))} id={(row) => `${row.kind} ${row.language} ${row.customer}`} tone={(row) => (row.problem ? "row-danger" : "")} />
              )}
            </>
          );
        }}
      </Loaded>
    </>
  );
}

export function LetterPage({ kind }: { kind: string }) {
  const customers = useCustomers();
  const given = parameters.value;
  const language = given.get("language") === "en" ? "en" : "sv";
  const customer = given.get("customer");
  const ticket = /^[A-Za-z]*-?\d+$/.test(given.get("ticket") ?? "") ? given.get("ticket") : null;
  const query = { language, customer, ticket };
  const letters = useGet<Page<Letter>>("letters", ["letters"]).data?.items ?? [];
  const mine = letters.find((each) => each.kind === kind && each.language === language && (each.customer ?? "") === (customer ?? ""));
  const got = useGet<{ subject: string; text: string }>(`letters/${encodeURIComponent(kind)}/preview`, ["letters"], query);
  const shown = given.get("as") === "text" ? "text" : "html";
  return (
    <>
      <PageHead title={letterWord(kind)} up={{ href: "/ops/letters", label: t.letters }} about={<span class="quiet">{t.nothingSent}</span>} />
      {mine?.problem && (
        <div class="letter-findings" role="status">
          <Icon of={TriangleAlert} size={20} />
          <div>
            <p>
              <strong>{t.notUsed}</strong>
            </p>
            <p>
              <bdi>{mine.problem}</bdi>
            </p>
          </div>
        </div>
      )}
      <Filters names={["customer", "ticket"]}>
        <FilterSelect name="language" label={t.language} any={t.sv} choices={[["en", t.en]]} />
        <FilterSelect name="customer" label={t.customer} any={t.all} choices={customers.choices} />
        <FilterText name="ticket" label={t.about} />
      </Filters>
      <Loaded got={got} lines={10}>
        {(letter) => (
          <div class="letter">
            <p class="letter-subject">
              <span class="quiet">{t.subject}:</span> <strong>{letter.subject}</strong>
            </p>
            <Tabs
              label={t.preview}
              tabs={[
                { id: "html", label: t.asHtml },
                { id: "text", label: t.asText },
              ]}
              chosen={shown}
              choose={(id) => setParameters({ as: id === "html" ? null : id })}
            >
              {(id) =>
                id === "text" ? (
                  <pre class="letter-text" tabIndex={0}>
                    {letter.text}
                  </pre>
                ) : (
                  // The operator's own HTML: in a frame that may do nothing, under the hub's own policy for it.
                  <iframe key={JSON.stringify(query)} class="letter-frame" title={t.previewOf(letterWord(kind))} src={urlOf(`letters/${encodeURIComponent(kind)}/preview.html`, query)} sandbox="" referrerpolicy="no-referrer" />
                )
              }
            </Tabs>
          </div>
        )}
      </Loaded>
    </>
  );
}
