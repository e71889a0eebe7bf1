// Listens where a broker should be, and is none: node FILE PORT KIND
import net from 'node:net';

const [, , port, kind] = process.argv;

const behave = {
  // Accepts the client, then neither reads nor answers: what is sent to it stays in the kernel's buffers.
  stalled(socket) {
    socket.write(Buffer.from([0x20, 2, 0, 0]));
    socket.pause();
  },
  garbage(socket) {
    socket.on('data', () => {});
    const say = setInterval(() => {
      socket.write(Buffer.from(Array.from({ length: 512 }, () => Math.floor(Math.random() * 256))));
    }, 5);
    socket.on('close', () => clearInterval(say));
  },
  closing(socket) {
    socket.destroy();
  },
}[kind];

net
  .createServer((socket) => {
    socket.on('error', () => {});
    behave(socket);
  })
  .listen(Number(port), '127.0.0.1', () => console.log('ready'));
