// Makes dist/: the daemon as one file, its data file, and the licences of what is inside.
//   node build.mjs [--quiet] [--entry FILE.ts] [--out DIR]
//   node build.mjs --packages   makes dist/packages/ as well [--apk PROGRAM] [--key FILE]
//   node build.mjs --runtime NODE|TARBALL --arch x86_64|aarch64 [--licence FILE] [--apk PROGRAM] [--key FILE]
//                               wraps a Node that you obtained into dist/packages/postern-runtime instead
//   node build.mjs --docs       writes docs/configuration.md, docs/faults.md, docs/schema, docs/alert.svg, the tables of
//                               docs/mqtt.md, and LuCI's options and translations instead
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { domainToASCII, fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { compile } from './test/ts.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));
// A daemon with a broker loads these two, one without only the first.
const bundleLimit = 235 * 1000;
const mqttLimit = 105 * 1000;
const replayLimit = 155 * 1000;
const namesLimit = 20 * 1000;
const cliLimit = 40 * 1000;
const hooksLimit = 20 * 1000;
const historyLimit = 60 * 1000;
const blocklistsLimit = 15 * 1000;
const noticeLimit = 20 * 1000;
const doorsLimit = 20 * 1000;
const dataLimit = 200 * 1000;
const ipkLimit = 400 * 1000;
const luciLimit = 45 * 1000;
const languageLimit = 20 * 1000;

const { values: options } = parseArgs({
  options: {
    entry: { type: 'string', default: 'daemon/cli.ts' },
    out: { type: 'string', default: 'dist' },
    docs: { type: 'boolean', default: false },
    packages: { type: 'boolean', default: false },
    apk: { type: 'string', default: 'apk' },
    key: { type: 'string' },
    runtime: { type: 'string' },
    arch: { type: 'string' },
    licence: { type: 'string' },
    quiet: { type: 'boolean', default: false },
  },
});
const outdir = resolve(root, options.out);
const stub = (name) => join(root, 'daemon/system/stubs', name);

/**
 * Of packages' package.json only name and version are wanted; the ways that mqtt opens connections by itself, not at all:
 * system/mqtt-client.ts opens them.
 */
const smallPackages = {
  name: 'small-packages',
  setup(bundle) {
    bundle.onLoad({ filter: /\/node_modules\/.*\/package\.json$/ }, ({ path }) => {
      const { name, version } = JSON.parse(readFileSync(path, 'utf8'));
      return { contents: JSON.stringify({ name, version }), loader: 'json' };
    });
    bundle.onLoad({ filter: /\/mqtt\/build\/lib\/connect\/\w+\.js$/ }, () => ({
      contents: `module.exports = require(${JSON.stringify(stub('absent.cjs'))})`,
      loader: 'js',
    }));
    // Its notes for debugging go to the stub of `debug`: nobody would ever read them.
    bundle.onLoad({ filter: /\/node_modules\/mqtt(?:-packet)?\/.*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(
        /^(\s*)(?:this\.log|this\.client\.log|client\.log|debug)\(.*\);?$/gm,
        '$10;',
      ),
      loader: 'js',
    }));
  },
};

/** What not every daemon needs is in files of their own beside it (docs/decisions/0009-replay-apart.md). */
const apart = {
  name: 'apart',
  setup(bundle) {
    bundle.onResolve(
      {
        filter:
          /\/(?:main-replay|main-names|main-blocklists|main-mqtt|main-hooks|main-history|main-doors|read-notice|run-cli)\.ts$/,
      },
      ({ kind, path }) =>
        kind === 'dynamic-import'
          ? { path: path.replace(/.*\b(\w+)\.ts$/, './postern-$1.cjs'), external: true }
          : undefined,
    );
  },
};

if (options.docs) {
  await writeDocs();
} else if (options.runtime !== undefined) {
  await writeRuntime(options.runtime);
} else {
  mkdirSync(outdir, { recursive: true });
  const inputs = await writeBundles().catch((error) => {
    if (error.errors === undefined) throw error;
    process.exit(1); // esbuild has said what is wrong with the sources
  });
  await writeDataFile();
  writeLicences(inputs);
  if (options.packages) await writePackages();
}

