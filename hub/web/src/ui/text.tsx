// Texts of people and articles. Nothing here ever becomes HTML by itself: hostile text stays text.
import type { ComponentChildren } from "preact";
import type { Block } from "~/api/types.ts";

const address = /\bhttps?:\/\/[^\s<>"]+[^\s<>"'.,;:!?)\]}]|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/g;

// A name as it is spelled: marks that turn the direction of letters could make "exe.pdf" of something else.
export function visibleName(name: string): string {
  return name.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\u0000-\u001f\u007f]/g, "\ufffd");
}

// Plain text with its line breaks; web and mail addresses become links.
export function PlainText({ text, class: name }: { text: string; class?: string }) {
  const parts: ComponentChildren[] = [];
  let at = 0;
  for (const found of text.matchAll(address)) {
    const link = found[0];
    if (found.index > at) parts.push(text.slice(at, found.index));
    const href = link.includes("://") ? link : `mailto:${link}`;
    parts.push(
      <a href={href} rel="noopener noreferrer nofollow" target={link.includes("://") ? "_blank" : undefined}>
        {link}
      </a>,
    );
    at = found.index + link.length;
  }
  parts.push(text.slice(at));
  return (
    <div class={`plain-text ${name ?? ""}`} dir="auto">
      {parts}
    </div>
  );
}

function safe(href: string | undefined): string | undefined {
  return href && /^(https?:|mailto:)/i.test(href) ? href : undefined;
}

// `above`: the level of the article's highest heading, which becomes h2: the page has the only h1.
function draw(block: Block, key: number, above: number): ComponentChildren {
  const inner = () => (block.c ?? []).map((each, i) => draw(each, i, above));
  switch (block.t) {
    case "text":
      return block.v;
    case "br":
      return <br key={key} />;
    case "p":
      return <p key={key}>{inner()}</p>;
    case "h": {
      const level = Math.min(6, Math.max(2, (block.level ?? 1) - above + 2));
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
          <table>{inner()}</table>
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
    case "del":
      return <del key={key}>{inner()}</del>;
    case "codespan":
      return <code key={key}>{block.v ?? inner()}</code>;
    case "a":
      return safe(block.href) ? (
        <a key={key} href={safe(block.href)} rel="noopener noreferrer">
          {inner()}
        </a>
      ) : (
        <span key={key}>{inner()}</span>
      );
    default:
      return <span key={key}>{block.v ?? inner()}</span>;
  }
}

// An article's text.
export function Blocks({ blocks }: { blocks: readonly Block[] }) {
  const above = Math.min(6, ...blocks.filter((each) => each.t === "h").map((each) => each.level ?? 1));
  return <div class="prose">{blocks.map((each, i) => draw(each, i, above))}</div>;
}
