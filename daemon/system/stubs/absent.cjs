// Stands in for parts of mqtt that the daemon never uses (WebSocket, SOCKS, timers in workers).
// The config check refuses ws:// and wss://, so reaching this is a mistake of ours and should be loud.
class Absent {
  constructor() {
    throw new Error('not part of the bundle');
  }
}

module.exports = Object.assign(Absent, { WebSocket: Absent, SocksClient: Absent });
