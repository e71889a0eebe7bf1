import net from 'node:net';

/**
 * An abstract Unix socket: it belongs to the network namespace, as the firewall's table does, and ends with its process. All
 * its bytes are zero and there are as many as fit, since Node 20 makes that of every name that begins with a zero.
 */
const name = '\0'.repeat(108);
/** By this another Postern is told from another program with such a name. */
const greeting = 'postern';
const patienceMs = 5_000;

/** Claims the network namespace for this process until its end; false where another Postern has it. */
export function claimNamespace(): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.end(greeting, () => socket.destroy());
    });
    server.on('error', () => void isPostern().then((is) => resolve(!is)));
    server.listen(name, () => resolve(true)).unref();
  });
}

function isPostern(): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(name);
    const end = (is: boolean) => {
      resolve(is);
      probe.destroy();
    };
    probe.once('data', (data) => end(data.toString() === greeting));
    probe.once('error', () => end(false));
    probe.once('end', () => end(false));
    probe.setTimeout(patienceMs, () => end(false));
  });
}
