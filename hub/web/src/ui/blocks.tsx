// A text that the hub has understood already: an article, or the body of a mail. Only what is known is drawn; nothing
// here ever becomes HTML by itself.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { ImageOff } from "lucide";
import { fileUrl } from "~/api/client.ts";
import type { Block } from "~/api/types.ts";
import { Icon } from "./icon.tsx";
import { t } from "./message_words.ts";

function safe(href: string | undefined): string | undefined {
  return href && /^(https?:|mailto:)/i.test(href) ? href : undefined;
}

// A picture of the mail itself; one from elsewhere would tell its owner who reads, and is never fetched.
function Picture({ block }: { block: Block }) {
  const broken = useSignal(false);
  const alt = block.alt ?? "";
  if (typeof block.attachment !== "number") {
    return (
      <span class="picture-not">
        <Icon of={ImageOff} size={14} /> {t.notFetched(block.source ?? "")}
        {alt && `: ${alt}`}
      </span>
    );
  }
  const url = fileUrl(`attachments/${block.attachment}`, { inline: true });
  if (broken.value) {
    return (
      <a class="picture-not" href={fileUrl(`attachments/${block.attachment}`)} download="">
        <Icon of={ImageOff} size={14} /> {t.noPicture(alt)}
      </a>
    );
  }
  return (
    <a class="body-picture" href={url} target="_blank" rel="noopener" aria-label={t.picture(alt)}>
      <img src={url} alt="" width={block.width} height={block.height} loading="lazy" onError={() => (broken.value = true)} />
    </a>
  );
}

interface Levels {
  above: number; // the text's highest heading
  top: number; // and what it becomes; 0: headings of a message are no headings of the page
}

function draw(block: Block, key: number, levels: Levels): ComponentChildren {
  const inner = () => (block.c ?? []).map((each, i) => draw(each, i, levels));
  switch (block.t) {
    case "text":
      return block.v;
    case "br":
      return <br key={key} />;
    case "p":
      return <p key={key}>{inner()}</p>;
    case "h": {
      if (levels.top === 0) {
        return (
          <p key={key} class="prose-heading">
            {inner()}
          </p>
        );
      }
      const level = Math.min(6, Math.max(levels.top, (block.level ?? 1) - levels.above + levels.top));
      const H = `h${level}` as "h2";
      return <H key={key}>{inner()}</H>;
    }
    case "ul":
      return <ul key={key}>{inner()}</ul>;
    case "ol":
      return (
        <ol key={key} start={block.start}>
          {inner()}
        </ol>
      );
    case "li":
      return <li key={key}>{inner()}</li>;
    case "quote":
      return <blockquote key={key}>{inner()}</blockquote>;
    case "quoted":
      return (
        <details key={key} class="earlier-words">
          <summary>{t.earlier}</summary>
          {inner()}
        </details>
      );
    case "code":
      return (
        <pre key={key} tabIndex={0}>
          <code>{block.v ?? inner()}</code>
        </pre>
      );
    case "hr":
      return <hr key={key} />;
    case "table":
      return (
        <div key={key} class="table-scroll" tabIndex={0}>
          <table>{bodyOf(block, levels)}</table>
        </div>
      );
    case "thead":
      return <thead key={key}>{inner()}</thead>;
    case "tbody":
      return <tbody key={key}>{inner()}</tbody>;
    case "tr":
      return <tr key={key}>{inner()}</tr>;
    case "th":
      return <th key={key}>{inner()}</th>;
    case "td":
      return <td key={key}>{inner()}</td>;
    case "em":
      return <em key={key}>{inner()}</em>;
    case "strong":
      return <strong key={key}>{inner()}</strong>;
    case "u":
      return <u key={key}>{inner()}</u>;
    case "sub":
      return <sub key={key}>{inner()}</sub>;
    case "sup":
      return <sup key={key}>{inner()}</sup>;
    case "del":
      return <del key={key}>{inner()}</del>;
    case "codespan":
      return <code key={key}>{block.v ?? inner()}</code>;
    case "img":
      return <Picture key={key} block={block} />;
    case "a":
      return safe(block.href) ? (
        <a key={key} href={safe(block.href)} rel="noopener noreferrer nofollow">
          {inner()}
        </a>
      ) : (
        <span key={key}>{inner()}</span>
      );
    default:
      return <span key={key}>{block.v ?? inner()}</span>;
  }
}
// Rows of a mail stand in the table itself; a browser would put them into a body, so it is there from the start.
function bodyOf(table: Block, levels: Levels): ComponentChildren {
  const rows = (table.c ?? []).map((each, i) => draw(each, i, levels));
  return table.c?.some((each) => each.t === "tr") ? <tbody>{rows}</tbody> : rows;
}

// `top`: which heading the highest of the text becomes; the page has the only h1.
export function Blocks({ blocks, top = 2, class: name = "" }: { blocks: readonly Block[]; top?: number; class?: string }) {
  const above = Math.min(6, ...blocks.filter((each) => each.t === "h").map((each) => each.level ?? 1));
  return <div class={`prose ${name}`}>{blocks.map((each, i) => draw(each, i, { above, top }))}</div>;
}

// The files that stand in the text as pictures.
export function picturesIn(blocks: readonly Block[]): ReadonlySet<number> {
  const found = new Set<number>();
  const look = (block: Block) => {
    if (block.t === "img" && typeof block.attachment === "number") found.add(block.attachment);
    block.c?.forEach(look);
  };
  blocks.forEach(look);
  return found;
}