/** Writes the daemon, and what it does not always need, as a file each; returns which input files are in them. */
async function writeBundles() {
  const daemon = await writeBundle(options.entry, 'postern.cjs', bundleLimit);
  const mqtt = await writeBundle('daemon/main-mqtt.ts', 'postern-mqtt.cjs', mqttLimit);
  const replay = await writeBundle('daemon/main-replay.ts', 'postern-replay.cjs', replayLimit);
  const names = await writeBundle('daemon/main-names.ts', 'postern-names.cjs', namesLimit);
  const cli = await writeBundle('daemon/cli/run-cli.ts', 'postern-cli.cjs', cliLimit);
  const hooks = await writeBundle('daemon/main-hooks.ts', 'postern-hooks.cjs', hooksLimit);
  const history = await writeBundle('daemon/main-history.ts', 'postern-history.cjs', historyLimit);
  const blocklists = await writeBundle(
    'daemon/main-blocklists.ts',
    'postern-blocklists.cjs',
    blocklistsLimit,
  );
  const notice = await writeBundle('daemon/notice/read-notice.ts', 'postern-notice.cjs', noticeLimit);
  const doors = await writeBundle('daemon/main-doors.ts', 'postern-doors.cjs', doorsLimit);
  return [
    ...daemon,
    ...mqtt,
    ...replay,
    ...names,
    ...cli,
    ...hooks,
    ...history,
    ...notice,
    ...blocklists,
    ...doors,
  ];
}

async function writeBundle(entry, name, limit) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const result = await build({
    entryPoints: [resolve(root, entry)],
    outfile: join(outdir, name),
    nodePaths: [join(root, 'node_modules')],
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    // What is loaded later is required: import() would start the loader of ES modules and have it read the whole file.
    supported: { 'dynamic-import': false },
    target: 'node20',
    minify: true,
    // Beside the bundle and not on the router: with it a stack trace of a bug report can be read.
    sourcemap: 'external',
    legalComments: 'none',
    banner: { js: '#!/usr/bin/env node' },
    define: { __VERSION__: JSON.stringify(version) },
    alias: {
      debug: stub('debug.cjs'),
      socks: stub('absent.cjs'),
      'rfdc/default': stub('shallow-copy.cjs'),
      'lru-cache': stub('absent.cjs'), // topic aliases of MQTT 5; we speak 3.1.1
      'worker-timers': stub('absent.cjs'),
      ws: stub('absent.cjs'),
      'readable-stream': 'node:stream',
    },
    plugins: [smallPackages, apart],
    metafile: true,
    logLevel: 'warning',
  });
  chmodSync(join(outdir, name), 0o755);
  const output = Object.values(result.metafile.outputs).find(({ entryPoint }) => entryPoint);
  report(name, output.bytes, limit);
  return Object.keys(output.inputs).filter((path) => output.inputs[path].bytesInOutput > 0);
}

async function writeDataFile() {
  const { packDataFile } = await load('daemon/system/data-file.ts');
  const { packVendors } = await load('daemon/identity/vendor-pack.ts');
  const ouiData = JSON.parse(readFileSync(join(root, 'node_modules/oui-data/index.json'), 'utf8'));
  const { packProviders } = await load('daemon/detection/provider-pack.ts');
  const { packSuffixes } = await load('daemon/names/suffix-pack.ts');
  const providers = JSON.parse(readFileSync(join(root, 'daemon/detection/providers.json'), 'utf8'));
  const bytes = packDataFile({
    vendors: packVendors(ouiData),
    providers: packProviders(providers),
    suffixes: packSuffixes(await suffixRules()),
  });
  writeFileSync(join(outdir, 'postern-data.bin'), bytes);
  report('postern-data.bin', bytes.length, dataLimit);
}

/** The rules of the Public Suffix List, as psl has them (one a text, in Unicode), in punycode. */
async function suffixRules() {
  const { default: rules } = await import(pathToFileURL(join(root, 'node_modules/psl/data/rules.js')).href);
  return rules.map((rule) => rule.replace(/[^*!.].*/, domainToASCII));
}

