// Prints the licence of every package of which a bundle holds something. Arguments: esbuild's metafile, the bundle's name.
import { readFileSync, readdirSync } from "node:fs";

const [metafile, bundle] = process.argv.slice(2);
const [output] = Object.values(JSON.parse(readFileSync(metafile, "utf8")).outputs);
const held = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
const folders = new Set(held.flatMap(([path]) => path.match(/^.*node_modules\/(@[^/]+\/)?[^/]+/)?.[0] ?? []));
const author = ({ author, contributors }) => [author?.name ?? author, ...(contributors ?? []).map((one) => one.name ?? one)].filter(Boolean);

console.log(`${bundle} holds code of the packages below, built by scripts/vendor.sh, with the licence that each came with.`);
for (const folder of [...folders].sort()) {
  const about = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const names = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice|copyright)/i.test(name));
  console.log(`\n${"=".repeat(80)}\n${about.name} ${about.version}: ${about.license}\n`);
  if (!names.length) console.log(`The package has no licence text of its own. By ${author(about).join(", ") || "its contributors"}.`);
  for (const name of names) console.log(readFileSync(`${folder}/${name}`, "utf8").trim());
}
