// The public API, and nothing else. Every refusal becomes an ApiProblem that a page can show to whoever must act.
import { signal } from "@preact/signals";
import { words } from "~/base/words.ts";
import { fieldRefusal, refusal } from "./refusals.ts";

export interface FieldProblem {
  pointer: string; // "/subject", "?name"
  detail: string;
}

const t = words({
  offline: { sv: "Servicedesken går inte att nå. Kontrollera anslutningen; inget du skrivit är borta.", en: "The service desk cannot be reached. Check your connection; nothing you wrote is lost." },
  strange: { sv: "Servern svarade något som sidan inte förstår. Försök igen om en stund.", en: "The server answered something this page does not understand. Try again in a while." },
});

export class ApiProblem extends Error {
  constructor(
    readonly status: number, // 0: no answer at all
    readonly code: string,
    message: string,
    readonly fields: FieldProblem[] = [],
    readonly instance = "", // X-Request-Id, to tell the desk
    readonly retryAfter = 0, // seconds
  ) {
    super(message);
  }
  // What is wrong with one field, by its name in the body.
  field(name: string): string | undefined {
    return this.fields.find((each) => each.pointer === `/${name}` || each.pointer === `?${name}`)?.detail;
  }
}

export const csrf = signal("");
export const customer = signal(""); // whom the reader speaks for, when he belongs to several
// Not 0: the session is gone. The sign-in is shown over what the reader was doing, and what he was sending waits for it.
export const signedOut = signal(0);
let waiting: ((again: boolean) => void)[] = [];
function signedInAgain(): Promise<boolean> {
  return new Promise((resume) => waiting.push(resume));
}
// The sign-in over the page is over: what waits is sent again (true) or refused.
export function settleSignIn(again: boolean) {
  signedOut.value = 0;
  const all = waiting;
  waiting = [];
  for (const resume of all) resume(again);
}

export interface Options {
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  ifMatch?: string | number;
  key?: string; // Idempotency-Key; a fresh one per POST otherwise
  signal?: AbortSignal;
  headers?: Record<string, string>;
}
export interface Answer<T> {
  data: T;
  headers: Headers;
  status: number;
}

export function randomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function urlOf(path: string, query: Options["query"] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  const base = path.startsWith("/") ? path : `/api/v1/${path}`;
  return text ? `${base}${base.includes("?") ? "&" : "?"}${text}` : base;
}

// For what the browser fetches by itself, which sends no headers of ours: whom the reader speaks for stands in the query.
export function fileUrl(path: string, query: Options["query"] = {}): string {
  return urlOf(path, { ...query, customer: customer.value || undefined });
}

interface ProblemDocument {
  code?: string;
  title?: string;
  detail?: string;
  instance?: string;
  errors?: { pointer?: string; detail?: string }[];
}

export function problemFrom(status: number, headers: { get(name: string): string | null }, text: string): ApiProblem {
  let document: ProblemDocument = {};
  try {
    document = JSON.parse(text) as ProblemDocument;
  } catch {
    return new ApiProblem(status, "strange", t.strange, [], headers.get("X-Request-Id") ?? "");
  }
  const fields = (document.errors ?? []).map((each) => ({ pointer: each.pointer ?? "", detail: fieldRefusal(each.detail ?? "") }));
  return new ApiProblem(
    status,
    document.code ?? "",
    refusal(document.code ?? "", document.detail ?? document.title ?? "") || t.strange,
    fields,
    document.instance ?? headers.get("X-Request-Id") ?? "",
    Number(headers.get("Retry-After") ?? 0),
  );
}

export function commonHeaders(method: string): Record<string, string> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET" && csrf.peek()) headers["X-CSRF-Token"] = csrf.peek();
  if (customer.peek()) headers["Ombud-Customer"] = customer.peek();
  return headers;
}

export async function call<T>(method: string, path: string, options: Options = {}): Promise<Answer<T>> {
  const headers = { ...commonHeaders(method), ...options.headers };
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (options.ifMatch !== undefined) headers["If-Match"] = `"${options.ifMatch}"`;
  const key = method === "POST" ? (options.key ?? randomKey()) : "";
  if (key) headers["Idempotency-Key"] = key;
  const request: RequestInit = { method, headers, credentials: "same-origin" };
  if (options.body !== undefined) request.body = JSON.stringify(options.body);
  if (options.signal) request.signal = options.signal;
  const url = urlOf(path, options.query);
  let response: Response;
  try {
    response = await fetch(url, request);
  } catch (failed) {
    if (options.signal?.aborted || method === "PATCH") throw asProblem(failed);
    // Once more: reads are harmless, and a POST has its Idempotency-Key.
    await new Promise((resume) => setTimeout(resume, 400));
    try {
      response = await fetch(url, request);
    } catch (again) {
      throw asProblem(again);
    }
  }
  const text = await response.text();
  if (!response.ok) {
    const problem = problemFrom(response.status, response.headers, text);
    if (problem.code === "unauthenticated" && csrf.peek() && !url.startsWith("/api/v1/session")) {
      signedOut.value += 1;
      if (method !== "GET" && (await signedInAgain())) return call<T>(method, path, { ...options, ...(key && { key }) });
    }
    throw problem;
  }
  let data: T;
  try {
    data = (text ? JSON.parse(text) : undefined) as T;
  } catch {
    throw new ApiProblem(response.status, "strange", t.strange, [], response.headers.get("X-Request-Id") ?? "");
  }
  return { data, headers: response.headers, status: response.status };
}

export function asProblem(failed: unknown): ApiProblem {
  if (failed instanceof ApiProblem) return failed;
  if (failed instanceof DOMException && failed.name === "AbortError") return new ApiProblem(0, "aborted", "");
  return new ApiProblem(0, "offline", t.offline);
}

export const api = {
  get: async <T>(path: string, query?: Options["query"], signal?: AbortSignal) =>
    (await call<T>("GET", path, { ...(query && { query }), ...(signal && { signal }) })).data,
  post: async <T = void>(path: string, body: unknown = {}, options: Options = {}) =>
    (await call<T>("POST", path, { ...options, body })).data,
  put: async <T = void>(path: string, body: unknown, options: Options = {}) =>
    (await call<T>("PUT", path, { ...options, body })).data,
  patch: async <T = void>(path: string, body: unknown, options: Options = {}) =>
    (await call<T>("PATCH", path, { ...options, body })).data,
  delete: async (path: string, body?: unknown) => void (await call<void>("DELETE", path, body === undefined ? {} : { body })),
};
