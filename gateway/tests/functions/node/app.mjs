/* global awslambda -- what the runtime client adds */
// A function as it is deployed: what API Gateway asks of an authorizer and of routes.

if (process.env.START === 'crash') throw new Error('no database')

export async function handler(event, context) {
  if (event.type === 'REQUEST') return authorize(event)
  if (event.requestContext.eventType === 'MESSAGE') return onMessage(JSON.parse(event.body), context)
  return { statusCode: 200 }
}

function authorize(event) {
  const effect = { good: 'Allow', known: 'Deny' }[event.queryStringParameters.token]
  if (effect === undefined) throw new Error('Unauthorized')
  const statement = { Action: 'execute-api:Invoke', Effect: effect, Resource: event.methodArn }
  return { principalId: 'alice', policyDocument: { Version: '2012-10-17', Statement: [statement] } }
}

async function onMessage(message, context) {
  return { statusCode: 200, body: JSON.stringify((await act(message, context)) ?? null) }
}

function act(message, context) {
  switch (message.action) {
    case 'echo':
      return message.data
    case 'pid':
      return process.pid
    case 'say':
      return console.log(message.data)
    case 'context':
      return {
        function: context.functionName,
        arn: context.invokedFunctionArn,
        request: context.awsRequestId,
        left_ms: context.getRemainingTimeInMillis(),
        trace: process.env._X_AMZN_TRACE_ID,
      }
    case 'huge':
      return 'x'.repeat(7 * 1024 * 1024)
    case 'exit':
      return process.exit(message.code)
    case 'abort':
      return process.abort()
    case 'hang':
      return new Promise((resolve) => setTimeout(resolve, 600_000))
    default:
      throw new Error('unknown action')
  }
}

// The same as a stream. The head is sent before it is known whether there is a body.
export const stream = awslambda.streamifyResponse(async (event, responseStream, context) => {
  responseStream.write('{"statusCode": 200,')
  const { body } = await handler(event, context)
  responseStream.write(` "body": ${JSON.stringify(body)}}`)
  responseStream.end()
})
