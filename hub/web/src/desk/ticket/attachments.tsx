// Files of a ticket, pictures shown where they are.
import { Download, File as FileIcon } from "lucide";
import { urlOf } from "~/api/client.ts";
import type { Attachment } from "~/api/types.ts";
import { bytes } from "~/base/time.ts";
import { Icon } from "~/ui/icon.tsx";
import { t } from "./words.ts";

const pictures = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const inlineMax = 8_000_000; // larger ones are fetched when somebody asks

export function AttachmentList({ files }: { files: readonly Attachment[] }) {
  if (files.length === 0) return null;
  return (
    <ul class="attachments">
      {files.map((file) => {
        const url = urlOf(`attachments/${file.id}`);
        const picture = pictures.has(file.media_type) && file.bytes <= inlineMax;
        return (
          <li key={file.id}>
            {picture && (
              <a href={`${url}?inline=true`} target="_blank" rel="noopener" class="attachment-picture" aria-label={t.openFile(file.name)}>
                <img src={`${url}?inline=true`} alt="" loading="lazy" />
              </a>
            )}
            <a href={url} download={file.name} class="attachment-name">
              <Icon of={picture ? Download : FileIcon} size={14} />
              <bdi>{file.name}</bdi>
              <span class="quiet figures">{bytes(file.bytes)}</span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}
