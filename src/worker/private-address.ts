import { BlockList, isIP } from 'node:net';

/** What IANA's registries of special-purpose addresses keep from the public Internet, multicast, and what was once private. */
const V4 = [
  ['0.0.0.0', 8, 'this network'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'shared by a carrier'],
  ['127.0.0.0', 8, 'this machine'],
  ['169.254.0.0', 16, 'link-local'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'protocol assignments'],
  ['192.0.2.0', 24, 'documentation'],
  ['192.88.99.0', 24, 'relays of 6to4, deprecated'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'benchmarks'],
  ['198.51.100.0', 24, 'documentation'],
  ['203.0.113.0', 24, 'documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved, and broadcast'],
] as const;
const V6 = [
  ['::', 96, 'unspecified, this machine, and version 4 in the oldest clothes'],
  ['64:ff9b::', 96, 'version 4 behind a translator'],
  ['64:ff9b:1::', 48, 'version 4 behind a private translator'],
  ['100::', 64, 'discarded'],
  ['100:0:0:1::', 64, 'dummies'],
  ['2001::', 23, 'protocol assignments, Teredo among them'],
  ['2001:db8::', 32, 'documentation'],
  ['2002::', 16, 'version 4 by 6to4'],
  ['3fff::', 20, 'documentation'],
  ['5f00::', 16, 'segment routing'],
  ['fc00::', 7, 'private'],
  ['fe80::', 10, 'link-local'],
  ['fec0::', 10, 'site-local, deprecated'],
  ['ff00::', 8, 'multicast'],
] as const;

const refused = new BlockList();
for (const [net, prefix] of V4) refused.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of V6) refused.addSubnet(net, prefix, 'ipv6');

/** Whether an address leads anywhere but to the public Internet. */
export function isPrivate(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return refused.check(mapped, 'ipv4');
  // What is mapped in another spelling is not looked into.
  if (/^::ffff:/i.test(address)) return true;
  return refused.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
