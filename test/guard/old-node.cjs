// Loaded before the daemon (NODE_OPTIONS=--require): it takes its Node for an older one as long as a file is there when it
// starts. Nothing of it is in the bundle.
const { existsSync } = require('node:fs');

if (existsSync(process.env.OLD_NODE_FILE ?? ''))
  Object.defineProperty(process.versions, 'node', { value: '20.17.9' });
