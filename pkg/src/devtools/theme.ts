/** Which colours a panel has. */
export type DevtoolsTheme = 'light' | 'dark' | 'system'

const LIGHT = {
  surface: '#fbfcfa',
  sunken: '#eef1ec',
  line: '#dbe0d8',
  'control-line': '#7f8982',
  text: '#14201c',
  muted: '#536059',
  hover: '#e6eae3',
  connected: '#08734a',
  connecting: '#1c5dbb',
  reconnecting: '#8f5300',
  disconnected: '#5c6762',
  problem: '#b0291f',
}

const DARK: typeof LIGHT = {
  surface: '#161c1b',
  sunken: '#101615',
  line: '#29322f',
  'control-line': '#6f7c77',
  text: '#e7ece9',
  muted: '#9fada7',
  hover: '#212a28',
  connected: '#4fc890',
  connecting: '#84b6ff',
  reconnecting: '#f0b455',
  disconnected: '#93a09b',
  problem: '#ff9388',
}

const colours = (scheme: string, values: typeof LIGHT): string =>
  [`color-scheme: ${scheme};`, ...Object.entries(values).map(([name, value]) => `--${name}: ${value};`)].join(
    ' ',
  )

/**
 * What all parts share. `all: initial` cuts off what an app's styles would hand down into the shadow root; the
 * pixels are not rem, since an app may set that to anything.
 */
export const THEME_CSS = `
:host { display: block; min-width: 0; }
.root {
  all: initial;
  ${colours('light', LIGHT)}
  --sans: var(--everwire-devtools-font, system-ui, sans-serif);
  --mono: ui-monospace, 'SF Mono', 'Cascadia Code', Menlo, Consolas, monospace;
  color: var(--text);
  font: 13px/1.45 var(--sans);
  -webkit-font-smoothing: antialiased;
}
@media (prefers-color-scheme: dark) {
  .root { ${colours('dark', DARK)} }
}
.root[data-theme='light'] { ${colours('light', LIGHT)} }
.root[data-theme='dark'] { ${colours('dark', DARK)} }
*, *::before, *::after { box-sizing: border-box; }
[data-tone='open'] { --tone: var(--connected); }
[data-tone='fetching-token'], [data-tone='connecting'] { --tone: var(--connecting); }
[data-tone='waiting'] { --tone: var(--reconnecting); }
[data-tone='suspended'], [data-tone='closed'] { --tone: var(--disconnected); }
[data-tone='problem'] { --tone: var(--problem); }
[data-tone='gap'] { --tone: var(--reconnecting); }
button, input, select {
  min-height: 30px;
  padding: 3px 10px;
  border: 1px solid var(--control-line);
  border-radius: 6px;
  background: transparent;
  color: inherit;
  font: 500 13px/1.2 var(--sans);
}
button { cursor: pointer; }
button:hover:not([aria-disabled='true']) { background: var(--hover); }
button[aria-disabled='true'] { cursor: default; opacity: 0.55; }
:focus-visible { outline: 2px solid var(--connecting); outline-offset: 2px; }
h2, p, dl, dd, ol, pre { margin: 0; padding: 0; }
h2 { font: 600 14px/1.3 var(--sans); }
ol { list-style: none; }
.visually-hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { animation: none !important; transition: none !important; }
}
`
