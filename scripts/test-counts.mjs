// Reads from a test program's output how many tests passed and failed.

/** What `cargo test` prints, once for each test binary; so does wasm-bindgen's test runner. */
const CARGO_RESULT = /^test result: \w+\. (\d+) passed; (\d+) failed/gm
/** What `node --test` prints at the end, with its spec reporter or its TAP reporter. */
const NODE_PASSED = /^(?:ℹ|#) pass (\d+)$/gm
const NODE_FAILED = /^(?:ℹ|#) (?:fail|cancelled) (\d+)$/gm
const COLOURS = new RegExp(String.raw`\u001b\[[0-9;]*m`, 'g')

/** The counts in an output; `kind` says whose it is: `cargo`, `node`, or `check` for a step that is one check. */
export function countTests(kind, output, succeeded) {
  const counts = kind === 'check' ? { passed: 1, failed: 0 } : readers[kind](output.replace(COLOURS, ''))
  if (succeeded) return counts
  // A program that fails has at least one failure, also if it never got as far as counting (it did not compile).
  if (kind === 'check') return { passed: 0, failed: 1 }
  return { ...counts, failed: Math.max(counts.failed, 1) }
}

const readers = {
  cargo: (text) => ({ passed: sum(text, CARGO_RESULT, 1), failed: sum(text, CARGO_RESULT, 2) }),
  node: (text) => ({ passed: sum(text, NODE_PASSED, 1), failed: sum(text, NODE_FAILED, 1) }),
}

const sum = (text, pattern, group) =>
  [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[group]), 0)
