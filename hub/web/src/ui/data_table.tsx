// A table that becomes a list of cards on a narrow screen. The column with `head` names the row.
import type { ComponentChildren } from "preact";

export interface Column<T> {
  key: string;
  label: string;
  cell: (row: T) => ComponentChildren;
  head?: boolean;
  figure?: boolean;
  bare?: boolean; // in a card the cell explains itself
  hideHead?: boolean; // in the table too
  narrow?: boolean; // as small as its content
}

export function DataTable<T>({ caption, columns, rows, id, tone, current }: { caption: string; columns: readonly Column<T>[]; rows: readonly T[]; id: (row: T) => string | number; tone?: (row: T) => string; current?: (row: T) => boolean }) {
  return (
    <div class="data-table-box">
    <table class="data-table">
      <caption class="sr-only">{caption}</caption>
      <thead>
        <tr>
          {columns.map((each) => (
            <th key={each.key} scope="col" class={`${each.figure ? "figure" : ""} ${each.narrow ? "narrow" : ""}`}>
              {each.hideHead ? <span class="sr-only">{each.label}</span> : each.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={id(row)} class={tone?.(row) ?? ""} {...(current?.(row) && { "aria-current": "true" as const })}>
            {columns.map((each) => {
              const common = { key: each.key, class: `${each.figure ? "figure" : ""} ${each.narrow ? "narrow" : ""} ${each.head ? "row-head" : ""}`, ...(!each.bare && !each.hideHead && !each.head && { "data-label": each.label }) };
              return each.head ? (
                <th scope="row" {...common}>
                  {each.cell(row)}
                </th>
              ) : (
                <td {...common}>{each.cell(row)}</td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
    </div>
  );
}
