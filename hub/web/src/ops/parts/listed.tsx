// A list in pages as it comes: on its way, failed, empty (and whether that is the filters' doing), or there.
import type { IconNode } from "lucide";
import type { ComponentChildren, ComponentProps } from "preact";
import { More } from "~/ui/more.tsx";
import { Empty, Failed, Skeleton } from "~/ui/states.tsx";
import type { ApiProblem } from "~/api/client.ts";
import { t as ops } from "../words.ts";

type List = ComponentProps<typeof More>["list"] & {
  data: unknown;
  items: readonly unknown[];
  problem: ApiProblem | undefined;
  reload: () => Promise<unknown>;
};

export function Listed({ list, filtered, icon, title, text, children }: { list: List; filtered: boolean; icon: IconNode; title: string; text: string; children: ComponentChildren }) {
  if (!list.data) return list.problem ? <Failed problem={list.problem} retry={() => void list.reload()} /> : <Skeleton lines={10} />;
  if (list.items.length === 0) {
    return (
      <Empty icon={icon} title={filtered ? ops.noMatch : title}>
        {filtered ? ops.noMatchText : text}
      </Empty>
    );
  }
  return (
    <>
      {children}
      <More list={list} />
    </>
  );
}
