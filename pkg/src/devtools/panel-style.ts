import { THEME_CSS } from './theme.js'

/**
 * The panel: its sections in a column, the lists beside the rest where there is room. An app may style the parts
 * `status`, `facts`, `button`, `heading` and `list` (`::part`), and say in `--everwire-devtools-list-height` how
 * high a list may be, in `--everwire-devtools-font` in which font.
 */
export const PANEL_CSS = `${THEME_CSS}
:host { container-type: inline-size; }
.root { display: block; height: 100%; }
.sections, .summary, .section { display: flex; flex-direction: column; min-width: 0; min-height: 0; }
.sections, .summary { gap: 16px; }
.sections { height: 100%; }
.section { gap: 8px; }
.sections > *, .summary > * { flex: none; }
.sections > :only-child { flex: 1 1 auto; }
@container (min-width: 900px) {
  .sections { flex-direction: row; gap: 24px; }
  .sections > *:not(:only-child) { flex: 1 1 0; }
  .sections > .summary:not(:only-child) { flex: 0 1 340px; overflow-y: auto; }
  .sections > .messages { flex-grow: 1.4; }
}

.status { font-weight: 600; font-size: 20px; line-height: 1.2; letter-spacing: -0.01em; }
.word { color: var(--tone); }
.countdown, time, .size, .fact dd, .aside { font-variant-numeric: tabular-nums; }
.countdown { white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr max-content 1fr; gap: 2px 10px; }
.fact { display: contents; }
.fact.whole dd, .fact.long dd { grid-column: 2 / -1; }
@container (min-width: 600px) {
  .summary:only-child dl { display: flex; flex-wrap: wrap; gap: 2px 24px; }
  .summary:only-child .fact { display: flex; gap: 7px; }
  .summary:only-child .fact.whole { flex: 1 0 100%; }
}
dt { flex: none; color: var(--muted); }
dd { overflow-wrap: anywhere; }

.buttons { display: flex; flex-wrap: wrap; gap: 6px; }
.told { align-self: center; margin-left: 4px; color: var(--muted); }

.head { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 2px 12px; }
.aside, .empty { color: var(--muted); font-size: 12px; }
.scroller {
  flex: 0 1 auto;
  min-height: 0;
  max-height: var(--everwire-devtools-list-height, 320px);
  overflow-y: auto; overscroll-behavior: contain;
  scrollbar-width: thin;
}
.scroller:has(ol:empty) { display: none; }
code { font: 12px/1.45 var(--mono); overflow-wrap: anywhere; }
time { color: var(--muted); font-size: 12px; }

.happening { display: grid; grid-template-columns: 74px minmax(0, 1fr); }
.happening time { padding: 5px 0; }
.happening p { position: relative; padding: 4px 0 4px 18px; border-left: 1px solid var(--line); }
.happening p::before {
  content: '';
  position: absolute;
  top: 9px;
  left: -5px;
  width: 9px;
  height: 9px;
  border-radius: 50%;
  background: var(--tone);
}
.happening strong { margin-right: 3px; font-weight: 600; }
.why, .happening code { color: var(--muted); }

.toolbar { display: flex; flex-wrap: wrap; gap: 6px; }
.toolbar input { flex: 1 1 80px; min-width: 0; }
.toolbar input, select { background: var(--sunken); }
button[aria-pressed='true'] { border-color: var(--text); background: var(--text); color: var(--surface); }
::placeholder { color: var(--muted); opacity: 1; }
.message { border-top: 1px solid var(--line); }
.message:first-child { border-top-color: transparent; }
summary {
  display: flex;
  align-items: baseline;
  gap: 10px;
  padding: 5px 4px;
  border-radius: 4px;
  cursor: pointer;
  list-style: none;
}
summary::-webkit-details-marker { display: none; }
summary:hover { background: var(--hover); }
summary:focus-visible, .scroller:focus-visible, pre:focus-visible { outline-offset: -2px; }
.direction { flex: none; width: 38px; font-weight: 600; white-space: nowrap; }
[data-direction='in'] .direction { color: var(--connecting); }
[data-direction='out'] .direction { color: var(--connected); }
.preview { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.became { flex: none; color: var(--muted); font-size: 12px; }
[data-became='acknowledged'], [data-became='handed-over'] { color: var(--connected); }
[data-became='queued'] { color: var(--reconnecting); }
[data-became='dropped'], [data-became='unknown'], [data-became='invalid'], .problem { color: var(--problem); }
.size { flex: none; min-width: 52px; color: var(--muted); font-size: 12px; text-align: right; white-space: nowrap; }
.problem { padding: 0 4px 6px; }
pre {
  max-height: 240px;
  margin: 0 4px 8px;
  padding: 8px 10px;
  overflow: auto;
  border: 1px solid var(--line);
  border-radius: 6px;
  background: var(--sunken);
  font: 12px/1.5 var(--mono);
  white-space: pre-wrap;
  overflow-wrap: anywhere;
}
`
