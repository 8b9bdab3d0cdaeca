// The route `echo`, in Node: sends a message back as it came.
import {
  ApiGatewayManagementApiClient,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi'

/** Clients by endpoint: each keeps its sockets open for the next post. */
const clients = new Map()

export async function handler(event) {
  const { connectionId, domainName, stage } = event.requestContext
  const message = JSON.parse(event.body)
  const answer = { action: 'echo', id: message.id, message }
  try {
    await clientFor(process.env.ENDPOINT ?? `https://${domainName}/${stage}`).send(
      new PostToConnectionCommand({ ConnectionId: connectionId, Data: JSON.stringify(answer) }),
    )
  } catch (error) {
    // The client left before its answer came: nobody is left to tell.
    if (!(error instanceof GoneException)) throw error
  }
  return { statusCode: 200 }
}

function clientFor(endpoint) {
  if (!clients.has(endpoint)) clients.set(endpoint, new ApiGatewayManagementApiClient({ endpoint }))
  return clients.get(endpoint)
}
