// Loaded before the daemon (NODE_OPTIONS=--require): its wall clock is off by the milliseconds in a file, as before NTP.
// The monotonic clock is left alone. Nothing of it is in the bundle.
const { readFileSync } = require('node:fs');

let offMs = 0;
const wall = Date.now;
Date.now = () => wall() + offMs;
setInterval(() => {
  try {
    offMs = Number(readFileSync(process.env.WALL_CLOCK_FILE, 'utf8')) || 0;
  } catch {
    // Not written yet.
  }
}, 50).unref();
