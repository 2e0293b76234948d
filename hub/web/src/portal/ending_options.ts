// What the end of a conversation and the box in it are given.
import type { TicketDetail } from "~/api/types.ts";
import type { Talk } from "./conversation.tsx";

export interface EndingOptions {
  ticket: TicketDetail;
  talk: Talk;
  change: (change: (data: TicketDetail) => TicketDetail) => void;
  reload: () => Promise<void>;
}
