// By which settings a link works now. Secrets are said to be there, and no more.
import { SlidersHorizontal } from "lucide";
import { useGet } from "~/api/cache.ts";
import { Empty, Loaded } from "~/ui/states.tsx";
import { CopyButton } from "../parts/copy.tsx";
import { Json, pretty } from "../parts/json.tsx";
import { DataTable } from "~/ui/data_table.tsx";
import { t } from "./words.ts";

interface Works {
  connector: string;
  settings: Record<string, unknown>;
}

function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && "$secret" in value;
}
function Value({ name, value }: { name: string; value: unknown }) {
  if (isSecret(value)) return <span class="quiet">•••••• ({t.secret})</span>;
  if (typeof value === "object" && value !== null) {
    return (
      <details>
        <summary>{Object.keys(value).slice(0, 6).join(", ")}{Object.keys(value).length > 6 ? " …" : ""}</summary>
        <Json value={value} label={name} />
      </details>
    );
  }
  return <code>{String(value)}</code>;
}

export function LinkSettings({ link }: { link: string }) {
  const got = useGet<Works>(`links/${encodeURIComponent(link)}/settings`, [`link:${link}`]);
  return (
    <Loaded got={got} lines={6}>
      {({ settings }) => {
        // Plain settings first: what a profile brings with it is long.
        const rows = Object.entries(settings).sort(([, a], [, b]) => Number(typeof a === "object" && !isSecret(a)) - Number(typeof b === "object" && !isSecret(b)));
        if (!rows.length) return <Empty icon={SlidersHorizontal} title={t.noSettings} />;
        return (
          <>
            <div class="section-head">
              <p class="quiet">{t.settingsLead}</p>
              <CopyButton text={() => pretty(settings)} />
            </div>
            <DataTable
              caption={t.tabSettings}
              rows={rows}
              id={([name]) => name}
              columns={[
                { key: "name", label: t.setting, head: true, cell: ([name]) => <code>{name}</code> },
                { key: "value", label: t.value, bare: true, cell: ([name, value]) => <Value name={name} value={value} /> },
              ]}
            />
          </>
        );
      }}
    </Loaded>
  );
}
