import { strict as assert } from 'node:assert';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openGitStore } from '../../../src/ledger/store/git-store.ts';
import { startGitHttpServer } from '../git-http-server.ts';
import {
  assertBegins,
  assertSound,
  assertTidy,
  type FaultScene,
  keepTemplate,
  recordsOf,
  runHere,
  runProgram,
  verifyCopy,
} from './fault-scene.ts';
import { createWorks, submitDay } from './submit-scene.ts';

/** A branch's head in a repository. */
type Refs = Readonly<Record<string, string>>;

function refsOf(repository: string): Refs {
  const store = openGitStore(repository);
  try {
    return Object.fromEntries(store.listRefs());
  } finally {
    store.close();
  }
}

/** `sync` of a home with something to publish, with a hub that has something new: of the certification body and of another organisation. */
export async function createSyncScene(program: string, over: 'folder' | 'http'): Promise<FaultScene> {
  const homes = await createWorks();
  const { folder, applicant, body, now } = homes;
  const neighbour = join(folder, 'neighbour');
  mkdirSync(join(folder, 'srv'));
  const hub = join(folder, 'srv', 'hub.git');
  const server = over === 'http' ? await startGitHttpServer(join(folder, 'srv')) : null;
  const ok = async (home: string, ...argv: string[]): Promise<void> => {
    const { status, stdout, stderr } = await runHere(home, now, argv);
    assert.equal(status, 0, `joulemark ${argv.join(' ')}: ${stderr}${stdout}`);
  };
  await ok(body, 'remote', 'init', hub);
  await ok(body, 'remote', 'add', 'hub', hub);
  await ok(body, 'sync');
  await ok(applicant, 'remote', 'add', 'hub', server === null ? hub : `${server.url}/hub.git`);
  await ok(applicant, 'sync');
  await submitDay(homes, 0);
  await ok(neighbour, 'init', 'Neighbour');
  await ok(neighbour, 'join', hub, '--ledger', homes.ledger);
  await ok(body, 'broadcast');
  const store = join(applicant, 'ledger.git');
  const [before, hubBefore] = [refsOf(store), refsOf(hub)];
  const chainsBefore = new Map(Object.keys(before).map((ref) => [ref, recordsOf(store, ref)]));
  const hubChainsBefore = new Map(Object.keys(hubBefore).map((ref) => [ref, recordsOf(hub, ref)]));
  const scene = { folder, argv: ['sync'], env: { PATH: process.env['PATH'] ?? '', JOULEMARK_HOME: applicant } };
  const restore = keepTemplate(folder);
  // what an undisturbed run makes of it: nothing is signed, so it is the same every time
  const undisturbed = await runProgram(program, scene);
  assert.equal(undisturbed.status, 0, undisturbed.stderr);
  const expected = { here: refsOf(store), there: refsOf(hub), pin: readFileSync(join(applicant, 'pin.json'), 'utf8') };
  assert.notDeepEqual(expected.here, before);
  assert.notDeepEqual(expected.there, hubBefore);
  const nothingLost = (when: string): void => {
    for (const [ref, records] of chainsBefore) assertBegins(recordsOf(store, ref), records, `${ref} here ${when}`);
    for (const [ref, records] of hubChainsBefore) assertBegins(recordsOf(hub, ref), records, `${ref} there ${when}`);
  };
  const outcome = () => ({
    here: refsOf(store),
    there: refsOf(hub),
    pin: readFileSync(join(applicant, 'pin.json'), 'utf8'),
  });
  return {
    ...scene,
    name: `sync (${over})`,
    inputs: [],
    restore,
    check: async ({ status }) => {
      await server?.idle();
      await verifyCopy(applicant, 'after the fault');
      nothingLost('after the fault');
      if (status === 0) assert.deepEqual(outcome(), expected, 'it said that all went well');
      const again = await runProgram(program, scene);
      assert.equal(again.status, 0, `the next run: ${again.stderr}${again.stdout}`);
      assert.deepEqual(outcome(), expected, 'after the next run');
      await verifyCopy(applicant, 'after the next run');
      const stranger = await runHere(join(folder, 'stranger'), now, ['verify', hub, '--ledger', homes.ledger]);
      assert.equal(stranger.status, 0, `a stranger's verify of the hub: ${stranger.stderr}${stranger.stdout}`);
      assertTidy(applicant, [store]);
      // what a process killed at its very end left at the hub stays until the next push
      assertSound(hub);
    },
    close: async () => {
      await server?.close();
      homes.remove();
      rmSync(`${folder}.template`, { recursive: true, force: true });
    },
  };
}
