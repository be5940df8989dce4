// What changed in a text, counted in units of UTF-16 as the server does, and a sum by which to tell texts apart.

export function change(before, after) {
  const shorter = Math.min(before.length, after.length);
  let position = 0;
  while (position < shorter && before.charCodeAt(position) === after.charCodeAt(position)) position += 1;
  let tail = 0;
  const rest = shorter - position;
  while (tail < rest && before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)) tail += 1;
  return { position, cut: before.length - position - tail, put: after.slice(position, after.length - tail) };
}

export function changed(text, { position, cut, put }) {
  return text.slice(0, position) + put + text.slice(position + cut);
}

const TABLE = Uint32Array.from({ length: 256 }, (_, number) => {
  for (let bit = 0; bit < 8; bit += 1) number = number & 1 ? 0xedb88320 ^ (number >>> 1) : number >>> 1;
  return number;
});

// CRC-32 of the units, the lower half of each first.
export function checksum(text) {
  let sum = 0xffffffff;
  for (let place = 0; place < text.length; place += 1) {
    const unit = text.charCodeAt(place);
    sum = TABLE[(sum ^ unit) & 0xff] ^ (sum >>> 8);
    sum = TABLE[(sum ^ (unit >>> 8)) & 0xff] ^ (sum >>> 8);
  }
  return (sum ^ 0xffffffff) >>> 0;
}

export function differing(fields, others) {
  return Object.fromEntries(Object.entries(fields).filter(([name, text]) => others[name] !== text));
}

export function same(one, other) {
  return one.content === other.content && !Object.keys(differing(one.fields, other.fields)).length;
}