/** Writes the licence of each package of which code is in the bundle, as the package itself gives it. */
function writeLicences(inputs) {
  const folders = inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  const parts = [...new Set(folders.filter(Boolean))].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(root, folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    if (!file) throw new Error(`${name} is in the bundle and has no licence file`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(root, folder, file), 'utf8').trim()}\n`;
  });
  parts.push(
    'postern-data.bin\n\nMakers of network cards: facts of the public registry of the IEEE, by way of the npm\n' +
      'package oui-data (© silverwind, BSD-2-Clause, https://github.com/silverwind/oui-data).\n\n' +
      'Public suffixes: the Public Suffix List (Mozilla Foundation, Mozilla Public License 2.0,\n' +
      'https://publicsuffix.org/list/, https://www.mozilla.org/MPL/2.0/), by way of the npm package psl (MIT), as\n' +
      'hashes of its rules. The list in its source form is at the address above.\n',
  );
  writeFileSync(join(outdir, 'THIRD-PARTY-LICENSES.txt'), parts.join(`\n${'-'.repeat(80)}\n\n`));
}

/** Packages for OpenWrt, of what stands in outdir by now. */
async function writePackages() {
  const { buildPackages } = await load('openwrt-package/build/build-packages.ts');
  const out = join(outdir, 'packages');
  const lines = buildPackages({ root, dist: outdir, out, apk: apkProgram(), key: options.key });
  if (!options.quiet) for (const line of lines) console.log(line);
  for (const name of readdirSync(out)) {
    // A Node that was wrapped before is as large as it is.
    if (!name.endsWith('.ipk') || name.startsWith('postern-runtime_')) continue;
    const limit = name.startsWith('luci-i18n-')
      ? languageLimit
      : name.startsWith('luci-')
        ? luciLimit
        : ipkLimit;
    report(name, readFileSync(join(out, name)).length, limit);
  }
}

function apkProgram() {
  const { status, stdout = '' } = spawnSync(options.apk, ['--version'], { encoding: 'utf8' });
  return status === 0 && /apk-tools [3-9]/.test(stdout) ? options.apk : undefined;
}

/** The package of a Node that its user obtained. */
async function writeRuntime(file) {
  const { buildRuntime } = await load('openwrt-package/build/runtime-package.ts');
  const { readRuntime, RuntimeError, runtimeArchs } = await load('openwrt-package/build/runtime.ts');
  try {
    if (!runtimeArchs.includes(options.arch))
      throw new RuntimeError(`--arch is one of ${runtimeArchs.join(', ')}`);
    const runtime = readRuntime(file, options.arch, options.licence);
    const out = join(outdir, 'packages');
    for (const line of buildRuntime(runtime, { out, apk: apkProgram(), key: options.key })) console.log(line);
  } catch (error) {
    if (!(error instanceof RuntimeError) && error.code !== 'ENOENT') throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

async function writeDocs() {
  const { configurationPage } = await load('test/docs/configuration-page.ts');
  const { faultsPage } = await load('test/fault/page.ts');
  const { schemaFiles } = await load('test/docs/document-schemas.ts');
  mkdirSync(join(root, 'docs/schema'), { recursive: true });
  writeFileSync(join(root, 'docs/configuration.md'), configurationPage());
  writeFileSync(join(root, 'docs/faults.md'), faultsPage());
  const { mqttPage } = await load('test/docs/mqtt-page.ts');
  writeFileSync(join(root, 'docs/mqtt.md'), mqttPage());
  const { alertPicture, alertShown } = await load('test/docs/alert-picture.ts');
  writeFileSync(join(root, 'docs/alert.svg'), alertPicture(alertShown()));
  for (const [name, text] of schemaFiles()) writeFileSync(join(root, 'docs/schema', name), text);
  await writeLuci();
}

/** What of the LuCI pages is made of the schema of the options, and of the texts in them. */
async function writeLuci() {
  const { optionsModule } = await load('openwrt-package/build/options-module.ts');
  const { saidModule } = await load('openwrt-package/build/said.ts');
  const { missingIn, translationFiles } = await load('openwrt-package/build/translations.ts');
  const { parsePo } = await load('openwrt-package/build/po.ts');
  const folder = join(root, 'openwrt-package/luci-app-postern');
  const modules = join(folder, 'htdocs/luci-static/resources/postern');
  writeFileSync(join(modules, 'options.js'), await optionsModule(root));
  writeFileSync(join(modules, 'said.js'), saidModule(root));
  for (const [path, text] of translationFiles(folder)) {
    writeFileSync(join(folder, path), text);
    const missing = path.endsWith('.po') ? missingIn(parsePo(text)) : [];
    for (const id of missing) console.log(`${path} lacks "${id}"`);
  }
}

async function load(entry) {
  return import(pathToFileURL(await compile(entry)).href);
}

function report(name, bytes, limit) {
  if (!options.quiet) console.log(`${name} ${(bytes / 1000).toFixed(1)} KB (at most ${limit / 1000})`);
  if (bytes <= limit) return;
  console.error(`${name} is too large`);
  process.exitCode = 1;
}
