// In a worker: looks for a number whose SHA-256, behind the task, begins with so many zeros (blog/comments/proofs.py).
// By hand: crypto.subtle is not there without HTTPS, and answers each hash in another turn.

const PRIMES = primes(64);
const ROUNDS = Uint32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const START = Uint32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const schedule = new Uint32Array(64);

self.addEventListener("message", (event) => {
  const { task, bits } = event.data;
  for (let number = 0; ; number += 1) {
    if (first(`${task}:${number}`) >>> (32 - bits) === 0) {
      self.postMessage(String(number));
      return;
    }
  }
});

// The first 32 bits of the hash of a text in ASCII.
function first(text) {
  const length = text.length;
  const words = new Uint32Array(((length + 8) >> 6) * 16 + 16);
  for (let place = 0; place < length; place += 1) words[place >> 2] |= text.charCodeAt(place) << (24 - (place & 3) * 8);
  words[length >> 2] |= 0x80 << (24 - (length & 3) * 8);
  words[words.length - 1] = length * 8;
  const hash = START.slice();
  for (let block = 0; block < words.length; block += 16) digest(hash, words, block);
  return hash[0];
}

function digest(hash, words, block) {
  for (let round = 0; round < 16; round += 1) schedule[round] = words[block + round];
  for (let round = 16; round < 64; round += 1) {
    const early = schedule[round - 15];
    const late = schedule[round - 2];
    const one = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
    const two = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
    schedule[round] = schedule[round - 16] + one + schedule[round - 7] + two;
  }
  let [a, b, c, d, e, f, g, h] = hash;
  for (let round = 0; round < 64; round += 1) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[round] + schedule[round]) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((value, place) => { hash[place] += value; });
}

function turn(word, by) {
  return (word >>> by) | (word << (32 - by));
}

function fraction(number) {
  return Math.floor((number - Math.floor(number)) * 2 ** 32);
}

function primes(most) {
  const found = [];
  for (let number = 2; found.length < most; number += 1) {
    if (found.every((prime) => number % prime)) found.push(number);
  }
  return found;
}
