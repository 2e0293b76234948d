// A file on its way to the desk, with progress, which fetch cannot tell.
import { ApiProblem, asProblem, commonHeaders, problemFrom, randomKey, signedOut, urlOf } from "./client.ts";
import type { Attachment } from "./types.ts";

export const fileBytesMax = 25 * 1024 * 1024;

// The bytes of `file` to a ticket. `progress` hears 0…1. Refused: ApiProblem.
export function upload(
  ticket: number,
  file: File,
  options: { internal?: boolean; progress?: (share: number) => void; signal?: AbortSignal } = {},
): Promise<Attachment> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const query = { name: file.name || "file", internal: options.internal ? true : undefined };
    request.open("POST", urlOf(`tickets/${ticket}/attachments`, query));
    for (const [name, value] of Object.entries(commonHeaders("POST"))) request.setRequestHeader(name, value);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.setRequestHeader("Idempotency-Key", randomKey());
    request.upload.onprogress = (event) => options.progress?.(event.lengthComputable ? event.loaded / event.total : 0);
    request.onerror = () => reject(asProblem(new TypeError("network")));
    request.onabort = () => reject(new ApiProblem(0, "aborted", ""));
    request.onload = () => {
      if (request.status === 201) {
        options.progress?.(1);
        resolve(JSON.parse(request.responseText) as Attachment);
        return;
      }
      const problem = problemFrom(request.status, { get: (name) => request.getResponseHeader(name) }, request.responseText);
      if (problem.code === "unauthenticated") signedOut.value += 1;
      reject(problem);
    };
    options.signal?.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
