// IP addresses, strictly read, and which of them are on the public Internet (the special-purpose
// registries of RFC 6890 and its updates).

/** Return an IPv4 address as a BigInt of 32 bits, or null. */
export function ipv4(text) {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256)) {
    return null;
  }
  return parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

/** Return an IPv6 address as a BigInt of 128 bits, or null. */
export function ipv6(text) {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [head, tail] = halves.map(groups);
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const all = tail === undefined ? head : [...head, ...Array(missing).fill(0n), ...tail];
  return all.reduce((sum, group) => (sum << 16n) | group, 0n);
}

function groups(text) {
  if (text === "") return [];
  const found = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes(".")) {
      const embedded = ipv4(part);
      if (embedded === null) return null;
      found.push(embedded >> 16n, embedded & 0xffffn);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      found.push(BigInt(`0x${part}`));
    } else {
      return null;
    }
  }
  return found;
}

const within = (address, bits, network, prefix) =>
  address >> BigInt(bits - prefix) === network >> BigInt(bits - prefix);

const table = (read, entries) =>
  entries.map((entry) => {
    const [network, prefix] = entry.split("/");
    return [read(network), Number(prefix)];
  });

const CLOSED_V4 = table(ipv4, [
  "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
  "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
  "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
]);

// Public IPv6 is 2000::/3 but for what is set aside in it.
const OPEN_V6 = table(ipv6, ["2000::/3"]);
const CLOSED_V6 = table(ipv6, ["2001::/23", "2001:db8::/32", "3fff::/20"]);

// Prefixes that carry an IPv4 address, and how far it stands from the right.
const CARRIERS = [["::", 96, 0n], ["::ffff:0:0", 96, 0n], ["64:ff9b::", 96, 0n], ["2002::", 16, 80n]];

const listed = (address, bits, networks) =>
  networks.some(([network, prefix]) => within(address, bits, network, prefix));

const publicV4 = (address) => !listed(address, 32, CLOSED_V4);

function publicV6(address) {
  for (const [network, prefix, shift] of CARRIERS) {
    if (address > 1n && within(address, 128, ipv6(network), prefix)) {
      return publicV4((address >> shift) & 0xffffffffn);
    }
  }
  return listed(address, 128, OPEN_V6) && !listed(address, 128, CLOSED_V6);
}

/** Tell whether a written address, with or without a zone, is one of the public Internet. */
export function isPublic(text) {
  const [bare] = text.split("%");
  const older = ipv4(bare);
  if (older !== null) return publicV4(older);
  const newer = bare.includes(":") ? ipv6(bare) : null;
  return newer !== null && publicV6(newer);
}
