import type { EventDocument } from '../../daemon/engine/documents.ts';
import { type Guard, startGuard } from '../guard/guard.ts';
import type { Subscriber } from '../lab/broker.ts';
import type { Lab } from '../lab/lab.ts';
import { difference, type OrdinaryLife, startOrdinaryLife } from './bystanders.ts';
import type { Teller } from './teller.ts';
import { type Act, type Figures, sideBySide } from './verdict.ts';

/** How long the bot runs each time. */
const actS = 8;

/** What the story leaves behind. */
export interface Told {
  readonly figures: Figures;
  readonly guard: Guard;
  /** Tells each further event as it reaches the MQTT client; returns what ends that. */
  followEvents(): () => void;
}

/** Tells the story in a home that is up: unguarded, guarded, released. */
export async function tellStory(lab: Lab, { say, show }: Teller): Promise<Told> {
  const { camera } = lab.devices;
  const culprit = { device: camera.mac.replaceAll(':', ''), name: camera.hostname, address: camera.ip4 };
  const servers = lab.addresses.spread4.length;
  const life = await startOrdinaryLife(lab);
  say('Ordinary life: camera and TV each download from the web, the laptop sends a mail every second.');

  say(`The camera is infected: it sends spam straight to ${servers} mail servers, and nobody guards.`);
  const unguarded = { ...(await act(lab, life)), refused: 0 };
  say(`${unguarded.messages} spam messages were accepted by servers on the internet in ${actS} seconds.`);

  // The kernel remembers closed connections for two minutes: the second act shall begin as the first did.
  await lab.exec('router', ['conntrack', '-D', '-p', 'tcp', '--dport', '25']);
  await lab.broker.start();
  const phone = await lab.broker.listen('postern/+/event');
  const guard = await startGuard(lab, { mqtt: { url: lab.broker.url } });
  // By itself, that is: the end of the lab is a signal.
  void guard.process.exited.then(({ code }) => {
    if (code !== null) show([`Postern has ended with code ${code}:`, ...guard.process.errors.slice(-10)]);
  });
  say('Postern starts on the router. Nobody told it what the camera is. The same bot, for the same time:');
  const followEvents = () => follow(phone, ({ text }) => say(`Postern: ${text}`));
  const silence = followEvents();
  const spamming = await act(lab, life);
  const guarded = { ...spamming, refused: await refusedIn(guard, culprit.device) };
  silence();
  say(`${guarded.messages} spam messages were accepted by servers on the internet in ${actS} seconds.`);
  show(['', ...sideBySide(unguarded, guarded), '']);

  const alert = phone.messages.find(({ payload }) => isAlert(JSON.parse(payload), culprit.device));
  if (alert) {
    const seconds = ((alert.atMs - guarded.startedAtMs) / 1000).toFixed(2);
    say(`The alert as it arrived at an MQTT client, ${seconds} s after the bot began, on ${alert.topic}:`);
    show([...pretty(JSON.parse(alert.payload)), '']);
  }

  const heldBeside = await othersHeld(guard, culprit.device);
  for (const command of [
    ['release', camera.hostname, '--for', '10m'],
    ['device', camera.hostname, '--why'],
    ['status'],
  ]) {
    say(`$ postern ${command.join(' ')}`);
    show([...excerpt(await guard.cli(...command)), '']);
  }
  const released = (await guard.device(culprit.device)).state;
  const whole = await life.stop();
  const finding = alert && (JSON.parse(alert.payload) as EventDocument);
  return {
    figures: { unguarded, guarded, culprit, finding, othersHeld: heldBeside, released, others: whole },
    guard,
    followEvents,
  };
}

/** The bot for {@link actS} seconds; the sinks count what it delivered. */
async function act(lab: Lab, life: OrdinaryLife): Promise<Omit<Act, 'refused'>> {
  const from = 'bot@bot.example';
  const before = life.now();
  const sent = async () => new Map(Object.entries((await lab.sink.counts()).bySender)).get(from) ?? 0;
  const sentBefore = await sent();
  const bot = await lab.actor('camera', 'direct-mx-bot', {
    targets: lab.addresses.spread4,
    durationS: actS,
    from,
  });
  const { attempts, startedAtMs } = await bot.done;
  const messages = (await sent()) - sentBefore;
  return { seconds: actS, attempts, messages, startedAtMs, others: difference(before, life.now()) };
}

/** Attempts that the guard counted, once its next reading of the kernel's counters is in. */
async function refusedIn(guard: Guard, key: string): Promise<number> {
  const { refused } = await guard.device(key);
  const rose = await guard.until(key, (device) => device.refused > refused, 3000).catch(() => undefined);
  return rose?.refused ?? refused;
}

/** Hands each event to `take` as it arrives; returns what ends that. */
function follow(phone: Subscriber, take: (event: EventDocument) => void): () => void {
  let taken = phone.messages.length;
  const timer = setInterval(() => {
    for (; taken < phone.messages.length; taken++)
      take(JSON.parse(phone.messages[taken]?.payload ?? '{}') as EventDocument);
  }, 20);
  return () => clearInterval(timer);
}

/** Whether the event says that the guard acted on the device. */
function isAlert({ type, device }: EventDocument, key: string): boolean {
  return device === key && (type === 'restricted' || type === 'blocked');
}

async function othersHeld(guard: Guard, key: string): Promise<string[]> {
  const { devices } = JSON.parse(await guard.cli('devices', '--json')) as {
    devices: { device: string; name: string; state: string }[];
  };
  return devices
    .filter(({ device, state }) => device !== key && !['normal', 'watched'].includes(state))
    .map(({ name, state }) => `${name} (${state})`);
}

/** A document as indented lines. */
function pretty(document: unknown): string[] {
  return JSON.stringify(document, undefined, 2).split('\n');
}

const mostLines = 24;

/** A command's output; of a long one the beginning. */
function excerpt(output: string): string[] {
  const lines = output.trimEnd().split('\n');
  if (lines.length <= mostLines) return lines;
  return [...lines.slice(0, mostLines - 1), `(${lines.length - mostLines + 1} more lines)`];
}
