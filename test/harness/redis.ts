import { findRedis } from "./redis-server.ts";
import { describeWith } from "./requirement.ts";

export { startRedis, type TestRedis } from "./redis-server.ts";

/** `describe` for suites that need Redis; left out, or failed when it is required, where there is none. */
export const redisSuite = describeWith({
  name: "redis",
  missing: findRedis() ? null : "redis-server is not on the PATH",
});
