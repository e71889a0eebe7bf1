import { mostWorth } from '../policy/incident.ts';

/** One message for the broker. */
export interface Publish {
  readonly topic: string;
  /** Empty and retained: deletes the topic. */
  readonly payload: string;
  readonly retain: boolean;
  readonly qos: 0 | 1;
}

/** An event that waits for its PUBACK. `id` is unique for ever. */
export interface WaitingEvent {
  readonly id: string;
  readonly payload: string;
}

/** How much may wait. */
export interface OutboxLimits {
  /** Retained documents that may be dropped (devices). Full: the one least recently changed goes. */
  readonly documents: number;
  /** Events without a PUBACK. Full: the oldest that belongs to no incident goes, then the oldest. */
  readonly events: number;
  /** What is said once. Full: the oldest goes. */
  readonly answers: number;
}

export const outboxLimits: OutboxLimits = { documents: 1024, events: 256, answers: 16 };

/** What was dropped since the start, because too much waited. */
export interface Dropped {
  readonly documents: number;
  readonly events: number;
}

interface Retained {
  payload: string;
  readonly qos: 0 | 1;
}

/**
 * What the broker should know: the last payload of every retained topic, and the events it has not acknowledged.
 * Nothing is ever queued twice, so a broker that is away for a week costs no more than one that is away for a minute.
 */
export interface Outbox {
  /** Sets a topic that is never dropped (availability, info, status): the caller has a closed list of them. */
  readonly keep: (topic: string, payload: string, qos: 0 | 1) => void;
  /** Sets a document that may be dropped when there are too many; undefined deletes it at the broker. */
  readonly document: (topic: string, payload: string | undefined, qos?: 0 | 1) => void;
  /** What a topic should say; empty while it is being deleted, undefined where it is none of ours. */
  readonly retained: (topic: string) => string | undefined;
  /** What a topic of ours says is due again. */
  readonly redo: (topic: string) => void;
  /** Everything retained is due again. */
  readonly redoAll: () => void;
  /** Deletes every topic there is or was in this run, and says how many they are. */
  readonly deleteAll: () => number;
  /** Whether as much is still due as waited when the connection began, or has to be said again. */
  readonly isRepeating: () => boolean;
  /** Nothing is due or in flight. */
  readonly isEmpty: () => boolean;
  /** Something said once: it is lost with the connection, or where too much waits. */
  readonly say: (message: Publish) => void;
  readonly event: (event: WaitingEvent) => void;
  /** Puts saved events before those of this run; ids that already wait are passed over. */
  readonly restore: (events: readonly WaitingEvent[]) => void;
  /** A connection began: everything retained is due again, then the events. */
  readonly connected: () => void;
  readonly disconnected: () => void;
  /** The next message, which is then in flight until it is settled; undefined while one is, or if nothing is due. */
  readonly next: () => Publish | undefined;
  /** The message in flight was acknowledged (QoS 1) or written (QoS 0). One that was not ends with its connection. */
  readonly settle: () => void;
  /** Events without a PUBACK, oldest first, for the saved state. */
  readonly unsent: () => readonly WaitingEvent[];
  readonly dropped: () => Dropped;
}

type InFlight =
  | { readonly kind: 'retained'; readonly topic: string; readonly payload: string }
  | { readonly kind: 'event'; readonly event: WaitingEvent }
  | { readonly kind: 'answer' };

