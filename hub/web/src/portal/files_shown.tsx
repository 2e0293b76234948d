// Files in a conversation: pictures are shown, the rest is fetched.
import { useSignal } from "@preact/signals";
import { Download } from "lucide";
import { fileUrl } from "~/api/client.ts";
import type { Attachment } from "~/api/types.ts";
import { bytes } from "~/base/time.ts";
import { Icon } from "~/ui/icon.tsx";
import { visibleName } from "~/ui/text.tsx";
import { t } from "./words.ts";

function address(file: Attachment, inline: boolean): string {
  return fileUrl(`attachments/${file.id}`, { inline: inline || undefined });
}

export function FilesShown({ files }: { files: readonly Attachment[] }) {
  return (
    <ul class="plain-list files-shown">
      {files.map((each) => (
        <li key={each.id}>{/^image\/(png|jpeg|gif|webp)$/.test(each.media_type) ? <Picture file={each} /> : <Fetched file={each} />}</li>
      ))}
    </ul>
  );
}

function Picture({ file }: { file: Attachment }) {
  const name = visibleName(file.name);
  const broken = useSignal(false);
  if (broken.value) return <Fetched file={file} />;
  return (
    <figure class="picture">
      <a href={address(file, true)} target="_blank" rel="noopener" aria-label={t.imageOf(name)}>
        <img src={address(file, true)} alt={name} loading="lazy" onError={() => (broken.value = true)} />
      </a>
      <figcaption>
        <Fetched file={file} />
      </figcaption>
    </figure>
  );
}

function Fetched({ file }: { file: Attachment }) {
  const name = visibleName(file.name);
  return (
    <a class="file-link" href={address(file, false)} download={name} aria-label={t.fileOf(name, bytes(file.bytes))}>
      <Icon of={Download} />
      <bdi>{name}</bdi> <span class="quiet small">{bytes(file.bytes)}</span>
    </a>
  );
}
