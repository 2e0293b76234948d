// Files that wait to be sent with a text: dragged, pasted, chosen, or taken by a phone's camera.
import { useComputed, useSignal, type Signal } from "@preact/signals";
import { Camera, Paperclip, X, File as FileIcon } from "lucide";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { upload, fileBytesMax } from "~/api/upload.ts";
import { ApiProblem, asProblem } from "~/api/client.ts";
import { bytes } from "~/base/time.ts";
import type { Attachment } from "~/api/types.ts";
import { Icon } from "./icon.tsx";
import { toast } from "./toast.tsx";
import { t } from "./words.ts";

export interface WaitingFile {
  key: number;
  file: File;
  share: number; // 0…1 while it is being sent
  sent?: Attachment;
  problem?: ApiProblem;
}
export type Files = Signal<WaitingFile[]>;
let next = 1;

export function addFiles(files: Files, chosen: Iterable<File>) {
  const fresh: WaitingFile[] = [];
  for (const file of chosen) {
    if (file.size > fileBytesMax) toast(t.tooBig(file.name), { tone: "danger" });
    else if (file.size === 0) toast(t.emptyFile(file.name), { tone: "danger" });
    else fresh.push({ key: next++, file, share: 0 });
  }
  if (fresh.length) files.value = [...files.value, ...fresh];
}

function change(files: Files, key: number, part: Partial<WaitingFile>) {
  files.value = files.value.map((each) => (each.key === key ? { ...each, ...part } : each));
}

// Sends what has not been sent yet, one after the other. What fails stays in the list with its reason; false then.
export async function sendFiles(files: Files, ticket: number, internal = false): Promise<boolean> {
  let all = true;
  for (const each of files.peek()) {
    if (each.sent) continue;
    try {
      const sent = await upload(ticket, each.file, { internal, progress: (share) => change(files, each.key, { share }) });
      change(files, each.key, { sent, share: 1 });
    } catch (failed) {
      change(files, each.key, { problem: asProblem(failed), share: 0 });
      all = false;
    }
  }
  return all;
}

// Wraps a place to write: files dropped or pasted there are taken.
export function FileZone({ files, children }: { files: Files; children: ComponentChildren }) {
  const over = useSignal(false);
  const depth = useRef(0);
  return (
    <div
      class={`file-zone ${over.value ? "file-zone-over" : ""}`}
      onDragEnter={(e) => {
        if (!e.dataTransfer?.types.includes("Files")) return;
        depth.current += 1;
        over.value = true;
      }}
      onDragLeave={() => {
        depth.current = Math.max(0, depth.current - 1);
        if (depth.current === 0) over.value = false;
      }}
      onDragOver={(e) => e.preventDefault()}
      onDrop={(e) => {
        depth.current = 0;
        over.value = false;
        if (!e.dataTransfer?.files.length) return;
        e.preventDefault();
        addFiles(files, e.dataTransfer.files);
      }}
      onPaste={(e) => {
        const pasted = [...(e.clipboardData?.files ?? [])];
        if (!pasted.length) return;
        e.preventDefault();
        addFiles(
          files,
          pasted.map((file) => (file.name === "image.png" ? new File([file], `${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.png`, { type: file.type }) : file)),
        );
      }}
    >
      {children}
      {over.value && <div class="file-zone-hint">{t.dropHere}</div>}
    </div>
  );
}

function Thumbnail({ file }: { file: File }) {
  const image = /^image\/(png|jpeg|gif|webp)$/.test(file.type);
  const url = useSignal("");
  useEffect(() => {
    if (!image) return;
    url.value = URL.createObjectURL(file);
    return () => URL.revokeObjectURL(url.peek());
  }, [file]);
  return url.value ? <img class="thumbnail" src={url.value} alt="" /> : <Icon of={FileIcon} size={20} />;
}

// The list of waiting files, and the button that adds to it.
export function FilePicker({ files, hint = true }: { files: Files; hint?: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const take = (from: HTMLInputElement) => {
    addFiles(files, from.files ?? []);
    from.value = "";
  };
  const busy = useComputed(() => files.value.some((each) => each.share > 0 && each.share < 1));
  return (
    <div class="file-picker">
      {files.value.length > 0 && (
        <ul class="file-list">
          {files.value.map((each) => (
            <li key={each.key} class={each.problem ? "file-wrong" : ""}>
              <Thumbnail file={each.file} />
              <span class="file-name">
                <bdi>{each.file.name}</bdi>
                <span class="quiet small">
                  {bytes(each.file.size)}
                  {each.sent ? ` · ${t.uploaded}` : each.share > 0 ? ` · ${t.uploading(Math.round(each.share * 100))}` : ""}
                </span>
                {each.problem && <span class="field-error">{each.problem.message}</span>}
                {each.share > 0 && !each.sent && <progress max={1} value={each.share} aria-label={each.file.name} />}
              </span>
              {!each.sent && (
                <button type="button" class="plain icon-button" aria-label={`${t.remove}: ${each.file.name}`} onClick={() => (files.value = files.value.filter((other) => other.key !== each.key))}>
                  <Icon of={X} />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      <input ref={input} type="file" multiple hidden onChange={(e) => take(e.currentTarget)} />
      <input ref={camera} type="file" accept="image/*" capture="environment" hidden onChange={(e) => take(e.currentTarget)} />
      <div class="file-add">
        <button type="button" onClick={() => input.current?.click()} aria-disabled={busy.value}>
          <Icon of={Paperclip} /> {t.addFiles}
        </button>
        <button type="button" class="file-camera" onClick={() => camera.current?.click()} aria-disabled={busy.value}>
          <Icon of={Camera} /> {t.takePicture}
        </button>
        {hint && <span class="hint">{t.filesHint}</span>}
      </div>
    </div>
  );
}
