// What the lists of the directory share: a head with the way to add, and a row's way to be changed.
import { Plus } from "lucide";
import type { ComponentChildren } from "preact";
import type { Column } from "~/ui/data_table.tsx";
import { Icon } from "~/ui/icon.tsx";
import { PageHead } from "../parts/page.tsx";
import { t } from "./words.ts";

export function languageWord(language: string): string {
  return language === "en" ? t.english : t.swedish;
}
export function languageChoices(): (readonly [string, string])[] {
  return [
    ["sv", t.swedish],
    ["en", t.english],
  ];
}

// `add` null: the reader may not.
export function DirectoryHead({ title, lead, word, add }: { title: string; lead: string; word: string; add: (() => void) | null }) {
  return (
    <PageHead
      title={title}
      about={<span class="quiet">{lead}</span>}
      actions={
        add && (
          <button type="button" class="primary" onClick={add}>
            <Icon of={Plus} /> {word}
          </button>
        )
      }
    />
  );
}

export function nameColumn<T extends { name: string }>(under: (row: T) => ComponentChildren, badge?: (row: T) => ComponentChildren): Column<T> {
  return {
    key: "name",
    label: t.name,
    head: true,
    cell: (row) => (
      <>
        <b>
          <bdi>{row.name}</bdi>
        </b>{" "}
        {badge?.(row)}
        <span class="row-under">{under(row)}</span>
      </>
    ),
  };
}

export function changeColumn<T extends { name: string }>(change: (row: T) => void): Column<T> {
  return {
    key: "change",
    label: t.change,
    hideHead: true,
    narrow: true,
    cell: (row) => (
      <button type="button" onClick={() => change(row)} aria-label={t.changeOne(row.name)}>
        {t.change}
      </button>
    ),
  };
}
