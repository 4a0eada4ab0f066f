import { describe, expect, test } from 'vitest';
import { explanations, refusalOf, sayRefusal } from '../../src/store/refusal.ts';

const replied = (message: string, name = 'evalsha') => Object.assign(new Error(message), { command: { name } });

describe('what a server answers where it refuses', () => {
  test.each([
    ['right', 'Redis 7.0', "NOPERM this user has no permissions to run the 'config|get' command", 'CONFIG GET'],
    ['right', 'Redis 6.2', "NOPERM this user has no permissions to run the 'info' command or its subcommand", 'INFO'],
    ['right', 'Redis 7.2', "NOPERM User wx has no permissions to run the 'get' command", 'GET'],
    [
      'right',
      'Redis 7.2, in a script',
      "ERR ACL failure in script: User wx has no permissions to run the 'hset' command script: f1",
      'HSET',
    ],
    [
      'right',
      'Redis 7.0, in a script',
      "ERR The user executing the script can't run this command or subcommand script: f1, on @user_script:5.",
      undefined,
    ],
    ['right', 'a key', 'NOPERM No permissions to access a key', 'EVALSHA'],
    ['command', 'Redis 7.0', "ERR unknown command 'BZPOPMIN', with args beginning with: 'a' 'b' ", 'BZPOPMIN'],
    ['command', 'Redis 6.2', 'ERR unknown command `bzpopmin`, with args beginning with: `a`, ', 'BZPOPMIN'],
    [
      'command',
      'in a script',
      'ERR Unknown Redis command called from script script: f1, on @user_script:1.',
      undefined,
    ],
    ['login', 'no password', 'NOAUTH Authentication required.', undefined],
    ['login', 'a wrong one', 'WRONGPASS invalid username-password pair or user is disabled.', undefined],
    [
      'login',
      'HELLO',
      'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used',
      undefined,
    ],
    ['replica', 'a command', "READONLY You can't write against a read only replica.", 'EVALSHA'],
    [
      'replica',
      'in a script',
      "READONLY You can't write against a read only replica. script: f1, on @user_script:1.",
      'EVALSHA',
    ],
    [
      'disk',
      'RDB',
      'MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk.',
      'EVALSHA',
    ],
    ['disk', 'AOF', 'MISCONF Errors writing to the AOF file: No space left on device', 'EVALSHA'],
    ['memory', 'a command', "OOM command not allowed when used memory > 'maxmemory'.", 'EVALSHA'],
    ['clients', 'Redis', 'ERR max number of clients reached', undefined],
    ['clients', 'with Cluster', 'ERR max number of clients + cluster connections reached', undefined],
    ['loading', 'Redis', 'LOADING Redis is loading the dataset in memory', undefined],
    ['cluster', 'Redis', 'CLUSTERDOWN Hash slot not served', 'EVALSHA'],
    ['slot', 'another node', 'MOVED 3999 127.0.0.1:6381', 'EVALSHA'],
    ['slot', 'two slots', "CROSSSLOT Keys in request don't hash to the same slot", 'EVALSHA'],
    ['replicas', 'a master', 'NOREPLICAS Not enough good replicas to write.', 'EVALSHA'],
    [
      'replicas',
      'a replica',
      "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
      'EVALSHA',
    ],
    [
      'busy',
      'a script',
      'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
      'EVALSHA',
    ],
    ['protected', 'Redis', 'DENIED Redis is running in protected mode because protected mode is enabled', undefined],
    ['database', 'Redis', 'ERR DB index is out of range', undefined],
  ] as const)('%s (%s)', (kind, _, message, command) => {
    expect(refusalOf(replied(message))).toMatchObject({ kind, command });
    expect(sayRefusal(replied(message))).toMatch(/^(this Redis|this user of Redis|Redis refuses) .*: .*\.$/);
  });

  test('every kind is among them', () => {
    expect(explanations()).toHaveLength(14);
  });

  test.each([
    'connect ECONNREFUSED 127.0.0.1:6379',
    'Command timed out',
    'Connection is closed.',
    "Stream isn't writeable and enableOfflineQueue options is false",
    'ERR value is not an integer or out of range',
    'WRONGTYPE Operation against a key holding the wrong kind of value',
    'NOSCRIPT No matching script. Please use EVAL.',
  ])('nothing is refused by: %s', (message) => {
    expect(refusalOf(replied(message))).toBeUndefined();
  });
});
