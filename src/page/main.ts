/** The start of verify.html: the page, or inside a worker the engine behind it. One program for both, so one hash allows both. */
import { serve } from './link.ts';
import { startPage } from './page.ts';

if (typeof document === 'undefined') serve();
else startPage(document.currentScript?.textContent ?? '');
