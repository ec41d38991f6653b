/** What no terminal is shown of strangers' text: control characters, and those that turn its direction. */
export const UNFIT = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
