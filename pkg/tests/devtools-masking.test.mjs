import assert from 'node:assert/strict'
import { it } from 'node:test'
import { maskedJson, maskedText } from '../dist/devtools/masking.js'

const SECRET = 's3cr3t'
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl'

const hides = (shown) => {
  assert.ok(!shown.includes(SECRET), shown)
  assert.ok(!shown.includes('eyJ'), shown)
  assert.match(shown, /\(hidden\)/)
}

const NAMES = [
  ...['token', 'accessToken', 'tokens', 'secret', 'client_secret', 'password', 'passwd', 'pwd', 'passphrase'],
  ...['Authorization', 'auth', 'authToken', 'cookie', 'Set-Cookie', 'session', 'sessionId', 'jwt', 'sig'],
  ...['privateKey', 'private_key', 'access_key', 'apiKey', 'x-api-key', 'signature', 'credentials'],
]

for (const name of NAMES)
  it(`hides whatever a member called ${name} has`, () => {
    for (const value of [SECRET, [SECRET], [`Bearer ${SECRET}`], { value: SECRET }, 98765])
      assert.equal(maskedJson({ is: 1, [name]: value }), `{"is":1,"${name}":"(hidden)"}`)
  })

it('hides it in JSON inside a string, however deep', () => {
  let message = { token: SECRET }
  for (let depth = 0; depth < 4; depth += 1) {
    message = { body: JSON.stringify(message) }
    hides(maskedJson(message))
    hides(maskedText(JSON.stringify(message)))
  }
  assert.equal(maskedText(`[{"a":1,"password":"${SECRET}"}]`), '[{"a":1,"password":"(hidden)"}]')
})

const TEXTS = [
  `token=${SECRET}`,
  `a token: ${SECRET}`,
  `Authorization: Basic ${SECRET}`,
  `Cookie: a=b; c=${SECRET}`,
  `sent with Bearer ${SECRET}`,
  `see ${JWT}`,
  `/path?sig=a&access_token=${SECRET}`,
  `token%3D${SECRET}`,
  `wss://user:${SECRET}@host/x`,
  `wss://host/x?t=${SECRET}`,
  `https://h/p?sig=a'b&sig2=${SECRET}`,
  `https://h/p#${SECRET}`,
  `{"a":1,"token":"${SECRET}`,
  `{"a":1,"tokens":["a","${SECRET}`,
  `{'password': '${SECRET}'`,
  `cut off: "{\\"token\\":\\"${SECRET}\\"`,
]

for (const text of TEXTS)
  it(`hides it in the text ${text}`, () => {
    hides(maskedText(text))
    hides(maskedJson({ text }))
    hides(maskedJson([text], 2))
  })

it('hides a token that is a name', () => {
  hides(maskedJson({ [JWT]: 1 }))
})

it('leaves everything else as it is', () => {
  const message = {
    action: 'notification',
    author: 'alice',
    design: 'a signal',
    missing: { token: null },
    at: 'https://example.com/a/b',
    text: 'One: two; the meeting of the authors is at 10:30, see [1]',
    list: [1, true, null, 'a=b'],
  }
  assert.equal(maskedJson(message), JSON.stringify(message))
  assert.equal(maskedJson(undefined), undefined)
})

it('takes time in proportion to the length', { timeout: 60_000 }, () => {
  // So long that what takes quadratic time would not end before the limit of the test.
  const size = 2 * 1024 * 1024
  const units = [
    'prose ',
    '"',
    'token',
    'token-',
    'token"',
    'token ',
    'eyJ',
    'Bearer ',
    '://',
    'a',
    '\\',
    '[',
  ]
  units.push('{"a":', 'token:"\\"', 'cookie', 'cookie:', "'", ' ')
  for (const unit of units) {
    const text = unit.repeat(size / unit.length)
    assert.ok(maskedText(text).length > 0, unit)
  }
})
