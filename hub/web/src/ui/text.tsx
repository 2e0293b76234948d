// Texts of people. Nothing here ever becomes HTML by itself: hostile text stays text.
import type { ComponentChildren } from "preact";

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
