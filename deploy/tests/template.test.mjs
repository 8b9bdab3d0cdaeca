// What deploy/template.yaml gives to AWS. Looked at as CloudFormation gets it: after SAM's own translator.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const template = join(root, 'deploy/template.yaml')
const python = process.env.EVERWIRE_PYTHON ?? join(root, 'target/python/bin/python')
const transformed = outputOf(python, [join(root, 'deploy/tests/transform.py'), template])
const { Resources: resources, Outputs: outputs, Parameters: parameters } = JSON.parse(transformed)

/** Variables of API Gateway's access logs that hold nothing which a client has put into a URL, a header or a body. */
const LOGGED = [
  'authorizer.principalId',
  'authorizer.status',
  'connectedAt',
  'connectionId',
  'error.responseType',
  'eventType',
  'identity.sourceIp',
  'integration.status',
  'integrationLatency',
  'messageId',
  'requestId',
  'requestTime',
  'routeKey',
  'status',
]

/** Where to push: POST to connections of this API's stage. */
const PUSHES =
  'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/${StageName}/POST/@connections/*'

test('cfn-lint finds nothing to say about the template, as written and as CloudFormation gets it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'everwire-template-'))
  try {
    const made = join(folder, 'transformed.json')
    writeFileSync(made, transformed)
    for (const file of [template, made]) assert.equal(outputOf(join(dirname(python), 'cfn-lint'), [file]), '')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('every function is the one binary, on arm64, and answers before API Gateway stops waiting', () => {
  const functions = ofType('AWS::Lambda::Function')
  assert.deepEqual(Object.keys(functions).sort(), ['AuthorizerFunction', 'RoutesFunction', 'SendFunction'])
  for (const [name, { Architectures, Runtime, Handler, Timeout }] of Object.entries(functions)) {
    assert.deepEqual(
      { Architectures, Runtime, Handler },
      {
        Architectures: ['arm64'],
        Runtime: 'provided.al2023',
        Handler: 'bootstrap',
      },
    )
    if (name !== 'SendFunction') assert.ok(Timeout <= 29, `${name} has ${Timeout} s`)
  }
})

test('every route of the backend is there, and no other', () => {
  const routes = values('AWS::ApiGatewayV2::Route').map(({ RouteKey }) => RouteKey)
  assert.deepEqual(routes.sort(), backendRoutes())
  assert.deepEqual(
    [...resources.Stage.DependsOn].sort(),
    Object.keys(ofType('AWS::ApiGatewayV2::Route')).sort(),
  )
  assert.equal(resources.Api.Properties.RouteSelectionExpression, '$request.body.action')
})

test('only $connect asks the authorizer, and a handshake without a token asks nobody', () => {
  for (const { RouteKey, AuthorizationType, AuthorizerId } of values('AWS::ApiGatewayV2::Route')) {
    const expected = RouteKey === '$connect' ? ['CUSTOM', { Ref: 'Authorizer' }] : ['NONE', undefined]
    assert.deepEqual([AuthorizationType, AuthorizerId], expected, RouteKey)
  }
  const { AuthorizerType, IdentitySource, AuthorizerUri } = resources.Authorizer.Properties
  assert.deepEqual([AuthorizerType, IdentitySource], ['REQUEST', ['route.request.querystring.token']])
  assert.match(text(AuthorizerUri), /\/\$\{AuthorizerFunction\.Arn\}\/invocations$/)
})

test('API Gateway may call a function for the routes that it serves, each by itself', () => {
  const granted = values('AWS::Lambda::Permission').map(({ FunctionName, SourceArn, Principal, Action }) => {
    assert.deepEqual([Principal, Action], ['apigateway.amazonaws.com', 'lambda:InvokeFunction'])
    return `${text(FunctionName)} ${text(SourceArn).replace(/^.*:\$\{Api\}/, '')}`
  })
  const ofRoutes = backendRoutes().map((route) => `RoutesFunction /\${StageName}/${route}`)
  assert.deepEqual(granted.sort(), ['AuthorizerFunction /authorizers/${Authorizer}', ...ofRoutes].sort())
})

test('the authorizer may write its own log, and nothing else', () => {
  assert.deepEqual(permissions('AuthorizerRole'), logs('AuthorizerLogs'))
})

test('the routes may also use the rows of the table and push to connections', () => {
  assert.deepEqual(
    permissions('RoutesRole'),
    [
      ...logs('RoutesLogs'),
      ...onTable(['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query']),
      `execute-api:ManageConnections ${PUSHES}`,
    ].sort(),
  )
})

test('the send function may also push, read who is connected, and forget who is gone', () => {
  assert.deepEqual(
    permissions('SendRole'),
    [
      ...logs('SendLogs'),
      ...onTable(['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:Query']),
      `execute-api:ManageConnections ${PUSHES}`,
    ].sort(),
  )
})

test('no function has more than one role, and no role of a function more than its own policies', () => {
  for (const [name, { Role }] of Object.entries(ofType('AWS::Lambda::Function'))) {
    const role = name.replace('Function', 'Role')
    assert.equal(text(Role), `${role}.Arn`)
    assert.equal(resources[role].Properties.ManagedPolicyArns, undefined)
  }
})

test('no permission is for every action, and none for every resource', () => {
  for (const role of Object.keys(ofType('AWS::IAM::Role'))) {
    for (const permission of permissions(role)) {
      const [action, resource] = permission.split(' ')
      assert.doesNotMatch(action, /\*/)
      assert.doesNotMatch(resource.replace(PUSHES, ''), /\*/)
    }
  }
})

test('access logs hold nothing that can carry the token', () => {
  const { Format } = resources.Stage.Properties.AccessLogSettings
  const variables = [...Format.matchAll(/\$\{?([\w.]+)/g)].map(([, name]) => name.replace(/^context\./, ''))
  assert.deepEqual(variables.sort(), LOGGED)
  assert.doesNotMatch(JSON.stringify(Object.keys(JSON.parse(Format))), /token/i)
})

test('API Gateway writes no log of whole requests', () => {
  const { LoggingLevel, DataTraceEnabled } = resources.Stage.Properties.DefaultRouteSettings
  assert.deepEqual([LoggingLevel, DataTraceEnabled], ['OFF', false])
  assert.equal(resources.Stage.Properties.RouteSettings, undefined)
})

test('the stage is throttled', () => {
  const { ThrottlingRateLimit, ThrottlingBurstLimit } = resources.Stage.Properties.DefaultRouteSettings
  assert.deepEqual(
    [text(ThrottlingRateLimit), text(ThrottlingBurstLimit)],
    ['RequestsPerSecond', 'RequestBurst'],
  )
  assert.ok(parameters.RequestsPerSecond.Default > 0 && parameters.RequestBurst.Default > 0)
})

test('what checks tokens is known to the authorizer alone, and where connections are to the others', () => {
  const variables = (name) => Object.keys(resources[name].Properties.Environment.Variables).sort()
  assert.deepEqual(variables('AuthorizerFunction'), [
    'EVERWIRE_AUDIENCE',
    'EVERWIRE_ISSUER',
    'EVERWIRE_JWKS',
    'EVERWIRE_JWT_ALGORITHM',
    'EVERWIRE_LEEWAY_SECONDS',
    'EVERWIRE_REQUIRED_SCOPE',
    'EVERWIRE_SECRET',
  ])
  for (const name of ['RoutesFunction', 'SendFunction']) {
    assert.deepEqual(variables(name), ['EVERWIRE_ENDPOINT', 'EVERWIRE_STORE'])
    assert.equal(
      text(resources[name].Properties.Environment.Variables.EVERWIRE_STORE),
      'dynamodb://${Connections}',
    )
  }
})

test('the variables of the functions are those that the binary knows', () => {
  const settings = readFileSync(join(root, 'backend/src/settings.rs'), 'utf8')
  const known = new Set([...settings.matchAll(/"(EVERWIRE_\w+)"/g)].map(([, name]) => name))
  for (const { Environment } of values('AWS::Lambda::Function')) {
    for (const name of Object.keys(Environment.Variables)) assert.ok(known.has(name), name)
  }
})

test('the secret itself is nowhere in the template or its parameters', () => {
  const { EVERWIRE_SECRET } = resources.AuthorizerFunction.Properties.Environment.Variables
  const [condition, secret, otherwise] = EVERWIRE_SECRET['Fn::If']
  assert.deepEqual(
    [condition, text(secret), text(otherwise)],
    ['HasSecret', '{{resolve:secretsmanager:${SecretName}}}', 'AWS::NoValue'],
  )
})

test('the table has the keys that the store uses, is paid by request, and forgets what has expired', () => {
  const { KeySchema, AttributeDefinitions, BillingMode, TimeToLiveSpecification } =
    resources.Connections.Properties
  assert.deepEqual(
    KeySchema.map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`),
    ['pk HASH', 'sk RANGE'],
  )
  assert.deepEqual(
    AttributeDefinitions.map(({ AttributeName, AttributeType }) => `${AttributeName} ${AttributeType}`),
    ['pk S', 'sk S'],
  )
  assert.equal(BillingMode, 'PAY_PER_REQUEST')
  assert.deepEqual(TimeToLiveSpecification, { AttributeName: 'ttl', Enabled: true })
})

test('every log is kept for the days that the parameter says, and goes with the stack', () => {
  const groups = Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::Logs::LogGroup')
  assert.equal(groups.length, 4)
  for (const [name, { DeletionPolicy, Properties }] of groups) {
    assert.deepEqual([DeletionPolicy, text(Properties.RetentionInDays)], ['Delete', 'LogRetentionDays'], name)
  }
  for (const [name, { LoggingConfig }] of Object.entries(ofType('AWS::Lambda::Function'))) {
    assert.equal(text(LoggingConfig.LogGroup), name.replace('Function', 'Logs'))
  }
})

test('what the documentation says to type names parameters and outputs that are there', () => {
  const page = readFileSync(join(root, 'docs', 'guide', 'deploy.md'), 'utf8')
  const overrides = [...page.matchAll(/--parameter-overrides ([^\n`]*)/g)].flatMap(([, list]) =>
    [...list.matchAll(/(\w+)=/g)].map(([, name]) => name),
  )
  assert.ok(overrides.length > 0)
  for (const name of overrides) assert.ok(name in parameters, name)
  for (const name of ['Url', 'SendFunctionName']) assert.ok(page.includes(name) && name in outputs, name)
})

