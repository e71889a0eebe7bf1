/** Whose words were received on a topic that only we write to. */
export type Author =
  /** Ours, as the broker hands it back. */
  | 'own'
  /** It lay there before this connection: ours of an earlier life, or anybody's. */
  | 'stale'
  | 'stranger';

/** Copies of what was written to one topic and has not come back yet; older ones are only counted. */
const maxPending = 8;

interface Pending {
  readonly copies: readonly string[];
  readonly older: number;
}

/**
 * Tells our own words from others'. MQTT 3.1.1 hands back what one publishes to a topic one is subscribed to, in order; so
 * what comes is ours if it was written and has not come back yet, or is what the topic should say.
 */
export function createOwnTopics(shouldSay: (topic: string) => string | undefined) {
  /** Bound: topics that we write to, times `maxPending`. */
  let pending = new Map<string, Pending>();
  return {
    /** A connection began: nothing of an earlier one comes back any more. */
    connected() {
      pending = new Map();
    },
    sent(topic: string, payload: string): void {
      const { copies = [], older = 0 } = pending.get(topic) ?? {};
      const surplus = copies.length === maxPending ? 1 : 0;
      pending.set(topic, { copies: [...copies, payload].slice(-maxPending), older: older + surplus });
    },
    received(topic: string, payload: string, retained: boolean): Author {
      const waiting = pending.get(topic);
      // A broker that stood still for two seconds hands back more than was kept: no reason to accuse anybody.
      if (waiting && waiting.older > 0) {
        pending.set(topic, { ...waiting, older: waiting.older - 1 });
        return 'own';
      }
      const index = waiting?.copies.indexOf(payload) ?? -1;
      if (waiting && index >= 0) {
        // What was written before it was lost on the way.
        const copies = waiting.copies.slice(index + 1);
        if (copies.length === 0) pending.delete(topic);
        else pending.set(topic, { copies, older: 0 });
        return 'own';
      }
      if ((shouldSay(topic) ?? '') === payload) return 'own';
      return retained ? 'stale' : 'stranger';
    },
  };
}
