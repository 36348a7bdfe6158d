import type { OptionalField, Schema } from './schema.ts';

/** The keys of a record and what stands under each. */
export type Fields = Readonly<Record<string, Schema<unknown> | OptionalField<unknown>>>;
type Flat<T> = { [K in keyof T]: T[K] };
/** What a record of these keys is in TypeScript. */
export type RecordOf<F extends Fields> = Flat<
  {
    readonly [K in keyof F as F[K] extends OptionalField<unknown> ? never : K]: F[K] extends Schema<infer T>
      ? T
      : never;
  } & {
    readonly [K in keyof F as F[K] extends OptionalField<unknown> ? K : never]?: F[K] extends OptionalField<infer T>
      ? T
      : never;
  }
>;
