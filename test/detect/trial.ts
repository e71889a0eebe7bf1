import type { DeviceClass, Preset } from '../../daemon/config/config.ts';
import { chanceOf } from './chance.ts';
import type { Family, Made, MadeFlow } from './family.ts';
import { type Decision, type Judgement, type JudgeOptions, judge } from './judge.ts';
import { rules } from './peers/rules.ts';

/** How long a decision took, and what went out before it. */
export interface Found {
  /** The connection that led to it: the first one is 1, or the bot's first where it came later; before that one 0. */
  readonly connection: number;
  /** Seconds after that first connection. */
  readonly afterS: number;
  /** Messages that had gone through by then. */
  readonly leaked: number;
}

/** What one way of guarding made of one device. */
export interface Trial {
  readonly restrict: Found | undefined;
  readonly block: Found | undefined;
  readonly slow: Found | undefined;
  readonly told: boolean;
  /** Messages that went through in all the days, before the decision and after it. */
  readonly leaked: number;
}

/** Whether who changes the detection may look at a device, or must not. */
export type Part = 'tuning' | 'held-out';

/** One device, judged by everybody. */
export interface DeviceTrial {
  /** `laptop/17`; of a real trace its name. */
  readonly device: string;
  /** Absent of a real trace. */
  readonly part?: Part;
  readonly class: DeviceClass;
  /** Messages that would have gone through without a guard. */
  readonly messages: number;
  /** Decisions only: what the guard would have refused goes on as if it had not. */
  readonly watched: Trial;
  readonly enforced: Trial;
  /** By the rule's name. */
  readonly peers: Readonly<Record<string, Found | undefined>>;
}

/**
 * Whether a device may be looked at by whoever changes the detection: of a family those of even numbers, and none of a
 * family that is kept back as a whole. What was tuned on some must win on the others.
 */
export const partOf = ({ keptBack }: Pick<Family, 'keptBack'>, index: number): Part =>
  keptBack || index % 2 === 1 ? 'held-out' : 'tuning';

/** The device of that number of a family: always the same. With a seed the one of another world, as like and as unlike. */
export function makeDevice(family: Family, index: number, seed?: string): Made {
  return family.make(chanceOf(`${seed === undefined ? '' : `${seed}/`}${family.name}/${index}`));
}

/** Who is judged. */
export type Subject = Pick<DeviceTrial, 'device' | 'part' | 'class'>;

/** Judges one device as its class. */
export function tryDevice(made: Made, subject: Subject, preset: Preset): DeviceTrial {
  const { flows } = made;
  const deviceClass = subject.class;
  const { outages } = made;
  const options = { class: deviceClass, preset, ...(outages && { outages }) };
  const watched = judge(flows, { ...options, enforce: false });
  // Until the first decision both are the same; without one, to the end. Only "iot" is held back before any.
  const isSame = !watched.restrict && !watched.block && !watched.slow && deviceClass !== 'iot';
  const messages = messagesOf(flows);
  const ofWatched = trialOf(made, watched, messages);
  const peers = rules.map(({ name, firstFiring }) => [name, foundAt(made, firstFiring(flows))] as const);
  return {
    ...subject,
    messages,
    watched: ofWatched,
    enforced: isSame ? ofWatched : enforcedTrial(made, options),
    peers: Object.fromEntries(peers),
  };
}

function enforcedTrial(made: Made, options: Omit<JudgeOptions, 'enforce'>): Trial {
  const judgement = judge(made.flows, { ...options, enforce: true });
  return trialOf(made, judgement, judgement.messages);
}

function trialOf(made: Made, judgement: Judgement, leaked: number): Trial {
  const { restrict, block, slow, told } = judgement;
  return {
    restrict: foundAt(made, restrict),
    block: foundAt(made, block),
    slow: foundAt(made, slow),
    told,
    leaked,
  };
}

/** A session that was under way at the decision is cut, so only what had ended by then is counted. */
function foundAt({ flows, botFromS }: Made, decision: Decision | undefined): Found | undefined {
  const first = flows[0];
  if (!decision || !first) return undefined;
  const fromS = botFromS ?? first.tsS;
  const earlier = flows.filter(({ tsS }) => tsS < fromS).length;
  const before = flows.filter(({ tsS, durationS }) => tsS + durationS <= decision.atS);
  return {
    connection: Math.max(0, decision.connection - earlier),
    afterS: decision.atS - fromS,
    leaked: messagesOf(before),
  };
}

const messagesOf = (flows: readonly MadeFlow[]) => flows.reduce((sum, { messages }) => sum + messages, 0);
