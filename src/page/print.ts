/** Paper has no disclosure triangles: what belongs to the record is opened for it and closed again. */
export function openForPrint(): void {
  let opened: HTMLDetailsElement[] = [];
  globalThis.addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll<HTMLDetailsElement>('details[data-print]:not([open])')];
    for (const details of opened) details.open = true;
  });
  globalThis.addEventListener('afterprint', () => {
    for (const details of opened) details.open = false;
  });
}
