// The authorizer.
import { createHmac, timingSafeEqual } from 'node:crypto'

/** Lets in whoever brings a token that is signed and has not expired. */
export async function authorizer(event) {
  const claims = verified(event.queryStringParameters.token)
  if (!claims) throw new Error('Unauthorized')
  const statement = { Action: 'execute-api:Invoke', Effect: 'Allow', Resource: event.methodArn }
  return {
    principalId: claims.sub,
    policyDocument: { Version: '2012-10-17', Statement: [statement] },
  }
}

/** The claims of a JWT (HS256), or undefined if it is not good. */
function verified(token) {
  const [header, payload, signature] = token.split('.')
  const expected = createHmac('sha256', process.env.JWT_SECRET).update(`${header}.${payload}`).digest()
  const given = Buffer.from(signature ?? '', 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
  const claims = JSON.parse(Buffer.from(payload, 'base64url'))
  return claims.exp > Date.now() / 1000 ? claims : undefined
}
