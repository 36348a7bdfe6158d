import type { Policy } from './policy.ts';
import type { Table } from './table.ts';

/** What a policy needs of its table and does not find there: a sentence each, none when all is well. */
export function checkRowsNeeded(policy: Policy, table: Table): readonly string[] {
  const faults: string[] = [];
  for (const [carrier, { row: name, choose }] of policy.energy.carriers) {
    const row = table.rows.get(name);
    if (row === undefined)
      faults.push(`the policy's carrier '${carrier}' needs the row '${name}', which is not in this table`);
    else if (row.factor === undefined && choose === undefined)
      faults.push(`the row '${name}' is a printed range: the policy's carrier '${carrier}' needs 'choose'`);
  }
  return faults;
}
