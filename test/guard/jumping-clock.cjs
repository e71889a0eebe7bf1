// Loaded before the daemon (NODE_OPTIONS=--require): both its clocks are ahead by the milliseconds in a file, so that a
// test can let days pass. Timers keep their pace. Nothing of it is in the bundle.
const { readFileSync } = require('node:fs');
const { performance } = require('node:perf_hooks');

let aheadMs = 0;
const monotonic = performance.now.bind(performance);
const wall = Date.now;
performance.now = () => monotonic() + aheadMs;
Date.now = () => wall() + aheadMs;
setInterval(() => {
  try {
    aheadMs = Math.max(aheadMs, Number(readFileSync(process.env.CLOCK_AHEAD_FILE, 'utf8')) || 0);
  } catch {
    // Not written yet.
  }
}, 50).unref();
