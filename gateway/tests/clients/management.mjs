// Calls /@connections with the AWS SDK for JavaScript v3, and prints what it saw as JSON.
//
// Its one argument is JSON too: `endpoint`, `wrong_endpoint`, `access_key_id`, `secret_access_key`, and the
// connection ids `reader` (reads what is posted), `leaver` (is deleted), `sleeper` (reads nothing) and `nobody`
// (never was).

import {
  ApiGatewayManagementApi,
  ForbiddenException,
  GoneException,
  LimitExceededException,
  PayloadTooLargeException,
} from '@aws-sdk/client-apigatewaymanagementapi'

const told = JSON.parse(process.argv[2])
const modelled = { ForbiddenException, GoneException, LimitExceededException, PayloadTooLargeException }

const client = ({
  endpoint = told.endpoint,
  accessKeyId = told.access_key_id,
  secretAccessKey = told.secret_access_key,
} = {}) =>
  new ApiGatewayManagementApi({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey },
    // A retry of a post that was refused for its size or its rate would only hide the first answer.
    maxAttempts: 1,
  })

/** The error of a call, by the class that a handler would name in `instanceof`. */
async function error(call) {
  try {
    await call
    return null
  } catch (error) {
    const type = Object.keys(modelled).find((name) => error instanceof modelled[name]) ?? 'ClientError'
    return { type, code: error.name, status: error.$metadata?.httpStatusCode }
  }
}

async function untilFull(api) {
  const Data = 'x'.repeat(131072)
  for (let n = 0; n < 2000; n++) {
    const refused = await error(api.postToConnection({ ConnectionId: told.sleeper, Data }))
    if (refused) return refused
  }
  return null
}

const api = client()
const { reader, leaver, nobody } = told
const posted = await api.postToConnection({ ConnectionId: reader, Data: 'héllo from node' })
const got = await api.getConnection({ ConnectionId: reader })
const deleted = await api.deleteConnection({ ConnectionId: leaver })
const report = {
  post: posted.$metadata.httpStatusCode,
  get: {
    status: got.$metadata.httpStatusCode,
    source_ip: got.Identity.SourceIp,
    is_date: got.ConnectedAt.getFullYear() > 2000 && got.LastActiveAt >= got.ConnectedAt,
  },
  delete: deleted.$metadata.httpStatusCode,
  post_to_nobody: await error(api.postToConnection({ ConnectionId: nobody, Data: 'x' })),
  get_nobody: await error(api.getConnection({ ConnectionId: nobody })),
  delete_nobody: await error(api.deleteConnection({ ConnectionId: nobody })),
  too_large: await error(api.postToConnection({ ConnectionId: reader, Data: 'x'.repeat(131073) })),
  wrong_stage: await error(
    client({ endpoint: told.wrong_endpoint }).postToConnection({ ConnectionId: reader, Data: 'x' }),
  ),
  full: await untilFull(api),
  wrong_key: await error(client({ accessKeyId: 'AKIDANOTHER' }).getConnection({ ConnectionId: reader })),
  wrong_secret: await error(client({ secretAccessKey: 'another' }).getConnection({ ConnectionId: reader })),
}
console.log(JSON.stringify(report))
