import { DELIVERY_STATUSES, type DeliveryStatus, RELAY } from "@paperboy/core";
import { type Command, Option } from "commander";
import { formatDestination } from "./commands/status.ts";
import { UsageError } from "./usage-error.ts";
import { withRuntime } from "./with-runtime.ts";

/** Commands about mails that are under way, and what pauses them. */
export function addDeliveryCommands(program: Command): void {
  addSendingCommands(program);
  addDeliveryListing(program);
}

function addSendingCommands(program: Command): void {
  const sending = program.command("sending").description("what pauses sending, or slows it down");
  sending
    .command("list")
    .description("the relay and destinations that are paused or slowed down, and why")
    .action(
      withRuntime(async ({ store }, output) => {
        const destinations = await store.destinations.list(new Date());
        output.result(
          { streams: destinations },
          destinations.map(formatDestination).join("\n") || "sending is neither paused nor slowed down",
        );
      }),
    );
  sending
    .command("resume")
    .description("resume at once, at full speed, when the fault has been repaired")
    .argument("[domain]", "a destination; the relay when absent")
    .action(
      withRuntime(async ({ store }, output, domain: string | undefined) => {
        const key = domain?.toLowerCase() ?? RELAY;
        const held = await store.destinations.resume(key);
        const name = key === RELAY ? "the relay" : key;
        output.result(
          { key, resumed: held },
          held ? `mails go out to ${name} again` : `nothing held ${name} up`,
        );
      }),
    );
}

function addDeliveryListing(program: Command): void {
  const deliveries = program.command("deliveries").description("mails and what became of them");
  deliveries
    .command("list")
    .description("the newest, of one state or of all")
    .addOption(new Option("--status <status>", "only these").choices(DELIVERY_STATUSES))
    .option("--limit <n>", "at most this many", "50")
    .action(
      withRuntime(
        async ({ store }, output, { status, limit }: { status?: DeliveryStatus; limit: string }) => {
          const list = await store.deliveries.list({ status, limit: Math.min(1_000, Number(limit) || 50) });
          const lines = list.map(
            (each) =>
              `${each.id}  ${each.status}  ${each.kind} ${each.kind === "digest" ? each.edition : ""}  ${each.email}  ${each.response ?? ""}`,
          );
          output.result({ deliveries: list }, lines.join("\n") || "none");
        },
      ),
    );
  deliveries
    .command("settle")
    .description("say what became of a mail that may have gone out, or of all of them")
    .argument("[id]")
    .option("--all", "every delivery in the state unknown", false)
    .addOption(
      new Option("--as <what>", "submitted: it went out; pending: send it again")
        .choices(["submitted", "pending"])
        .makeOptionMandatory(),
    )
    .action(
      withRuntime(async ({ store }, output, id: string | undefined, { as, all }: SettleFlags) => {
        if ((id === undefined) !== all) throw new UsageError("give the id of one delivery, or --all");
        const settled = await store.deliveries.settle(id ?? "all", as, new Date());
        if (id !== undefined && settled === 0) {
          throw new UsageError(`there is no delivery ${id} in the state unknown`);
        }
        output.result({ settled, status: as }, `${settled} settled: ${as}`);
      }),
    );
}

interface SettleFlags {
  readonly as: "submitted" | "pending";
  readonly all: boolean;
}
