import { createElement, useCallback, useLayoutEffect } from 'react'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import useWebSocketModule from 'react-use-websocket'

// A CommonJS package: how its default export arrives depends on the bundler.
const useWebSocket = useWebSocketModule.default ?? useWebSocketModule

/** As the README shows. */
const DOCUMENTED = {
  shouldReconnect: () => true,
  reconnectAttempts: 10,
  reconnectInterval: (attempt) => Math.min(Math.pow(2, attempt) * 1000, 10_000),
  retryOnError: true,
  heartbeat: true,
}

export function make({ url, token, variant, heartbeat }, say) {
  const options = {
    ...(variant === 'documented' && DOCUMENTED),
    ...(variant === 'documented' && heartbeat && { heartbeat: heartbeatOf(heartbeat) }),
    onOpen: () => say('open'),
    onClose: ({ code, wasClean }) => say('close', { code, wasClean }),
    onError: () => say('error', { says: 'error' }),
    onReconnectStop: () => say('error', { says: 'gave up' }),
  }
  const getUrl = async () => `${url}?token=${await token()}`
  let hook
  function User({ connect }) {
    hook = useWebSocket(getUrl, options, connect)
    const { lastMessage, lastJsonMessage } = hook
    useLayoutEffect(() => {
      if (lastMessage) say('message', { message: lastJsonMessage, text: lastMessage.data })
    }, [lastMessage, lastJsonMessage])
    return null
  }
  const root = createRoot(document.body.appendChild(document.createElement('div')))
  const render = (connect) => flushSync(() => root.render(createElement(User, { connect })))
  return {
    open: () => render(true),
    close: () => render(false),
    send: (message) => hook.sendMessage(JSON.stringify(message)),
    get isOpen() {
      return hook?.readyState === 1
    },
  }
}

/** Its timeout counts from the last message, as its interval does. */
const heartbeatOf = ({ everyMs, timeoutMs }) => ({ interval: everyMs, timeout: everyMs + timeoutMs })

export function Component({ url, token }) {
  const getUrl = useCallback(async () => `${url}?token=${await token()}`, [url, token])
  useWebSocket(getUrl)
  return null
}
