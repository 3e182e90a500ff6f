import { type Command } from "commander";

export const SHELLS = ["bash", "zsh"] as const;

/** A script that completes the commands, their options and the words that an argument may be. */
export function completion(shell: (typeof SHELLS)[number], program: Command): string {
  const cases = program.commands.map(
    (command) => `    ${command.name()}) words="${wordsOf(command).join(" ")}" ;;`,
  );
  const names = program.commands.map((command) => command.name());
  const script = `_pg_audit_lab() {
  local words
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    *) words="" ;;
  esac
  if [ "\${COMP_CWORD}" -eq 1 ]; then words="${[...names, "help", "--help"].join(" ")}"; fi
  COMPREPLY=($(compgen -W "\${words}" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _pg_audit_lab lab ./lab`;
  // zsh runs bash's completions by itself.
  return shell === "zsh" ? `autoload -U +X bashcompinit && bashcompinit\n${script}` : script;
}

function wordsOf(command: Command): string[] {
  const options = command.options.flatMap(({ short, long }) => [short, long]);
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const own = [...choices, ...options.filter((word) => word !== undefined), "--help"];
  const words = command.commands.flatMap((part) => [part.name(), ...wordsOf(part)]);
  return [...new Set([...words, ...own])];
}
