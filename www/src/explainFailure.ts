import { isAxiosError } from 'axios'
import { GATEWAY_ORIGIN } from './gateway.js'

/** Why a call to the gateway failed, and what to do. Says nothing it does not know: errors may hold tokens. */
export function explainFailure(error: unknown): string {
  if (!isAxiosError(error)) return 'That did not work: no fresh token could be had. Is the gateway running?'
  if (!error.response) return `The gateway does not answer at ${GATEWAY_ORIGIN}. npm start runs it.`
  const answer: unknown = error.response.data
  if (typeof answer === 'object' && answer !== null && 'message' in answer) return String(answer.message)
  return `The gateway answered ${error.response.status}.`
}
