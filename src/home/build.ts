/** What this program was built as: the build puts a hash of the built file here. */
export const BUILD = 'joulemark run from its sources';
