/** `maxAttempts` -> `max-attempts`: an option's name as a flag and in the config file. */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace(/(?<=on)(?=\d)/, "-");
}
