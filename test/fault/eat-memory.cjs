// Loaded before the daemon (NODE_OPTIONS=--require): fills the heap as soon as a file is there, until V8 gives up.
// Nothing of it is in the bundle.
const { existsSync } = require('node:fs');

const kept = [];
setInterval(() => {
  if (!existsSync(process.env.EAT_MEMORY_FILE)) return;
  for (;;) kept.push(new Array(10_000).fill(kept.length));
}, 50).unref();
