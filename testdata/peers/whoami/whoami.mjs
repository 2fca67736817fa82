// whoami.mjs PROFILE ENDPOINT: who the AWS SDK for JavaScript is with a profile.
import { createRequire } from "node:module";

const require = createRequire(process.env.NODE_MODULES + "/");
const { STSClient, GetCallerIdentityCommand } = require("@aws-sdk/client-sts");
const [profile, endpoint] = process.argv.slice(2);
process.env.AWS_PROFILE = profile;
const client = new STSClient({ endpoint });
const who = await client.send(new GetCallerIdentityCommand({}));
console.log(who.Arn, await client.config.region());