/** The output of a program that the set-up has installed; if it fails, so does the test. */
function outputOf(program, args) {
  const env = { ...process.env, AWS_DEFAULT_REGION: 'us-east-1' }
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env })
  if (error) throw new Error(`${program} cannot be started. Run: npm run setup`, { cause: error })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} says:\n${stdout}${stderr}`)
  return stdout
}

/** The properties of the resources of a type, by name. */
function ofType(type) {
  const found = Object.entries(resources).filter(([, { Type }]) => Type === type)
  return Object.fromEntries(found.map(([name, { Properties }]) => [name, Properties]))
}

function values(type) {
  return Object.values(ofType(type))
}

/** A value as text, whether it is given or referred to. */
function text(value) {
  if (value?.Ref) return value.Ref
  if (value?.['Fn::GetAtt']) return [value['Fn::GetAtt']].flat().join('.')
  return value?.['Fn::Sub'] ?? value
}

/** What a role's own policies allow, each as `action resource`. */
function permissions(role) {
  const statements = (resources[role].Properties.Policies ?? []).flatMap(
    ({ PolicyDocument }) => PolicyDocument.Statement,
  )
  const allowed = statements.flatMap(({ Effect, Action, Resource }) => {
    assert.equal(Effect, 'Allow')
    return [Action].flat().flatMap((action) => [Resource].flat().map((to) => `${action} ${text(to)}`))
  })
  return allowed.sort()
}

const logs = (group) =>
  ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => `${action} ${group}.Arn`)
const onTable = (actions) => actions.map((action) => `${action} Connections.Arn`)

/** The route keys that backend/src/routes.rs has handlers for. */
function backendRoutes() {
  const source = readFileSync(join(root, 'backend/src/routes.rs'), 'utf8')
  const keys = [...source.matchAll(/routes\.add\((?:"([^"]+)"|DEFAULT),/g)].map(
    ([, key]) => key ?? '$default',
  )
  assert.ok(keys.length > 0, 'backend/src/routes.rs adds no routes')
  return keys.sort()
}
