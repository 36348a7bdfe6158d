// Not 'cbor-x' itself: in Node that entry also loads node:stream and, when it finds it, a native string reader.
import { Encoder, type Options } from 'cbor-x/encode';

// Two options that cbor-x 1.6.9 reads are absent from its types.
const options: Options & { readonly useTag259ForMaps: false; readonly int64AsNumber: true } = {
  useRecords: false,
  variableMapSize: true,
  tagUint8Array: false,
  useTag259ForMaps: false,
  mapsAsObjects: false,
  int64AsNumber: true,
  copyBuffers: true,
  structuredClone: false,
  pack: false,
  bundleStrings: false,
};

/**
 * The one cbor-x instance, private to the codec: encoders and decoders of cbor-x keep state. By default cbor-x is neither
 * deterministic nor strict; these options switch off what it adds (records, tags 64 and 259, object keys), and
 * `encodeCbor` and `decodeCbor` allow nothing else in or out (spec section 3).
 */
export const cborX: Encoder = new Encoder(options);
