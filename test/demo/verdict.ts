import type { EventDocument } from '../../daemon/engine/documents.ts';
import type { Bystanders } from './bystanders.ts';

/** One act: the same bot for the same time, with or without the guard. Every figure was counted, none is planned. */
export interface Act {
  readonly seconds: number;
  /** Sessions that the bot began. */
  readonly attempts: number;
  /** How many of them the router refused, by the guard's count. */
  readonly refused: number;
  /** Messages of the bot that servers on the internet accepted. */
  readonly messages: number;
  /** During the act alone. */
  readonly others: Bystanders;
  /** Wall clock, before the bot's first connection. */
  readonly startedAtMs: number;
}

/** Everything the verdict rests on. */
export interface Figures {
  readonly unguarded: Act;
  readonly guarded: Act;
  /** The device that was infected. */
  readonly culprit: { readonly device: string; readonly name: string; readonly address: string };
  /** What the alert that an MQTT client got says of the device; absent where none arrived. */
  readonly finding: Pick<EventDocument, 'device' | 'name' | 'vendor' | 'address'> | undefined;
  /** Devices held beside the culprit. */
  readonly othersHeld: readonly string[];
  /** The culprit's state after its release. */
  readonly released: string;
  /** From the beginning to the end of the story. */
  readonly others: Bystanders;
}

/** Messages that may get out before an undeclared device is known to be a bot. */
export const mostMessages = 2;
/** Fewer than this from the unguarded bot, and the comparison would show nothing. */
const fewestUnguarded = 50;

/** Where the story did not hold, one sentence each; empty where it did. */
export function faultsOf(figures: Figures): string[] {
  const { unguarded, guarded, culprit, finding, othersHeld, released } = figures;
  const faults: string[] = [];
  const demand = (holds: boolean, fault: string) => {
    if (!holds) faults.push(fault);
  };
  demand(
    unguarded.messages >= fewestUnguarded,
    `without the guard the bot delivered only ${unguarded.messages} messages`,
  );
  demand(
    guarded.messages <= mostMessages,
    `with the guard the bot delivered ${guarded.messages} messages, more than ${mostMessages}`,
  );
  demand(finding !== undefined, 'no alert reached the MQTT client');
  if (finding) {
    const { device, name, vendor, address } = finding;
    demand(device === culprit.device, `Postern held ${device}, not ${culprit.device}`);
    demand(address === culprit.address, `Postern named the address ${address}, not ${culprit.address}`);
    demand(name?.includes(culprit.name) === true, `Postern named it ${name}, not ${culprit.name}`);
    demand(vendor !== undefined, 'Postern did not name the maker');
  }
  demand(othersHeld.length === 0, `Postern also held ${othersHeld.join(', ')}`);
  demand(guarded.others.cameraBytes > 0, "the camera's download stood still");
  demand(guarded.others.tvBytes > 0, "the TV's download stood still");
  demand(guarded.others.mailsSent > 0, 'the laptop sent no mail');
  faults.push(...figures.others.interrupted);
  const { mailsFailed } = figures.others;
  demand(mailsFailed === 0, `${mailsFailed} of the laptop's mails failed`);
  demand(released === 'allowed', `after its release the camera is ${released}`);
  return faults;
}

/** Both acts side by side, one line a figure. */
export function sideBySide(unguarded: Act, guarded: Act): string[] {
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  const mails = ({ others }: Act) => `${others.mailsSent} sent, ${others.mailsFailed} failed`;
  const rows = [
    [`in ${unguarded.seconds} seconds each`, 'without Postern', 'with Postern'],
    ['spam messages that servers accepted', String(unguarded.messages), String(guarded.messages)],
    ['connections the bot tried', String(unguarded.attempts), String(guarded.attempts)],
    ['of these refused at the router', String(unguarded.refused), String(guarded.refused)],
    ["camera's own download", megabytes(unguarded.others.cameraBytes), megabytes(guarded.others.cameraBytes)],
    ["TV's download", megabytes(unguarded.others.tvBytes), megabytes(guarded.others.tvBytes)],
    ["laptop's mail", mails(unguarded), mails(guarded)],
  ];
  return rows.map(([what = '', before = '', after = '']) =>
    `${what.padEnd(38)}${before.padStart(18)}${after.padStart(20)}`.trimEnd(),
  );
}
