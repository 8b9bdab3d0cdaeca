import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkPage } from '../code/check.mjs'

const page = (...lines) => lines.join('\n')

/** What is wrong with a page of these lines. */
const problemsOf = (...lines) => checkPage('page.md', page(...lines)).problems

describe('a block of TypeScript', () => {
  it('is told by file, line and column when it does not compile', () => {
    const [problem, ...others] = problemsOf(
      '# Title',
      '',
      '```ts',
      'const n: number = 1',
      "n.title = 'a'",
      '```',
    )
    assert.match(problem, /^page\.md:5:3: Property 'title' does not exist/)
    assert.deepEqual(others, [])
  })

  it('is checked against the types of the package', () => {
    const [problem] = problemsOf(
      '```tsx',
      "import { useMessage } from 'everwire/react'",
      'useMessage(7)',
      '```',
    )
    assert.match(problem, /^page\.md:3:\d+: /)
  })

  it('is told when it does not parse', () => {
    assert.match(problemsOf('```ts', 'const = 1', '```')[0], /^page\.md:2:7: /)
  })

  it('knows nothing of another block of its page', () => {
    const problems = problemsOf('```ts', 'const a = 1', '```', '', '```ts', 'show(a)', '```')
    assert.match(problems[0], /^page\.md:6:6: Cannot find name 'a'/)
  })

  it('goes on where the one before ended if it says so', () => {
    assert.deepEqual(problemsOf('```ts', 'const a = 1', '```', '', '```ts continues', 'show(a)', '```'), [])
  })

  it('can be imported by the name in its first line', () => {
    const [one, other] = [
      ['```ts', '// one.ts', 'export const a = 1', '```', ''],
      ['```ts', "import { a } from './one'", 'const b: string = a', 'show(b)', '```'],
    ]
    assert.match(problemsOf(...one, ...other)[0], /^page\.md:8:7: Type 'number' is not assignable/)
  })

  it('may use what a comment above declares as given, and nothing else', () => {
    const use = ['```ts', 'show(userId)', '```']
    assert.deepEqual(problemsOf('<!-- given', 'declare const userId: string', '-->', '', ...use), [])
    assert.match(problemsOf(...use)[0], /^page\.md:2:6: Cannot find name 'userId'/)
  })

  it('may not be declared to an app that it stands apart from', () => {
    const declared = ["import type {} from 'everwire'", "declare module 'everwire' {"].concat(
      '  interface Messages { outgoing: { action: "a" } }',
      '}',
    )
    const send = ['```ts', "import WSClient from 'everwire'"].concat(
      "void new WSClient({ url: 'wss://example.com' }).send({ action: 'b' })",
      '```',
    )
    assert.equal(problemsOf('```ts', ...declared, '```', '', ...send).length, 1)
    assert.deepEqual(problemsOf('```ts apart', ...declared, '```', '', ...send), [])
  })

  it('is found in HTML, too', () => {
    const html = ['```html', '<script type="module">', '  missing()', '</script>', '```']
    assert.match(problemsOf(...html)[0], /^page\.md:3:3: Cannot find name 'missing'/)
  })

  it('is found in doc comments, where it stands', () => {
    const source = [
      '/**',
      ' * Does it.',
      ' *',
      ' * @example',
      ' * ```ts',
      ' * missing()',
      ' * ```',
      ' */',
      '',
    ]
    const { problems } = checkPage('source.ts', page(...source))
    assert.match(problems[0], /^source\.ts:6:\d+: Cannot find name 'missing'/)
  })
})

describe('no block is passed over', () => {
  it('whose language is unknown', () => {
    assert.match(problemsOf('```cobol', 'STOP RUN', '```')[0], /^page\.md:2: blocks of "cobol" are not known/)
    assert.match(problemsOf('```', 'x', '```')[0], /^page\.md:2: blocks of "" are not known/)
  })

  it('whose mark is misspelt', () => {
    assert.throws(
      () => problemsOf('```ts continued', 'x', '```'),
      /^Error: page\.md:1: "continued" is none of/,
    )
  })

  it('without a reason, which is counted and shown', () => {
    assert.throws(
      () => problemsOf('```ts unchecked', 'x', '```'),
      /^Error: page\.md:1: "unchecked" needs its reason/,
    )
    const { problems, unchecked } = checkPage('page.md', page('```ts unchecked: a sketch', 'x y', '```'))
    assert.deepEqual({ problems, unchecked }, { problems: [], unchecked: ['page.md:2: a sketch'] })
  })

  it('of a doc comment that has no fence', () => {
    const source = page('/**', ' * @example', ' * missing()', ' */', '')
    assert.throws(() => checkPage('source.ts', source), /^Error: source\.ts:2: after @example, begin a block/)
  })
})

describe('a block of another kind', () => {
  it('has to parse', () => {
    assert.match(problemsOf('```json', '{ a: 1 }', '```')[0], /^page\.md:2: /)
    assert.match(problemsOf('```toml', 'a = ', '```')[0], /^page\.md:2: /)
    assert.match(problemsOf('```text frames', '→ {"a":1', '```')[0], /^page\.md:2: /)
    assert.match(problemsOf('```text frames', '{"a":1}', '```')[0], /begins with → or ←/)
  })

  it('calls only scripts that there are', () => {
    assert.deepEqual(problemsOf('Say `npm run build`.'), [])
    assert.match(problemsOf('Say `npm run dev`.')[0], /^page\.md:1: package\.json has no script/)
    assert.deepEqual(checkPage('examples/README.md', 'In an app: `npm run dev`.').problems, [])
    assert.match(
      problemsOf('', '```sh', 'npm run biuld', '```')[0],
      /^page\.md:3: package\.json has no script/,
    )
    assert.match(problemsOf('```sh', 'node scripts/biuld.mjs', '```')[0], /there is no scripts\/biuld\.mjs/)
  })

  it('quotes Rust that is compiled', () => {
    const from = 'backend/examples/chat.rs'
    assert.deepEqual(problemsOf(`\`\`\`rust from=${from}`, 'struct Say {', '    to: Vec<String>,', '```'), [])
    assert.match(
      problemsOf(`\`\`\`rust from=${from}`, 'struct Says {', '```')[0],
      /does not have these lines/,
    )
    assert.match(problemsOf('```rust', 'struct Say {', '```')[0], /say which compiled file/)
  })
})
