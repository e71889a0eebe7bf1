import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFeed, maxFollowers } from '../../daemon/control/feed.ts';
import { createFollower } from '../../daemon/control/follower.ts';
import { maxReports } from '../../daemon/control/hook-report.ts';
import { verbs } from '../../daemon/control/request.ts';

function setUp(feed = createFeed()) {
  let text = '';
  let ended = 0;
  const client = createFollower(
    {
      write: (line) => {
        text += line;
      },
      end: () => {
        ended++;
      },
    },
    feed,
  );
  const send = (line: string) => client.receive(new TextEncoder().encode(line));
  return { feed, client, send, text: () => text, ended: () => ended };
}

const event = { id: 'home-1', text: 'a\nb' };
const follow = '{"v":1,"id":1,"do":"follow"}\n';
const full = () => {
  const feed = createFeed();
  for (let count = 0; count < maxFollowers; count++) feed.follow(() => undefined, undefined);
  return feed;
};

describe('a follower', () => {
  it('gets an answer and then a line for each event, and is not idle', () => {
    const { feed, client, send, text, ended } = setUp();
    expect(client.waiting()).toBe(0);
    send(follow);
    feed.publish(event);
    expect(text()).toBe(
      '{"id":1,"ok":true,"data":{"schema":1,"complete":true}}\n{"id":"home-1","text":"a\\nb"}\n',
    );
    expect([client.waiting(), ended()]).toEqual([1, 0]);
  });

  it('gets what it missed behind the answer', () => {
    const feed = createFeed();
    feed.publish(event);
    const { send, text } = setUp(feed);
    send('{"v":1,"id":1,"do":"follow","args":{"after":""}}\n');
    expect(text().split('\n')).toEqual([
      '{"id":1,"ok":true,"data":{"schema":1,"complete":true,"last":"home-1"}}',
      JSON.stringify(event),
      '',
    ]);
  });

  it.each([
    [
      'another request',
      verbs.filter((verb) => verb !== 'follow').map((verb) => `{"v":1,"id":1,"do":"${verb}"}\n`),
    ],
    [
      'what is no request',
      ['{}\n', '\n', '{"v":1,"id":1,"do":"follow","args":{"from":"x"}}\n', 'x'.repeat(70_000)],
    ],
  ])('is refused and let go after %s', (_, requests) => {
    for (const request of requests) {
      const { feed, send, text, ended, client } = setUp();
      send(request);
      expect(text()).toMatch(/^\{"id":\S+,"ok":false,.*\}\n$/);
      expect([ended(), client.waiting()]).toEqual([1, 0]);
      feed.publish(event);
      send(follow);
      expect(text().split('\n')).toHaveLength(2);
    }
  });

  it('is refused where enough follow', () => {
    const { send, text, ended } = setUp(full());
    send(follow);
    expect(text()).toContain('"code":"too_many"');
    expect(ended()).toBe(1);
  });

  it('makes room when it is gone, or says more', () => {
    for (const leave of ['closed', 'more'] as const) {
      const { feed, client, send, text } = setUp();
      send(follow);
      if (leave === 'closed') client.closed();
      else send(follow);
      const before = text();
      feed.publish(event);
      expect(text()).toBe(before);
      for (let count = 0; count < maxFollowers; count++)
        expect(feed.follow(() => undefined, undefined)).toBeDefined();
    }
  });

  it('may say how its hooks end, so many lines for each event that it got', () => {
    const { feed, send, ended } = setUp();
    send(follow);
    feed.publish({ id: 'home-1' });
    const test = feed.test('home-1');
    send('{"event":"home-1","hooks":["a"]}\n{"event":"home-1",');
    send('"hook":"a","code":3}\n');
    expect(test?.hooks()).toEqual([{ hook: 'a', code: 3 }]);
    for (let count = 2; count < maxReports; count++) send('{"event":"home-1","hook":"a","code":0}\n');
    expect(ended()).toBe(0);
    send('{"event":"home-1","hook":"a","code":0}\n');
    expect(ended()).toBe(1);
    expect(feed.followers()).toBe(0);
  });

  it('cannot say anything before it follows, or else than that', () => {
    const early = setUp();
    early.send('{"event":"home-1","hooks":[]}\n');
    expect(early.ended()).toBe(1);
    for (const line of ['{"event":"home-1","hook":"../a","code":0}\n', '\n', 'x'.repeat(70_000)]) {
      const { feed, send, ended } = setUp();
      send(follow);
      feed.publish(event);
      send(line);
      expect([ended(), feed.followers()]).toEqual([1, 0]);
    }
  });

  it('is told one line at most whatever it sends, or what it asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (chunks) => {
        const { client, text } = setUp();
        for (const chunk of chunks) client.receive(chunk);
        expect(text().split('\n').length).toBeLessThanOrEqual(2);
      }),
    );
  });
});
