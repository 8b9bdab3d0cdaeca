/** The outcome of a scenario: how good, and a few words for the cell. */
export const good = (text, raw) => ({ verdict: 'good', text, raw })
/** Neither good nor bad: it works, with a cost, or it says so. */
export const fair = (text, raw) => ({ verdict: 'fair', text, raw })
export const bad = (text, raw) => ({ verdict: 'bad', text, raw })
export const notApplicable = (text) => ({ verdict: 'none', text })

export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
