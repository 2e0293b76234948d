import { Compass } from "lucide";
import { title } from "~/base/router.tsx";
import { staff } from "~/api/session.ts";
import { Empty } from "./states.tsx";
import { t } from "./words.ts";

export function NotFound() {
  title.value = t.notFoundTitle;
  return (
    <div class="page">
      <Empty page icon={Compass} title={t.notFoundTitle}>
        <p>{t.notFound}</p>
        <a class="button" href={staff.value ? "/desk" : "/"}>
          {t.toStart}
        </a>
      </Empty>
    </div>
  );
}
