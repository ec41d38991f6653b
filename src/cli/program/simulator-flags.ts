import { type Command, Option } from "commander";
import { SIMULATOR_SETTINGS, type SimulatorSetting } from "../../simulator/settings.ts";

/** The simulator's settings as flags of a command. */
export function simulatorFlags(command: Command): Command {
  for (const [name, setting] of Object.entries(SIMULATOR_SETTINGS) as [string, SimulatorSetting<unknown>][]) {
    const flag = new Option(
      `--${name} <value>`,
      `${setting.description}: ${setting.form} (default: ${setting.default})`,
    );
    if (setting.repeats) flag.argParser((value: string, before?: string[]) => [...(before ?? []), value]);
    command.addOption(flag);
  }
  return command;
}
