import type { JobSchedulerJson } from "bullmq";
import { expect, it } from "vitest";
import type { NoPayload } from "../src/jobs.ts";
import { keepSchedules, type ScheduleStore } from "../src/schedules.ts";

type Found = JobSchedulerJson<NoPayload> | undefined;

/** A backend on which another process writes the schedule between our look and our writing. */
function contested(written: Found): ScheduleStore {
  let found: Found;
  return {
    getJobScheduler: async () => found,
    upsertJobScheduler: async () => {
      found = written;
      throw new Error("current and next time slots already have jobs");
    },
  };
}

const keep = async (written: Found) => {
  const schedules = keepSchedules(
    () => contested(written),
    () => {},
    () => 1_000,
  );
  await schedules.keep("plan", 200).finally(() => schedules.stop());
};

it("is content with the schedule that another process was first to write", async () => {
  await keep({ key: "plan", name: "plan", every: 200, next: 1_200 });
});

it("fails when what the other one wrote is not what was wanted, or nothing", async () => {
  await expect(keep({ key: "plan", name: "plan", every: 999, next: 1_200 })).rejects.toThrow("slots");
  await expect(keep(undefined)).rejects.toThrow("slots");
});
