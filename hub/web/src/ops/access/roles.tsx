// The policy as a table: what each permission allows, and which roles have it.
import { Check } from "lucide";
import { useGet } from "~/api/cache.ts";
import type { Role } from "~/api/types.ts";
import { parameters } from "~/base/router.tsx";
import { roleWord } from "~/ui/domain.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Loaded } from "~/ui/states.tsx";
import { Filters, FilterSelect } from "~/ui/filters.tsx";
import { PageHead } from "../parts/page.tsx";
import type { PermissionTable } from "../types.ts";
import { t as ops } from "../words.ts";
import { aboutPermission, areaOf, areaWord } from "./permission_words.ts";
import { t } from "./words.ts";

type Row = PermissionTable["permissions"][number];

function PolicyTable({ rows, roles }: { rows: readonly Row[]; roles: readonly Role[] }) {
  const areas = [...new Set(rows.map(areaOf))];
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={ops.roles}>
      <table class="policy">
        <caption class="sr-only">{ops.roles}</caption>
        <thead>
          <tr>
            <th scope="col">{t.permission}</th>
            {roles.map((role) => (
              <th key={role} scope="col" class="policy-role">
                {roleWord(role)}
              </th>
            ))}
          </tr>
        </thead>
        {areas.map((area) => (
          <tbody key={area}>
            <tr class="policy-area">
              <th scope="rowgroup" colSpan={roles.length + 1}>
                {areaWord(area)}
              </th>
            </tr>
            {rows
              .filter((row) => areaOf(row) === area)
              .map((row) => (
                <tr key={row.name}>
                  <th scope="row">
                    {aboutPermission(row)}
                    <span class="row-under">
                      <code>{row.name}</code>
                    </span>
                  </th>
                  {roles.map((role) => (
                    <td key={role} class="policy-cell">
                      {row.roles.includes(role) ? <Icon of={Check} size={20} label={t.may} /> : <span class="sr-only">{t.mayNot}</span>}
                    </td>
                  ))}
                </tr>
              ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

export function Roles() {
  const got = useGet<PermissionTable>("permissions", ["permissions"]);
  return (
    <>
      <PageHead title={ops.roles} about={<span class="quiet">{t.policyLead}</span>} />
      <Loaded got={got} lines={12}>
        {(table) => {
          const one = table.roles.find((role) => role === parameters.value.get("role"));
          const roles = one ? [one] : table.roles;
          const rows = table.permissions.filter((row) => row.name.includes(".") && (!one || row.roles.includes(one)));
          return (
            <>
              <Filters names={["role"]}>
                <FilterSelect name="role" label={t.oneRole} any={t.allRoles} choices={table.roles.map((role) => [role, roleWord(role)] as const)} />
                {one && <p class="policy-sum quiet">{t.maySum(rows.length, table.permissions.filter((row) => row.name.includes(".")).length)}</p>}
              </Filters>
              <PolicyTable rows={rows} roles={roles} />
            </>
          );
        }}
      </Loaded>
    </>
  );
}
