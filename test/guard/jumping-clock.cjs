// Loaded before the daemon (NODE_OPTIONS=--require): both its clocks are ahead by the milliseconds in a file, so that a
// test can let days pass. Timers keep their pace. Nothing of it is in the bundle.
const { readFileSync } = require('node:fs');

let aheadMs = 0;
const monotonic = process.hrtime;
const wall = Date.now;
process.hrtime = Object.assign((since = [0, 0]) => {
  const [seconds, nanoseconds] = monotonic(since);
  const sum = nanoseconds + (aheadMs % 1000) * 1e6;
  return [seconds + Math.floor(aheadMs / 1000) + Math.floor(sum / 1e9), sum % 1e9];
}, monotonic);
Date.now = () => wall() + aheadMs;
setInterval(() => {
  try {
    aheadMs = Math.max(aheadMs, Number(readFileSync(process.env.CLOCK_AHEAD_FILE, 'utf8')) || 0);
  } catch {
    // Not written yet.
  }
}, 50).unref();
