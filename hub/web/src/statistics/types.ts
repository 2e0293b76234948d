// GET /statistics, as in /api/v1/openapi.json.
export interface Spread {
  count: number;
  p50: number | null;
  p90: number | null;
}
export interface Figures {
  registered: number;
  resolved: number;
  closed: number;
  reopened: number;
  backlog: number;
  first_response_ms: Spread;
  resolution_ms: Spread;
  oldest_open_at: string | null;
  filter?: Record<string, string> | null; // of GET /tickets, for the registered
  counted?: Record<string, string> | null; // of GET /statistics/tickets, to which the figure is added
}
export interface Line extends Figures {
  key: string;
  label: string;
}
export interface Statistics {
  from: string;
  to: string;
  totals: Figures;
  rows: Line[];
}
export type By = "day" | "customer" | "service" | "team" | "supplier" | "kind" | "priority";
export type Counted = "registered" | "resolved" | "closed" | "reopened" | "backlog" | "first_response";
