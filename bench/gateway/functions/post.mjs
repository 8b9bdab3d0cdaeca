// The route that answers through `/@connections`. Apart from the others, which need not load AWS's SDK.
import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi'
import { answerTo } from './answer.mjs'

const client = new ApiGatewayManagementApiClient({ endpoint: process.env.ENDPOINT })

/** The route `post`. */
export async function post(event) {
  const { connectionId } = event.requestContext
  await client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: answerTo(event) }))
  return { statusCode: 200 }
}
