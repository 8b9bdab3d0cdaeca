import { THEME_CSS } from './theme.js'

/** The button and the frame of the panel that it opens. */
export const CORNER_CSS = `${THEME_CSS}
.root { display: block; }
.corner {
  position: fixed;
  z-index: 2147483000;
  display: grid;
  place-items: center;
  width: 44px;
  height: 44px;
  padding: 0;
  border: 2px solid var(--tone);
  border-radius: 50%;
  background: var(--surface);
  color: var(--tone);
  box-shadow: 0 2px 10px rgb(0 0 0 / 0.18);
}
.corner[data-position^='bottom'] { bottom: 16px; }
.corner[data-position^='top'] { top: 16px; }
.corner[data-position$='right'] { right: 16px; }
.corner[data-position$='left'] { left: 16px; }
.drawer {
  position: fixed;
  z-index: 2147483000;
  inset: auto 0 0;
  display: flex;
  flex-direction: column;
  height: min(440px, 70vh);
  border-top: 1px solid var(--control-line);
  background: var(--surface);
  box-shadow: 0 -4px 24px rgb(0 0 0 / 0.16);
}
.drawer[data-position^='top'] {
  inset: 0 0 auto;
  border-top: 0;
  border-bottom: 1px solid var(--control-line);
}
header {
  display: flex;
  align-items: center;
  justify-content: space-between;
  padding: 6px 8px 6px 16px;
  border-bottom: 1px solid var(--line);
}
.title { font-weight: 600; }
header button {
  display: grid;
  place-items: center;
  width: 30px;
  padding: 0;
  border-color: transparent;
}
.panel {
  --everwire-devtools-list-height: none;
  flex: 1;
  min-height: 0;
  padding: 14px 16px;
  overflow: auto;
  overscroll-behavior: contain;
}
@media (max-width: 931px) {
  .drawer { height: min(640px, 80vh); }
  .panel { --everwire-devtools-list-height: 280px; }
}
`
