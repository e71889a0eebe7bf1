/** Whose words were received on a topic that only we write to. */
export type Author =
  /** Ours, as the broker hands it back. */
  | 'own'
  /** It lay there before this connection: ours of an earlier life, or anybody's. */
  | 'stale'
  | 'stranger';

/** Copies of what was written to one topic and has not come back yet. */
const maxPending = 8;

/**
 * Tells our own words from others'. MQTT 3.1.1 hands back what one publishes to a topic one is subscribed to, in order; so
 * what comes is ours if it was written and has not come back yet, or is what the topic should say.
 */
export function createOwnTopics(shouldSay: (topic: string) => string | undefined) {
  /** Bound: topics that we write to, times `maxPending`. */
  let pending = new Map<string, string[]>();
  return {
    /** A connection began: nothing of an earlier one comes back any more. */
    connected() {
      pending = new Map();
    },
    sent(topic: string, payload: string): void {
      pending.set(topic, [...(pending.get(topic) ?? []), payload].slice(-maxPending));
    },
    received(topic: string, payload: string, retained: boolean): Author {
      const waiting = pending.get(topic);
      const index = waiting?.indexOf(payload) ?? -1;
      if (waiting && index >= 0) {
        // What was written before it was lost on the way.
        if (index + 1 === waiting.length) pending.delete(topic);
        else pending.set(topic, waiting.slice(index + 1));
        return 'own';
      }
      if ((shouldSay(topic) ?? '') === payload) return 'own';
      return retained ? 'stale' : 'stranger';
    },
  };
}
