import { base64 } from '@scure/base';
import { JoulemarkError } from '../errors.ts';

/** Where in verify.html a bundle stands. */
export const EMBEDDED_ID = 'embedded-bundle';

const START = `<script type="text/plain" id="${EMBEDDED_ID}">`;
const END = '</script>';

/**
 * verify.html with a bundle inside, so that the ledger and its verifier are one file. The block is data: no browser runs it, and the hashes of
 * the policy, which are of what runs, stay right. Base64 has no `<`, so nothing in a bundle can end it.
 * @throws JoulemarkError INTERNAL when the page has no empty block.
 */
export function embedBundle(html: Uint8Array, bundle: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(html);
  const at = text.indexOf(`${START}${END}`);
  if (at < 0) throw new JoulemarkError('INTERNAL', `broken invariant: the page has no empty '${EMBEDDED_ID}'`);
  const place = at + START.length;
  return new TextEncoder().encode(`${text.slice(0, place)}${base64.encode(bundle)}${text.slice(place)}`);
}
