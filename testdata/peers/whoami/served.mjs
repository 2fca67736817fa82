// served.mjs REQUESTS SECONDS ENDPOINT: as served of this directory, on the clock of serve.py.
import { createRequire } from "node:module";

const [start, rate] = process.env.CLOCK.split(" ").map(Number);
const Real = Date;
const now = () => start * 1000 + (Real.now() - start * 1000) * rate;
globalThis.Date = class extends Real {
  constructor(...args) {
    args.length ? super(...args) : super(now());
  }
  static now() {
    return Math.floor(now());
  }
};
const require = createRequire(process.env.NODE_MODULES + "/");
const { STSClient, GetCallerIdentityCommand } = require("@aws-sdk/client-sts");
const [requests, seconds, endpoint] = process.argv.slice(2);
const client = new STSClient({ endpoint });
const keys = new Set();
for (let i = 0; i < Number(requests); i++) {
  await client.send(new GetCallerIdentityCommand({}));
  keys.add((await client.config.credentials()).accessKeyId);
  await new Promise((r) => setTimeout(r, (1000 * Number(seconds)) / Number(requests)));
}
console.log(JSON.stringify([...keys]));
