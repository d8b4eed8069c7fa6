// Ends with 0 when the service of this container is ready, else with 1 and the reason: for HEALTHCHECK.
const { HOST, PORT, WORKER_PORT, PAPERBOY_ROLE } = process.env;
const port = (PAPERBOY_ROLE === "worker" ? WORKER_PORT : PORT) || 3000;
const host = !HOST || HOST === "0.0.0.0" || HOST === "::" ? "127.0.0.1" : HOST;
try {
  const answer = await fetch(`http://${host.includes(":") ? `[${host}]` : host}:${port}/readyz`);
  if (!answer.ok) throw new Error(await answer.text());
} catch (error) {
  process.stderr.write(`${error.cause?.message ?? error.message}\n`);
  process.exitCode = 1;
}
