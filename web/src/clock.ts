/** The server's clock: pages carry its time, so ages are right on a computer whose own clock is not. */
const told = document.querySelector<HTMLMetaElement>('meta[name="plateward-now"]')?.content;
const skew = told ? Number(told) * 1000 - Date.now() : 0;

/** Milliseconds since 1970 by the server's clock. */
export const serverNow = (): number => Date.now() + skew;
