import { assert, property, tuple, nat } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classifyAddress, isGlobalUnicast } from './classify-address.ts'

describe('classifyAddress', () => {
  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '93.184.216.34',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.255.255',
    '172.32.0.1',
    '198.17.255.255',
    '198.20.0.1',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001:81b::200e',
    '2001:4860:4860::8888',
  ])('%s is global', (ip) => expect(classifyAddress(ip)).toBe('global'))

  it.each([
    ['this network', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['shared', '100.64.0.1'],
    ['shared', '100.127.255.255'],
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['link-local, metadata', '169.254.169.254'],
    ['protocol assignments', '192.0.0.192'],
    ['documentation', '192.0.2.1'],
    ['documentation', '198.51.100.7'],
    ['documentation', '203.0.113.9'],
    ['6to4 relay', '192.88.99.1'],
    ['benchmark', '198.18.0.1'],
    ['benchmark', '198.19.255.255'],
    ['multicast', '224.0.0.1'],
    ['multicast', '239.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['cloud metadata', '168.63.129.16'],
    ['cloud metadata', '100.100.100.200'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['link-local', 'fe80::1'],
    ['site-local', 'fec0::1'],
    ['unique local', 'fc00::1'],
    ['unique local, metadata', 'fd00:ec2::254'],
    ['multicast', 'ff02::1'],
    ['mapped', '::ffff:127.0.0.1'],
    ['mapped, public inside', '::ffff:8.8.8.8'],
    ['compatible', '::127.0.0.1'],
    ['compatible, public inside', '::8.8.8.8'],
    ['translated', '::ffff:0:127.0.0.1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['NAT64, public inside', '64:ff9b::808:808'],
    ['local NAT64', '64:ff9b:1::a00:1'],
    ['6to4', '2002:7f00:1::'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['documentation', '2001:db8::1'],
    ['documentation', '3fff::1'],
    ['benchmark', '2001:2::1'],
    ['ORCHID', '2001:20::1'],
    ['discard', '100::1'],
    ['segment routing', '5f00::1'],
    ['never given', '4000::1'],
    ['ISATAP', '2a00:1450::5efe:7f00:1'],
    ['ISATAP', '2a00:1450:0:0:200:5efe:a00:1'],
  ])('%s %s is special', (_what, ip) => expect(classifyAddress(ip)).toBe('special'))

  it.each([
    '',
    'localhost',
    '127.1',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '2130706433',
    '1.2.3.256',
    '1.2.3.4.5',
    'fe80::1%eth0',
    '2a00::%1',
    '1::2::3',
    ' 1.1.1.1',
    '[::1]',
  ])('"%s" is no address', (ip) => expect(classifyAddress(ip)).toBe('invalid'))

  it('calls no IPv4 address global when it is written inside an IPv6 one', () => {
    const octets = tuple(nat(255), nat(255), nat(255), nat(255))
    assert(
      property(octets, (parts) => {
        const ip = parts.join('.')
        for (const prefix of ['::ffff:', '::', '64:ff9b::', '64:ff9b:1::', '::ffff:0:']) {
          if (isGlobalUnicast(`${prefix}${ip}`)) return false
        }
        return true
      }),
    )
  })
})
