// Reads mails that came back, in a thread of its own: one message with the octets of a mail in, one with what it says out.
import { parentPort } from "node:worker_threads";
import { readBounce } from "../dist/bounces/read-bounce.js";

parentPort.on("message", async (raw) => parentPort.postMessage(await readBounce(raw)));
parentPort.postMessage("ready");
