// Copies and bundles the assets that pages load from this very server; the result is committed, so a clone needs no Node.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const vendor = "src/zaidao/shell/static/vendor";
rmSync(vendor, { recursive: true, force: true });
mkdirSync(vendor, { recursive: true });
mkdirSync("tests/vendor", { recursive: true });

const plain = (text) => text.replace(/\/[*/][#@] sourceMappingURL=\S+?(\s*\*\/)?\s*$/gm, "");
writeFileSync(`${vendor}/tabler.min.css`, plain(readFileSync("node_modules/@tabler/core/dist/css/tabler.min.css", "utf8")));
await build({
  entryPoints: ["tools/assets/charts.entry.mjs"], outfile: `${vendor}/echarts.min.js`,
  bundle: true, minify: true, format: "iife", target: "chrome109", legalComments: "none",
});
copyFileSync("tools/assets/tabler.LICENSE.txt", `${vendor}/tabler.LICENSE.txt`);
copyFileSync("node_modules/echarts/LICENSE", `${vendor}/echarts.LICENSE.txt`);
copyFileSync("node_modules/echarts/NOTICE", `${vendor}/echarts.NOTICE.txt`);
writeFileSync("tests/vendor/axe.min.js", plain(readFileSync("node_modules/axe-core/axe.min.js", "utf8")));
copyFileSync("node_modules/axe-core/LICENSE", "tests/vendor/axe.LICENSE.txt");
