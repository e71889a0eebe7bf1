import { startLab } from '/work/main/test/lab/lab.ts';
import { startGuard } from '/work/main/test/guard/guard.ts';
const lab = await startLab();
try {
  const g = await startGuard(lab, { main: { log_level: 'debug' } });
  console.log(g.process.lines, g.process.errors);
  console.log(await g.cli('status'));
  const bot = await lab.actor('camera', 'direct-mx-bot', { targets: lab.addresses.spread4, workers: 8, durationS: 5 } as never);
  await bot.done;
  console.log(bot.stats());
  console.log(lab.sink.counts());
  console.log(await g.cli('device', 'camera', '--why'));
  console.log(g.process.lines, g.process.errors);
  await g.stop();
} finally { await lab.stop(); }
