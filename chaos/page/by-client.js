/**
 * Whether whoever called is the client. Browsers' drivers run code in the page, too, which sets timers of its own; so
 * the client's scripts have a folder of their own, by which the stack tells them.
 */
export const byClient = () => new Error().stack.includes('/client/')
