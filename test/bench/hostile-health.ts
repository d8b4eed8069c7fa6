import { parentPort, workerData } from "node:worker_threads";

// Asks for the health of a service on a thread of its own, so that the clients of the benchmark do not delay the answers.

/** How often, in milliseconds. */
const PULSE_MS = 20;

const { url, seconds } = workerData as { readonly url: string; readonly seconds: number };
const taken: number[] = [];
const end = performance.now() + seconds * 1000;
while (performance.now() < end) {
  const started = performance.now();
  await (await fetch(`${url}/healthz`)).arrayBuffer();
  taken.push(performance.now() - started);
  await new Promise((resolve) => setTimeout(resolve, PULSE_MS));
}
parentPort?.postMessage(taken);
