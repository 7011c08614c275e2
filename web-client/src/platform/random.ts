/** Unpredictable ids made on the device. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const CID_CHARS = 22;

/** A client id: 132 random bits as 22 letters, digits, `-`, `_`. */
export function newCid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(CID_CHARS));
  return Array.from(bytes, (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
}
