import { z } from "zod";
import type { ApiContext } from "../context.ts";
import { operation } from "../http/operation.ts";
import { Problem } from "../http/problem.ts";
import type { Route } from "../http/route.ts";

const destinationSchema = z.object({
  key: z.string().meta({ description: "`*` is the relay, any other key a destination's domain." }),
  pausedUntil: z.iso.datetime().nullable(),
  reason: z.string().nullable(),
  strikes: z.int(),
  gapMs: z.int().meta({ description: "Milliseconds between two mails; 0 is full speed." }),
});

/** What pauses sending, or slows it down. */
export function adminDestinationRoutes({ store, admin: { guard }, now }: ApiContext): Route[] {
  const common = { tag: "Administration", guard };
  return [
    operation({
      ...common,
      method: "get",
      path: "/api/v1/admin/streams",
      summary: "The relay and destinations that are paused or slowed down, and why",
      success: {
        status: 200,
        description: "Empty when mails go out at full speed.",
        schema: z.object({ streams: z.array(destinationSchema) }),
      },
      handle: async () => ({
        streams: (await store.destinations.list(now())).map((destination) => ({
          ...destination,
          pausedUntil: destination.pausedUntil?.toISOString() ?? null,
        })),
      }),
    }),
    operation({
      ...common,
      method: "post",
      path: "/api/v1/admin/streams/{key}/resume",
      summary: "Resume at once, at full speed",
      params: z.object({ key: z.string().max(254) }),
      success: { status: 204, description: "It is no longer paused." },
      problems: [404],
      handle: async ({ params: { key } }) => {
        if (!(await store.destinations.resume(key)))
          throw new Problem(404, "This is neither paused nor slowed down.");
      },
    }),
  ];
}
