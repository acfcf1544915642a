// The solc that Ape runs: answers `--version` and `--standard-json` like the native compiler, through npm's `solc`.
// Called by the shim `.tools/solc/solc-v<version>`, so that nothing has to be downloaded outside the registries.
"use strict";

const solc = require("solc");
const [flag] = process.argv.slice(2);

if (flag === "--version") {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`);
} else if (flag === "--standard-json") {
  const chunks = [];
  process.stdin.on("data", (chunk) => chunks.push(chunk));
  process.stdin.on("end", () => process.stdout.write(solc.compile(Buffer.concat(chunks).toString("utf8"))));
} else {
  process.stderr.write("solc.js answers only --version and --standard-json\n");
  process.exitCode = 2;
}
