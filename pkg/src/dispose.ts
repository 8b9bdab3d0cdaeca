/// <reference lib="esnext.disposable" preserve="true" />

/** `Symbol.dispose`, or a stand-in where there is none, since a class must not get a method named undefined. */
export const DISPOSE: typeof Symbol.dispose =
  (Symbol as Partial<SymbolConstructor>).dispose ?? (Symbol.for('Symbol.dispose') as typeof Symbol.dispose)
