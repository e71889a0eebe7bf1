import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeTrouble, troubleOf } from '../../daemon/mqtt/trouble.ts';

describe('troubleOf', () => {
  it.each([
    ['ECONNREFUSED', 'refused'],
    ['ENOTFOUND', 'host_not_found'],
    ['EAI_AGAIN', 'host_not_found'],
    ['ETIMEDOUT', 'timeout'],
    ['EHOSTUNREACH', 'unreachable'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'certificate'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'certificate'],
    ['CERT_HAS_EXPIRED', 'certificate'],
    ['CERT_NOT_YET_VALID', 'certificate'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'certificate'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'not_tls'],
    ['ENOENT', 'file'],
    [5, 'not_authorised'],
    [4, 'not_authorised'],
    [2, 'client_id'],
    [3, 'closed'],
    ['EWHATEVER', 'other'],
  ])('%s is %s', (code, cause) => {
    expect(troubleOf({ code, message: 'm' }).cause).toBe(cause);
  });

  it('reads a message where there is no code', () => {
    expect(troubleOf({ message: 'connack timeout' }).cause).toBe('timeout');
    expect(troubleOf({ message: 'Keepalive timeout' }).cause).toBe('timeout');
    expect(troubleOf({})).toEqual({ cause: 'other', detail: 'unknown error' });
  });

  it('always finds words', () => {
    const code = fc.oneof(fc.string(), fc.integer(), fc.constant(undefined), fc.object());
    fc.assert(
      fc.property(code, fc.anything(), (code, message) => {
        expect(describeTrouble('b:1883', troubleOf({ code, message }))).toMatch(/^The MQTT broker b:1883 \w/);
      }),
    );
  });
});
