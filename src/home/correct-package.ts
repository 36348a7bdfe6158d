import { isSamePayload } from '../programme/plan-submission.ts';
import {
  assertCorrectable,
  type CorrectionRequest,
  neighbourNote,
  packageToCorrect,
  toCorrectedPayload,
} from '../programme/plan-correction.ts';
import { correctContent } from '../programme/entries.ts';
import { toSituatedMeter } from '../programme/meter-situation.ts';
import { toPackageContent } from '../programme/package.ts';
import { showInterval } from '../programme/show-quantity.ts';
import { decimalToText } from '../calc/decimal.ts';
import { isKnownCommit } from '../programme/own-packages.ts';
import { JoulemarkError } from '../errors.ts';
import { policyRuling } from '../programme/rules.ts';
import { type AppendedEntry, alreadyThere, appendEntry, ownChain } from './append-entry.ts';
import { meterNamed, readOwnMeters } from './own-chain.ts';
import { type Surroundings, toEntry, withWriter } from './session.ts';
import { ownChainOnly } from './submit.ts';

/** A correction that was appended, now or before. JSON-safe. */
export interface CorrectedPackage extends AppendedEntry {
  readonly meter: string;
  readonly start: number;
  readonly end: number;
  readonly dates: string;
  readonly unit: string;
  readonly old: string;
  readonly quantity: string;
  readonly register: { readonly open: string; readonly close: string } | null;
  readonly reason: string;
  readonly replaces: string;
  readonly commit: string;
  readonly note: string | null;
}

/** Appends a correction of the package that counts in a place. @throws JoulemarkError USAGE: nothing was written then. */
export async function correctPackage(
  surroundings: Surroundings,
  request: CorrectionRequest,
): Promise<CorrectedPackage> {
  return withWriter(
    surroundings,
    (writer) => {
      const { own, policy, meters } = readOwnMeters(writer, writer.now);
      const declared = meterNamed(meters, request.meter);
      const { dayStarts, zone = policy.time.zone } = toSituatedMeter(declared, policy);
      const target = packageToCorrect(request, declared, own, zone, dayStarts);
      const payload = toCorrectedPayload(request, target, declared, own);
      const { meter, kind, start, end } = target;
      const content = toPackageContent({ org: writer.home.org, meter, kind, start, end }, payload, writer.makeSalt);
      const described = {
        meter,
        start,
        end,
        dates: showInterval(start, end, zone, dayStarts),
        unit: payload.unit,
        quantity: decimalToText(payload.quantity),
        register:
          payload.register === undefined
            ? null
            : { open: decimalToText(payload.register.open), close: decimalToText(payload.register.close) },
        reason: request.reason,
      };
      if (isSamePayload(payload, target.payload)) {
        const block = ownChain(writer).blocks[target.place.seq];
        const placed = {
          seq: target.place.seq,
          id: block?.id ?? target.commit,
          entry: target.place.entry,
          time: target.time,
          content: new Map(),
        };
        return {
          ...described,
          old: described.quantity,
          replaces: target.corrects ?? target.commit,
          commit: target.commit,
          note: null,
          ...alreadyThere(writer, placed, surroundings.dryRun),
        };
      }
      if (isKnownCommit(own.packages, content.commit)) {
        throw new JoulemarkError(
          'USAGE',
          `'${meter}' ${described.dates} had this figure before and was corrected since: the ledger would take it for a repeat`,
          {
            hints: [
              `if it was right after all, say so: joulemark meter correct ${meter} "${request.when}" ${described.quantity} --because ${request.reason} --note "..."`,
            ],
          },
        );
      }
      assertCorrectable(target, policyRuling(writer.state.policies, end - 1)?.value ?? policy, writer.now);
      const appended = appendEntry(
        writer,
        surroundings.dryRun,
        toEntry('correct', correctContent, { replaces: target.commit, package: content, reason: request.reason }),
      );
      return {
        ...described,
        old: decimalToText(target.payload.quantity),
        replaces: target.commit,
        commit: content.commit,
        note: neighbourNote(target, payload.register, own, zone),
        ...appended,
      };
    },
    ownChainOnly(surroundings.home),
  );
}
