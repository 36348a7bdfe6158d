import { closeSync, constants, fsyncSync, openSync, rmSync } from 'node:fs';
import { placeFile, temporaryPath, writeFully } from './files.ts';
import { syncDirectory } from './folders.ts';
import { guard } from './guard.ts';

/** A file written in pieces under a temporary name: `commit` makes it durable at `path`, `abort` leaves nothing. */
export type PieceWriter = {
  readonly write: (bytes: Uint8Array) => void;
  readonly commit: (path: string) => void;
  readonly abort: () => void;
};

/** Opens a PieceWriter in `directory` (the folder that the final path must lie in). `isCache`: not synced, because it may be lost. */
export function writeInPieces(directory: string, mode = 0o444, isCache = false): PieceWriter {
  const temporary = temporaryPath(directory);
  const descriptor = guard('write a file in', directory, () =>
    openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode),
  );
  let open = true;
  let size = 0;
  const abort = (): void => {
    if (!open) return;
    open = false;
    closeSync(descriptor);
    rmSync(temporary, { force: true });
  };
  return {
    write: (bytes) =>
      guard('write a file in', directory, () => {
        writeFully(descriptor, bytes, size);
        size += bytes.length;
      }),
    commit: (path) => {
      try {
        if (!isCache) guard('write', path, () => fsyncSync(descriptor));
      } catch (error) {
        abort();
        throw error;
      }
      open = false;
      closeSync(descriptor);
      placeFile(temporary, path);
      if (!isCache) syncDirectory(directory);
    },
    abort,
  };
}
