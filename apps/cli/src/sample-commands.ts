import type { Command } from "commander";
import { describeRemoval } from "./runtime/sample.ts";
import { withRuntime } from "./with-runtime.ts";

/** Commands about the papers that are bundled for trying out. */
export function addSampleCommands(program: Command): void {
  const sample = program.command("sample").description("the papers that are bundled for trying out");
  sample
    .command("remove")
    .description("take them away for good; those that a reader has had stay in that digest only")
    .action(
      withRuntime(async ({ store }, output) => {
        const removal = await store.sample.remove();
        output.result(removal, describeRemoval(removal));
      }),
    );
}
