// The first screen: is it known, can I solve it now, how do I get help; then my open tickets.
import { Lightbulb, ShoppingCart, TriangleAlert } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { title } from "~/base/router.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Skeleton } from "~/ui/states.tsx";
import { ApprovalsLine } from "./approvals.tsx";
import { GuidanceSearch } from "./guidance_search.tsx";
import { Notices, useNotices } from "./notices.tsx";
import { OpenTickets } from "./open_tickets.tsx";
import { t } from "./words.ts";

// The known trouble stands on top: what is below waits a moment for it, so that nothing jumps under a finger.
const patience = 600; // milliseconds

export function Start() {
  title.value = t.start;
  const notices = useNotices();
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), patience);
    return () => clearTimeout(timer);
  }, []);
  if (!notices.data && !notices.problem && !late) {
    return (
      <>
        <h1 class="sr-only">{t.howCanWeHelp}</h1>
        <Skeleton lines={6} />
      </>
    );
  }
  return (
    <div class="page portal">
      <Notices />
      <ApprovalsLine />
      <h1 class="start-title">{t.howCanWeHelp}</h1>
      <GuidanceSearch />
      <Ways />
      <OpenTickets />
    </div>
  );
}

function Ways() {
  const ways = [
    ["incident", TriangleAlert, t.wayIncident, t.wayIncidentText],
    ["order", ShoppingCart, t.wayOrder, t.wayOrderText],
    ["question", Lightbulb, t.wayQuestion, t.wayQuestionText],
  ] as const;
  return (
    <nav aria-label={t.ways} class="ways">
      {ways.map(([kind, icon, name, about]) => (
        <a key={kind} class="way" href={`/new?kind=${kind}`}>
          <span class="way-icon">
            <Icon of={icon} size={20} />
          </span>
          <span class="way-words">
            <span class="way-name">{name}</span>
            <span class="way-about">{about}</span>
          </span>
        </a>
      ))}
    </nav>
  );
}
