import type { ExportFolder } from './export-folder.ts';
import { SUMS_FILE } from './sha256-sums.ts';
import type { VerdictPaint } from './verdict-lines.ts';

/** What is told of the folder that a verdict is on: plain data. */
export interface ToldExport {
  readonly files: number;
  readonly sha256Sums: string;
  /** True where that was told by another way, and is the same. */
  readonly compared: boolean;
  readonly holds: ExportFolder['facts']['scope']['kind'];
}

/** `told`: the SHA-256 of SHA256SUMS that came by another way, compared when the folder was read. */
export function toToldExport({ facts, sumsHash, files }: ExportFolder, told: string | null): ToldExport {
  return { files, sha256Sums: sumsHash, compared: told !== null, holds: facts.scope.kind };
}

/** The line on the folder, above those of the verdict. */
export function exportLine({ files, sha256Sums, compared }: ToldExport, ui: VerdictPaint): string {
  const sums = `SHA-256 of ${SUMS_FILE} ${sha256Sums}`;
  return `FILES     ${files} as they were written. ${sums}  ${compared ? 'compared with --sums' : ui.warn('NOT COMPARED: give the one you were told with --sums')}`;
}
