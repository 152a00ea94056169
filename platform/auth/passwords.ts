import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { authErrors } from './errors.ts';

/** OWASP's parameters for argon2id (the library's default algorithm): 19 MiB, two passes, one lane; about 25 ms. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

const MAX_WAITING = 64;

export interface Passwords {
  /** The encoded hash to store. @throws PASSWORD_WEAK */
  hash(login: string, password: string): Promise<string>;
  /** Whether the password fits; takes as long for an account that does not exist (`encoded` null). @throws LOGIN_BUSY */
  verify(encoded: string | null, password: string): Promise<boolean>;
}

/**
 * Password hashing off the event loop, one at a time: the hashes run on libuv's four threads, which also carry the
 * spool's `fdatasync`, and a burst of logins must not delay the acknowledgement of telemetry.
 */
export function createPasswords(): Passwords {
  let tail: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let decoy: Promise<string> | undefined;

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    if (waiting >= MAX_WAITING) throw authErrors.LOGIN_BUSY({});
    waiting++;
    const turn = tail.then(work).finally(() => waiting--);
    tail = turn.catch(() => undefined);
    return turn;
  };

  return {
    hash: async (login, password) => {
      const wrongLength = [...password].length < 12 || Buffer.byteLength(password) > 256;
      const namesLogin = login.length >= 4 && password.toLowerCase().includes(login.toLowerCase());
      if (wrongLength || namesLogin) {
        throw authErrors.PASSWORD_WEAK({}, { field: 'password' });
      }
      return inTurn(() => hash(password, COST));
    },
    verify: async (encoded, password) => {
      if (Buffer.byteLength(password) > 256) return false;
      if (encoded !== null) return inTurn(() => verify(encoded, password));
      decoy ??= hash(randomBytes(16), COST);
      const stand = await decoy;
      await inTurn(() => verify(stand, password));
      return false;
    },
  };
}

/** A password for a person to type once and change: 20 letters and digits without look-alikes, 113 bits. */
export function randomPassword(): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  let password = '';
  while (password.length < 20) {
    for (const byte of randomBytes(32)) {
      // Rejecting the uneven rest keeps every character equally likely.
      if (byte < 256 - (256 % alphabet.length) && password.length < 20) password += alphabet[byte % alphabet.length];
    }
  }
  return password;
}
