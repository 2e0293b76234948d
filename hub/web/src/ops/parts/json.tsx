// JSON as somebody reads it: indented, its parts told apart. What is no JSON stays the text that it is.
import type { ComponentChildren } from "preact";

export function pretty(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value, null, 2) ?? "";
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}

const piece = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function coloured(text: string): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let at = 0;
  for (const found of text.matchAll(piece)) {
    if (found.index > at) parts.push(text.slice(at, found.index));
    const [whole, quoted, colon] = found;
    if (quoted && colon) parts.push(<span class="json-key">{quoted}</span>, colon);
    else parts.push(<span class={quoted ? "json-text" : "json-value"}>{whole}</span>);
    at = found.index + whole.length;
  }
  parts.push(text.slice(at));
  return parts;
}

const colouredMax = 60_000; // beyond it the browser has enough to do with the text alone

export function Json({ value, label }: { value: unknown; label: string }) {
  const text = pretty(value);
  const json = typeof value !== "string" || /^\s*[[{]/.test(value);
  return (
    <pre class="json" tabIndex={0} role="region" aria-label={label}>
      <code>{json && text.length < colouredMax ? coloured(text) : text}</code>
    </pre>
  );
}
