export const SHELLS = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof SHELLS)[number];

/** Where each shell looks for completions, as the command that puts it there. */
export const INSTALL: Readonly<Record<Shell, string>> = {
  bash: "echo 'eval \"$(llm-batch completion bash)\"' >> ~/.bashrc",
  zsh: "echo 'source <(llm-batch completion zsh)' >> ~/.zshrc   # after compinit",
  fish: "llm-batch completion fish > ~/.config/fish/completions/llm-batch.fish",
};

export const INSTALL_HELP = `Install it once, then start a new shell:\n${SHELLS.map(
  (shell) => `  ${INSTALL[shell]}`,
).join("\n")}`;