/** An empty outbox whose events go to `eventTopic`. One message is in flight at a time, so order is by construction. */
export function createOutbox(eventTopic: string, limits: OutboxLimits = outboxLimits): Outbox {
  /** Bound: the caller's closed list. */
  const kept = new Map<string, Retained>();
  /** Bound: limits.documents; in order of last change. Deletions wait here until the broker has them. */
  const documents = new Map<string, Retained>();
  /** Topics that are due, a subset of the two maps' keys. */
  const due = new Set<string>();
  /** Bound: limits.events. */
  let events: WaitingEvent[] = [];
  /** Bound: limits.answers. */
  let answers: Publish[] = [];
  const dropped = { documents: 0, events: 0 };
  let up = false;
  let inFlight: InFlight | undefined;
  /** Retained messages of this connection's first round; only after it do events go first. */
  let firstRound = 0;
  /** What waited when the connection began, and what is said again: so much of it is left. */
  let repeats = 0;

  const retainedOf = (topic: string) => kept.get(topic) ?? documents.get(topic);

  function trim(): void {
    for (const topic of documents.keys()) {
      if (documents.size <= limits.documents) break;
      documents.delete(topic);
      due.delete(topic);
      dropped.documents++;
    }
    const surplus = events.length - limits.events;
    if (surplus > 0) {
      events = mostWorth(events, limits.events);
      dropped.events += surplus;
    }
  }

  function nextRetained(): Publish | undefined {
    for (const topic of due) {
      due.delete(topic);
      const entry = retainedOf(topic);
      if (!entry) continue;
      inFlight = { kind: 'retained', topic, payload: entry.payload };
      return { topic, payload: entry.payload, retain: true, qos: entry.qos };
    }
    return undefined;
  }

  function nextAnswer(): Publish | undefined {
    const answer = answers.shift();
    if (!answer) return undefined;
    inFlight = { kind: 'answer' };
    return answer;
  }

  function redoAll(): void {
    due.clear();
    for (const topic of [...kept.keys(), ...documents.keys()]) due.add(topic);
    repeats = due.size;
  }

  function nextEvent(): Publish | undefined {
    const event = events[0];
    if (!event) return undefined;
    inFlight = { kind: 'event', event };
    return { topic: eventTopic, payload: event.payload, retain: false, qos: 1 };
  }

  return {
    keep(topic, payload, qos) {
      if (kept.get(topic)?.payload === payload) return;
      kept.set(topic, { payload, qos });
      due.add(topic);
    },
    document(topic, payload, qos = 0) {
      const known = documents.get(topic);
      const text = payload ?? '';
      if (known?.payload === text) return;
      documents.delete(topic);
      documents.set(topic, { payload: text, qos: text === '' ? 1 : qos });
      due.add(topic);
      trim();
    },
    retained: (topic) => retainedOf(topic)?.payload,
    redo(topic) {
      if (!retainedOf(topic)) return;
      if (!due.has(topic)) repeats++;
      due.add(topic);
    },
    redoAll,
    deleteAll() {
      for (const topic of kept.keys()) documents.set(topic, { payload: '', qos: 1 });
      kept.clear();
      for (const topic of documents.keys()) documents.set(topic, { payload: '', qos: 1 });
      redoAll();
      return due.size;
    },
    isRepeating: () => repeats > 0,
    isEmpty: () => inFlight === undefined && due.size + events.length + answers.length === 0,
    say(message) {
      answers = [...answers, message].slice(-limits.answers);
    },
    event(event) {
      events.push(event);
      trim();
    },
    restore(saved) {
      const known = new Set(events.map((event) => event.id));
      events = [...saved.filter((event) => !known.has(event.id)), ...events];
      trim();
    },
    connected() {
      up = true;
      inFlight = undefined;
      redoAll();
      firstRound = due.size;
      repeats = due.size + events.length;
    },
    disconnected() {
      up = false;
      inFlight = undefined;
      answers = [];
    },
    next() {
      if (!up || inFlight) return undefined;
      const answer = nextAnswer();
      if (answer) return answer;
      return firstRound > 0 ? (nextRetained() ?? nextEvent()) : (nextEvent() ?? nextRetained());
    },
    settle() {
      const done = inFlight;
      inFlight = undefined;
      if (!done) return;
      if (repeats > 0) repeats--;
      if (done.kind === 'event') {
        // The one in flight may have been dropped meanwhile, as the oldest of too many.
        if (events[0] === done.event) events.shift();
        return;
      }
      if (done.kind === 'answer') return;
      if (firstRound > 0) firstRound--;
      const entry = documents.get(done.topic);
      if (done.payload === '' && entry?.payload === '') documents.delete(done.topic);
    },
    unsent: () => events,
    dropped: () => ({ ...dropped }),
  };
}
