// The statistics, and the tickets behind each figure.
import { may } from "~/api/session.ts";
import { match, path } from "~/base/router.tsx";
import { Frame } from "~/ui/frame.tsx";
import { NotFound } from "~/ui/not_found.tsx";
import { StatisticsPage } from "./page.tsx";
import { CountedTickets } from "./tickets.tsx";

export default function Place() {
  const here = path.value;
  const allowed = may("statistics.read");
  return (
    <Frame wide>
      {allowed && match("/statistics", here) ? <StatisticsPage /> : allowed && match("/statistics/tickets", here) ? <CountedTickets /> : <NotFound />}
    </Frame>
  );
}
